package dev.scepsy.planner.file;

import java.math.BigDecimal;
import java.math.RoundingMode;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The kinds of value that {@code serve.yaml} has and other files have not: times, addresses, files beside it. */
final class ServeValues {

    private static final Pattern TIME = Pattern.compile("(?:(\\d{1,9}(?:\\.\\d{1,9})?)(ms|s|m|h|d))"
            + "(?:(\\d{1,9}(?:\\.\\d{1,9})?)(ms|s|m|h))?(?:(\\d{1,9}(?:\\.\\d{1,9})?)(ms|s|m))?");

    private final Path folder;

    /** @param file {@code serve.yaml}: other files are named from its folder */
    ServeValues(Path file) {
        Path parent = file.toAbsolutePath().normalize().getParent();
        this.folder = parent == null ? file.toAbsolutePath() : parent;
    }

    /** A time with its unit, such as {@code 30m}, within {@code low} and {@code high}. */
    static Duration time(Fields fields, String key, Duration otherwise, Duration low, Duration high) {
        return fields.optionalWritten(key, "a time with its unit, such as " + shown(otherwise))
                .flatMap(text -> {
                    Optional<Duration> time = time(text);
                    if (time.isEmpty()) {
                        boolean number = text.matches("[+-]?[0-9.]+");
                        fields.problem(
                                key,
                                "The " + key + " (" + text + ") must be a time with its unit (ms, s, m, h, d), such as "
                                        + shown(otherwise) + "."
                                        + (number ? " A number alone does not say whether it means seconds." : ""));
                    } else if (time.get().compareTo(low) < 0 || time.get().compareTo(high) > 0) {
                        fields.problem(
                                key,
                                "The " + key + " (" + text + ") must lie in [" + shown(low) + ", " + shown(high)
                                        + "].");
                        return Optional.empty();
                    }
                    return time;
                })
                .orElse(otherwise);
    }

    /** {@code 1h30m}, {@code 0.5s}: every unit once, the largest first; empty where it is none. */
    static Optional<Duration> time(String text) {
        Matcher matcher = TIME.matcher(text.strip());
        if (!matcher.matches()) {
            return Optional.empty();
        }
        Duration sum = Duration.ZERO;
        long last = Long.MAX_VALUE;
        for (int part = 1; part < matcher.groupCount() && matcher.group(part) != null; part += 2) {
            long unit = switch (matcher.group(part + 1)) {
                case "ms" -> 1_000_000L;
                case "s" -> 1_000_000_000L;
                case "m" -> 60_000_000_000L;
                case "h" -> 3_600_000_000_000L;
                default -> 86_400_000_000_000L;
            };
            if (unit >= last) {
                return Optional.empty();
            }
            last = unit;
            BigDecimal nanos = new BigDecimal(matcher.group(part)).multiply(BigDecimal.valueOf(unit));
            BigDecimal[] seconds =
                    nanos.setScale(0, RoundingMode.HALF_UP).divideAndRemainder(BigDecimal.valueOf(1_000_000_000L));
            sum = sum.plusSeconds(seconds[0].longValue()).plusNanos(seconds[1].longValue());
        }
        return Optional.of(sum);
    }

    /** As files write it: {@code 24h}, {@code 1m30s}. */
    static String shown(Duration time) {
        if (time.isZero()) {
            return "0s";
        }
        long days = time.toDays();
        if (days > 1 && time.equals(Duration.ofDays(days))) {
            return days + "d";
        }
        StringBuilder text = new StringBuilder();
        append(text, time.toHours(), "h");
        append(text, time.toMinutesPart(), "m");
        append(text, time.toSecondsPart(), "s");
        append(text, time.toMillisPart(), "ms");
        return text.toString();
    }

    private static void append(StringBuilder text, long count, String unit) {
        if (count > 0) {
            text.append(count).append(unit);
        }
    }

    /** The file that {@code text} names, from the folder of {@code serve.yaml}; a problem where it is none that can be read. */
    Optional<Path> file(Fields fields, String key, String text, String remedy) {
        Optional<Path> path = path(text, sentence -> fields.problem(key, sentence));
        path.flatMap(ServeValues::whyUnreadable)
                .ifPresent(why -> fields.problem(
                        key,
                        "The " + key + " (" + text + ") cannot be used: " + why
                                + (remedy.isEmpty() ? "" : " " + remedy)));
        return path;
    }

    /** The file under {@code key}, which may be left out. */
    Optional<Path> optionalFile(Fields fields, String key) {
        return fields.optionalText(key).flatMap(text -> file(fields, key, text, ""));
    }

    /** The path that {@code text} names, from the folder of {@code serve.yaml}. */
    Optional<Path> path(String text, Consumer<String> problem) {
        try {
            return Optional.of(folder.resolve(text).normalize());
        } catch (InvalidPathException e) {
            problem.accept("(" + text + ") is no path of a file.");
            return Optional.empty();
        }
    }

    private static Optional<String> whyUnreadable(Path path) {
        if (Files.isDirectory(path)) {
            return Optional.of(path + " is a folder.");
        }
        if (!Files.exists(path)) {
            return Optional.of("There is no such file (" + path + ").");
        }
        return Files.isReadable(path) ? Optional.empty() : Optional.of(path + " must not be read by this user.");
    }

    /** An http or https address without user and password. */
    static Optional<URI> web(String what, String text, String example, Consumer<String> problem) {
        URI url = Addresses.uri(text);
        if (url.getRawUserInfo() != null) {
            problem.accept("The " + what + " (" + text + ") must be without user and password.");
            return Optional.empty();
        }
        if (!Addresses.isWeb(url) || url.getRawFragment() != null) {
            problem.accept(
                    "The " + what + " (" + text + ") must be an http or https address, such as " + example + ".");
            return Optional.empty();
        }
        return Optional.of(url);
    }

    /** Keys that mean something only together with another. */
    static boolean hasAny(Fields fields, List<String> keys) {
        return keys.stream().anyMatch(fields::has);
    }
}
