package dev.scepsy.planner.cli;

import dev.scepsy.planner.file.Addresses;
import dev.scepsy.planner.file.Problem;
import dev.scepsy.planner.file.WholeFile;
import dev.scepsy.planner.receive.Rotation;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** What {@code record} is told: where to listen, what to write, whom to pass it on to, when to stop. */
final class RecordOptions {

    private static final String VERB = "scepsy record";
    private static final String OFF = "off";
    private static final Pattern SIZE = Pattern.compile("(\\d{1,12})\\s*([KMG]i?B|B)?", Pattern.CASE_INSENSITIVE);

    @Option(
            names = "--out",
            required = true,
            paramLabel = "FILE",
            description = "File for the traces: OTLP JSON, one request a line. An existing file is appended to.")
    Path out = Path.of("traces.jsonl");

    @Option(
            names = "--grpc",
            paramLabel = "HOST:PORT",
            defaultValue = "127.0.0.1:4317",
            description = "Address to listen on for OTLP/gRPC, or off; either port takes both protocols (default:"
                    + " ${DEFAULT-VALUE}).")
    private String grpc = "127.0.0.1:4317";

    @Option(
            names = "--http",
            paramLabel = "HOST:PORT",
            defaultValue = "127.0.0.1:4318",
            description = "Address to listen on for OTLP/HTTP, or off (default: ${DEFAULT-VALUE}).")
    private String http = "127.0.0.1:4318";

    @Option(
            names = "--forward",
            paramLabel = "URL",
            description = "Pass every request on unchanged to this OTLP/HTTP endpoint too (Jaeger, a collector),"
                    + " such as http://localhost:14318. May be repeated.")
    private List<String> forward = List.of();

    @Option(names = "--gzip", description = "Compress the file (default: where the name of FILE ends in .gz).")
    private boolean gzip;

    @Option(
            names = "--rotate-size",
            paramLabel = "SIZE",
            description = "Rotate the file, to a name with the time, before it grows above this, such as 100MiB"
                    + " (default: never).")
    private @Nullable String rotateSize;

    @Option(
            names = "--rotate-age",
            paramLabel = "TIME",
            description = "Rotate the file when it is this old, such as 1h (default: never).")
    private @Nullable String rotateAge;

    @Option(
            names = "--keep",
            paramLabel = "N",
            description = "Number of rotated files to keep; older ones are deleted (default: all).")
    private @Nullable Integer keep;

    @Option(
            names = "--for",
            paramLabel = "TIME",
            description = "Stop after this time, such as 10m (default: when told to).")
    private @Nullable String duration;

    @Option(
            names = "--spans",
            paramLabel = "N",
            description = "Stop when this many spans are written (default: when told to).")
    private @Nullable Long spans;

    private final List<Problem> problems = new ArrayList<>();

    /**
     * The options, checked.
     *
     * @param addresses to listen on, gRPC's first; at least one
     * @param endpoints to pass requests on to
     * @param stopAfter empty: only when told to
     * @param stopAtSpans empty: only when told to
     */
    record Checked(
            List<InetSocketAddress> addresses,
            List<URI> endpoints,
            boolean gzip,
            Rotation rotation,
            Optional<Duration> stopAfter,
            OptionalLong stopAtSpans) {}

    /** What was given, with all that is wrong with it in {@code found}. */
    Checked check(List<Problem> found) {
        List<InetSocketAddress> addresses = new ArrayList<>();
        address("--grpc", grpc).ifPresent(addresses::add);
        address("--http", http).ifPresent(addresses::add);
        if (addresses.isEmpty() && problems.isEmpty()) {
            problem("", "With --grpc off and --http off there is nothing to listen on.");
        }
        if (addresses.size() == 2
                && addresses.get(0).equals(addresses.get(1))
                && addresses.get(0).getPort() != 0) {
            // each port takes both
            addresses.remove(1);
        }
        WholeFile.missingFolder(out).ifPresent(missing -> problem("--out", missing));
        List<URI> endpoints = new ArrayList<>();
        for (String url : forward) {
            endpoint(url, addresses).ifPresent(endpoints::add);
        }
        Rotation rotation = new Rotation(
                rotateSize == null ? OptionalLong.empty() : size(rotateSize),
                rotateAge == null ? Optional.empty() : time("--rotate-age", rotateAge),
                keep == null ? OptionalInt.empty() : OptionalInt.of(keep));
        if (keep != null && keep < 0) {
            problem("--keep", "The number of files (" + keep + ") must be 0 or more.");
        }
        if (keep != null && rotateSize == null && rotateAge == null) {
            problem("--keep", "Nothing is set aside without --rotate-size or --rotate-age; give one of them.");
        }
        Optional<Duration> stopAfter = duration == null ? Optional.empty() : time("--for", duration);
        if (spans != null && spans < 1) {
            problem("--spans", "The number of spans (" + spans + ") must be at least 1.");
        }
        found.addAll(problems);
        boolean packed = gzip || out.toString().endsWith(".gz");
        OptionalLong stopAtSpans = spans == null ? OptionalLong.empty() : OptionalLong.of(spans);
        return new Checked(List.copyOf(addresses), endpoints, packed, rotation, stopAfter, stopAtSpans);
    }

    private Optional<InetSocketAddress> address(String option, String text) {
        if (text.equals(OFF)) {
            return Optional.empty();
        }
        return Addresses.listened(text, "127.0.0.1:4317, or off", sentence -> problem(option, sentence));
    }

    private Optional<URI> endpoint(String text, List<InetSocketAddress> addresses) {
        return Addresses.forwarded(text, addresses, "this command", sentence -> problem("--forward", sentence));
    }

    private OptionalLong size(String text) {
        Matcher matcher = SIZE.matcher(text.strip());
        if (matcher.matches()) {
            String unit = matcher.group(2) == null ? "" : matcher.group(2).toUpperCase(Locale.ROOT);
            long base = unit.contains("I") ? 1024 : 1000;
            long factor = switch (unit.isEmpty() ? 'B' : unit.charAt(0)) {
                case 'K' -> base;
                case 'M' -> base * base;
                case 'G' -> base * base * base;
                default -> 1;
            };
            long bytes = Long.parseLong(matcher.group(1)) * factor;
            if (bytes > 0) {
                return OptionalLong.of(bytes);
            }
        }
        problem("--rotate-size", "The size (" + text + ") must be like 100MiB or 1GiB, and above 0.");
        return OptionalLong.empty();
    }

    private Optional<Duration> time(String option, String text) {
        try {
            String upper = text.strip().toUpperCase(Locale.ROOT);
            Duration time = Duration.parse(upper.startsWith("P") ? upper : "PT" + upper);
            if (!time.isNegative() && !time.isZero()) {
                return Optional.of(time);
            }
        } catch (DateTimeParseException e) {
            // told below, together with times that are none
        }
        problem(option, "The time (" + text + ") must be like 90s, 30m or 2h, and above 0.");
        return Optional.empty();
    }

    private void problem(String option, String message) {
        problems.add(new Problem(VERB, option, 0, 0, message));
    }
}
