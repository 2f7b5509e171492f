package dev.scepsy.planner.receive;

import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.regex.Pattern;

/**
 * When a trace file is set aside and how many of those are kept. Names are those of the Collector's file exporter:
 * {@code traces.jsonl} becomes {@code traces-2026-11-29T04-40-00.000.jsonl} (UTC).
 *
 * @param mostBytes size at which a file is set aside
 * @param mostAge age at which it is
 * @param keep files set aside that stay, the newest; absent, all
 */
public record Rotation(OptionalLong mostBytes, Optional<Duration> mostAge, OptionalInt keep) {

    private static final DateTimeFormatter TIME =
            DateTimeFormatter.ofPattern("yyyy-MM-dd'T'HH-mm-ss.SSS").withZone(ZoneOffset.UTC);

    private static final String TIME_PATTERN = "\\d{4}-\\d\\d-\\d\\dT\\d\\d-\\d\\d-\\d\\d\\.\\d{3}";

    /** One file that grows for ever. */
    public static Rotation never() {
        return new Rotation(OptionalLong.empty(), Optional.empty(), OptionalInt.empty());
    }

    boolean due(long bytes, long nextBytes, Duration age) {
        boolean full = mostBytes.isPresent() && bytes + nextBytes > mostBytes.getAsLong();
        boolean old = mostAge.isPresent() && age.compareTo(mostAge.get()) >= 0;
        return bytes > 0 && (full || old);
    }

    static String nameOf(Path file, Instant time) {
        String[] parts = parts(file);
        return parts[0] + "-" + TIME.format(time) + parts[1];
    }

    /** Names of the files set aside of {@code file}. */
    static Pattern namesOf(Path file) {
        String[] parts = parts(file);
        return Pattern.compile(Pattern.quote(parts[0]) + "-" + TIME_PATTERN + Pattern.quote(parts[1]));
    }

    /** Name before and from the first dot on that is not its first character: {@code traces}, {@code .jsonl.gz}. */
    private static String[] parts(Path file) {
        String name = String.valueOf(file.getFileName());
        int dot = name.indexOf('.', 1);
        return dot < 0 ? new String[] {name, ""} : new String[] {name.substring(0, dot), name.substring(dot)};
    }
}
