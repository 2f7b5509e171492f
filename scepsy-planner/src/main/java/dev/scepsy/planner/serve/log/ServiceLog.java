package dev.scepsy.planner.serve.log;

import java.io.PrintStream;
import java.time.InstantSource;
import java.util.Map;
import java.util.TreeMap;

/**
 * The service's log: one line per entry, as JSON ({@code time}, {@code level}, {@code message}, fields) or as text for people.
 * Control characters are escaped; secrets are never handed in. Thread-safe.
 */
public final class ServiceLog {

    private final PrintStream out;
    private final boolean json;
    private final InstantSource clock;

    public ServiceLog(PrintStream out, boolean json, InstantSource clock) {
        this.out = out;
        this.json = json;
        this.clock = clock;
    }

    public void info(String message) {
        write("INFO", message, Map.of());
    }

    public void info(String message, Map<String, String> fields) {
        write("INFO", message, fields);
    }

    public void warn(String message) {
        write("WARN", message, Map.of());
    }

    public void error(String message, Throwable failure) {
        write("ERROR", message, Map.of("cause", failure.toString()));
    }

    private void write(String level, String message, Map<String, String> fields) {
        StringBuilder line = new StringBuilder();
        if (json) {
            line.append(dev.scepsy.planner.file.Json.line(body -> {
                        body.field("time", clock.instant().toString())
                                .field("level", level)
                                .field("message", message);
                        for (Map.Entry<String, String> field : new TreeMap<>(fields).entrySet()) {
                            body.field(field.getKey(), field.getValue());
                        }
                    })
                    .strip());
        } else {
            line.append(clock.instant()).append(' ').append(level).append(' ').append(plain(message));
            new TreeMap<>(fields)
                    .forEach((key, value) ->
                            line.append(' ').append(key).append('=').append(plain(value)));
        }
        out.println(line);
    }

    private static String plain(String text) {
        return text.codePoints()
                .collect(
                        StringBuilder::new,
                        (safe, point) -> {
                            if (Character.isISOControl(point)) {
                                safe.append(String.format("\\u%04x", point));
                            } else {
                                safe.appendCodePoint(point);
                            }
                        },
                        StringBuilder::append)
                .toString();
    }
}
