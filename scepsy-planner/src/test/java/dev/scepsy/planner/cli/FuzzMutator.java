package dev.scepsy.planner.cli;

import dev.scepsy.planner.file.OddText;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.zip.GZIPOutputStream;

/** Changes a file as people, programs, spreadsheets and disks do: values of its tree, or its bytes. */
final class FuzzMutator {

    /**
     * A changed file.
     *
     * @param nonsense whether no reader may take it: a number that its format rules out stands where a number must
     */
    record Mutant(byte[] bytes, String change, boolean nonsense) {}

    private static final String[] NUMBERS = {
        "0",
        "-0.0",
        "1",
        "-1",
        "2",
        "7",
        "1.5",
        "0.3",
        "0.9999999999999999",
        "1.0000000000000002",
        "1e-9",
        "1e-300",
        "4.9e-324",
        "1e6",
        "1e12",
        "1e15",
        "1.0000000001e15",
        "1e100",
        "1e308",
        "-1e308",
        "1e309",
        "1e-400",
        "1e999999999",
        "2147483647",
        "2147483648",
        "4294967296",
        "9007199254740993",
        "9223372036854775807",
        "9223372036854775808",
        "18446744073709551616",
        "-9223372036854775809",
        "81559",
        "0.08",
        "3.35",
        "100000"
    };
    private static final String[] NEVER = {
        "-1",
        "-1e308",
        "-0.5",
        "1e309",
        "\"4\"",
        "\"80GiB\"",
        "\"\"",
        "[4, 4]",
        "[]",
        "{}",
        "true",
        "NaN",
        ".nan",
        "-Infinity",
        "\"1,5\"",
        "null",
        "-9223372036854775809"
    };
    private static final String[] TEXTS = {
        "",
        " ",
        "a",
        "H100",
        "generator",
        "../../etc/passwd",
        "a/b",
        "-lead",
        "a\nb",
        "a,b",
        "\"quoted\"",
        "it's",
        "a: b # c",
        "{{ .Values.x }}",
        "$(reboot)",
        "%s%n%d",
        "\u0000",
        "\ud83d\ude00",
        "\ud800",
        "e\u0301",
        "\u202e",
        "\uFEFF",
        "\u2028",
        "Ünïcödé",
        "null",
        "true",
        "1e5",
        "01",
        "~",
        "=1+1",
        "&a",
        "*a",
        "<<",
        "!!int 1",
        "2026-11-29",
        "x".repeat(300)
    };
    private static final byte[] BOM = {(byte) 0xef, (byte) 0xbb, (byte) 0xbf};

    private final Random random;

    FuzzMutator(Random random) {
        this.random = random;
    }

    /** @param sound whether every number of {@code seed} must be a finite one of at least 0 */
    Mutant mutated(byte[] seed, boolean sound) {
        String text = new String(seed, StandardCharsets.UTF_8);
        boolean tree =
                text.stripLeading().startsWith("{") || text.stripLeading().startsWith("[");
        return tree && random.nextInt(10) < 7 ? inTree(text, sound) : inBytes(seed);
    }

    private Mutant inTree(String text, boolean sound) {
        // of lines one is changed
        List<String> lines = text.lines().toList();
        int line = lines.size() > 1 && lines.get(1).startsWith("{") ? random.nextInt(lines.size()) : -1;
        FuzzTree tree = FuzzTree.of(line < 0 ? text : lines.get(line));
        String change = "";
        boolean nonsense = false;
        for (int changes = random.nextInt(4) == 0 ? 2 : 1; changes > 0; changes--) {
            List<FuzzTree.Place> places = tree.places();
            if (places.isEmpty()) {
                break;
            }
            FuzzTree.Place place = places.get(random.nextInt(places.size()));
            boolean number = place.entry().value.number();
            if (sound && number && changes == 1 && random.nextInt(3) == 0) {
                String never = pick(NEVER);
                place.entry().value = FuzzTree.Node.written(never);
                // of an overloaded plan the rest of a model's capacity is below zero
                nonsense = change.isEmpty()
                        && !(place.path().endsWith("maxThroughputPerSecond")
                                && (never.startsWith("-") || never.equals("null")))
                        && !(never.equals("null") && place.path().matches(".*/(targetPerSecond|latencySeconds)"));
                change += place.path() + " = " + never;
            } else {
                change += place.path() + " " + changed(place) + "; ";
            }
        }
        String changed = tree.toString();
        if (line >= 0) {
            StringBuilder all = new StringBuilder();
            for (int i = 0; i < lines.size(); i++) {
                all.append(i == line ? changed : lines.get(i)).append('\n');
            }
            changed = all.toString();
        }
        return new Mutant(changed.getBytes(StandardCharsets.UTF_8), change, nonsense);
    }

    private String changed(FuzzTree.Place place) {
        FuzzTree.Entry entry = place.entry();
        List<FuzzTree.Entry> all = place.parent().entries;
        int kind = random.nextInt(entry.value.scalar == null ? 10 : 14);
        switch (kind) {
            case 0 -> all.remove(place.index());
            case 1 -> all.add(random.nextInt(all.size() + 1), entry.copy());
            case 2 -> entry.key = random.nextBoolean() ? pick(TEXTS) : entry.key + "s";
            case 3 ->
                entry.value = FuzzTree.Node.written(
                        random.nextBoolean()
                                ? "[".repeat(300) + "]".repeat(300)
                                : "{\"a\":".repeat(300) + "1" + "}".repeat(300));
            case 4 ->
                entry.value =
                        FuzzTree.Node.written(pick(new String[] {"null", "true", "{}", "[]", "[[]]", "{\"a\": {}}"}));
            case 5 -> {
                FuzzTree.Entry other = all.get(random.nextInt(all.size()));
                FuzzTree.Node value = other.value;
                other.value = entry.value;
                entry.value = value;
            }
            case 6 -> {
                for (int i = random.nextInt(40); i > 0; i--) {
                    all.add(entry.copy());
                }
            }
            case 7 -> {
                FuzzTree.Node list = new FuzzTree.Node();
                list.entries.add(new FuzzTree.Entry("", entry.value));
                entry.value = list;
            }
            case 8 ->
                entry.value =
                        FuzzTree.Node.written(FuzzTree.quoted("y".repeat(random.nextInt(50) == 0 ? 1 << 20 : 5000)));
            case 9 ->
                entry.value = FuzzTree.Node.written(
                        random.nextInt(10) == 0 ? "9".repeat(random.nextInt(5) == 0 ? 1 << 20 : 2000) : pick(NUMBERS));
            case 10 -> entry.value = FuzzTree.Node.written(FuzzTree.quoted(pick(TEXTS)));
            case 11, 12 ->
                entry.value = FuzzTree.Node.written(
                        entry.value.number() ? scaled(entry.value.scalar) : FuzzTree.quoted(pick(TEXTS)));
            default ->
                entry.value =
                        FuzzTree.Node.written(entry.value.number() ? pick(NUMBERS) : FuzzTree.quoted(pick(TEXTS)));
        }
        String now = entry.value.scalar == null ? "" : entry.value.scalar;
        return kind + " " + entry.key + "=" + now.substring(0, Math.min(40, now.length()));
    }

    /** A little or a thousand times more or less: often legal still. */
    private String scaled(String number) {
        double scaled = Double.parseDouble(number)
                * Math.pow(10, random.nextInt(7) - 3)
                * (random.nextBoolean() ? 1 : random.nextDouble());
        return scaled == Math.rint(scaled) && Math.abs(scaled) < 1e15
                ? Long.toString((long) scaled)
                : Double.toString(scaled);
    }

    private Mutant inBytes(byte[] seed) {
        byte[] bytes = seed.clone();
        StringBuilder change = new StringBuilder();
        for (int changes = random.nextInt(4); changes >= 0; changes--) {
            int at = bytes.length == 0 ? 0 : random.nextInt(bytes.length);
            int end = Math.min(bytes.length, at + 1 + random.nextInt(60));
            int kind = random.nextInt(12);
            change.append("bytes ").append(kind).append(" at ").append(at).append("; ");
            switch (kind) {
                case 0 -> bytes = Arrays.copyOf(bytes, at);
                case 1 -> bytes = joined(Arrays.copyOf(bytes, at), Arrays.copyOfRange(bytes, end, bytes.length));
                case 2, 3, 4 ->
                    bytes = joined(
                            Arrays.copyOf(bytes, at),
                            pick(OddText.bits()).getBytes(StandardCharsets.UTF_8),
                            Arrays.copyOfRange(bytes, at, bytes.length));
                case 5 -> bytes = joined(Arrays.copyOf(bytes, end), Arrays.copyOfRange(bytes, at, bytes.length));
                case 6, 7 -> {
                    if (bytes.length > 0) {
                        bytes[at] ^= (byte) (1 << random.nextInt(8));
                    }
                }
                case 8 -> bytes = joined(BOM, bytes);
                case 9 ->
                    bytes = new String(bytes, StandardCharsets.UTF_8)
                            .replace("\n", "\r\n")
                            .getBytes(StandardCharsets.UTF_8);
                case 10 ->
                    bytes = ("\uFEFF" + new String(bytes, StandardCharsets.UTF_8))
                            .getBytes(random.nextBoolean() ? StandardCharsets.UTF_16LE : StandardCharsets.UTF_16BE);
                default -> bytes = digitsChanged(bytes);
            }
        }
        return new Mutant(bytes, change.toString(), false);
    }

    /** One number becomes another: what a typing error leaves legal JSON and YAML. */
    private byte[] digitsChanged(byte[] bytes) {
        String text = new String(bytes, StandardCharsets.UTF_8);
        List<int[]> numbers = java.util.regex.Pattern.compile("(?<=[ :\\[,])-?[0-9][0-9.eE+-]*(?=[,}\\]\\s])")
                .matcher(text)
                .results()
                .map(match -> new int[] {match.start(), match.end()})
                .toList();
        if (numbers.isEmpty()) {
            return bytes;
        }
        int[] place = numbers.get(random.nextInt(numbers.size()));
        return (text.substring(0, place[0]) + pick(NUMBERS) + text.substring(place[1]))
                .getBytes(StandardCharsets.UTF_8);
    }

    /** Packed, and sometimes damaged after. */
    byte[] packed(byte[] bytes) {
        ByteArrayOutputStream packed = new ByteArrayOutputStream();
        try (GZIPOutputStream gzip = new GZIPOutputStream(packed)) {
            gzip.write(bytes);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        byte[] all = packed.toByteArray();
        return switch (random.nextInt(4)) {
            case 0 -> Arrays.copyOf(all, random.nextInt(all.length));
            case 1 -> {
                all[random.nextInt(all.length)] ^= (byte) (1 << random.nextInt(8));
                yield all;
            }
            default -> all;
        };
    }

    /** What an option may be given. */
    String argument() {
        return switch (random.nextInt(3)) {
            case 0 -> pick(NUMBERS);
            case 1 -> pick(TEXTS).replace("\u0000", "");
            default ->
                pick(new String[] {
                    "NaN",
                    "Infinity",
                    "1d",
                    "0x10",
                    "1f",
                    "-1",
                    "1,5",
                    "10s",
                    "PT1H",
                    "a=1",
                    "a=-1",
                    "w=1e400",
                    "/",
                    ".",
                    "http://",
                    "http://[",
                    "jaeger:x",
                    "load*2",
                    "load*NaN",
                    "gpus+9999999999",
                    "without=w",
                    "\ud83d\ude00=1"
                });
        };
    }

    int below(int bound) {
        return random.nextInt(bound);
    }

    private String pick(String[] choices) {
        return choices[random.nextInt(choices.length)];
    }

    private static byte[] joined(byte[]... parts) {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        for (byte[] part : parts) {
            all.writeBytes(part);
        }
        return all.toByteArray();
    }
}
