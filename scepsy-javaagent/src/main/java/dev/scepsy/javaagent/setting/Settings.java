package dev.scepsy.javaagent.setting;

import dev.scepsy.javaagent.host.Stderr;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Where every setting of the agent comes from: the system property, else the environment variable whose name is the
 * property's in capitals with underscores ({@code scepsy.planner}, {@code SCEPSY_PLANNER}). Immutable, thread-safe.
 */
public final class Settings {

    private final @Nullable Function<String, @Nullable String> properties; // Null: this JVM's.
    private final @Nullable Function<String, @Nullable String> variables;

    private Settings(
            @Nullable Function<String, @Nullable String> properties,
            @Nullable Function<String, @Nullable String> variables) {
        this.properties = properties;
        this.variables = variables;
    }

    /** Looked up in these two, properties first; null means not set. */
    public static Settings of(
            Function<String, @Nullable String> properties, Function<String, @Nullable String> variables) {
        return new Settings(properties, variables);
    }

    /** Those of this JVM. */
    public static Settings ofThisJvm() {
        return new Settings(null, null);
    }

    /** The trimmed value; empty when it is nowhere set, or blank. */
    public Optional<String> text(String key) {
        String value = properties == null ? System.getProperty(key) : properties.apply(key);
        if (value == null) {
            value = variables == null ? System.getenv(variable(key)) : variables.apply(variable(key));
        }
        return value == null || value.isBlank() ? Optional.empty() : Optional.of(value.trim());
    }

    /** Whether the value is {@code true}; {@code otherwise} where it is not set, or neither true nor false, which is said. */
    public boolean flag(String key, boolean otherwise) {
        String value = text(key).orElse(null);
        if (value == null) {
            return otherwise;
        }
        boolean isTrue = value.equalsIgnoreCase("true");
        boolean isFalse = value.equalsIgnoreCase("false");
        return (isTrue || isFalse) ? isTrue : complained(key, value, "neither true nor false", otherwise);
    }

    /** A number of at least {@code smallest}; {@code otherwise} where it is not set, or no such number, which is said. */
    public double number(String key, double smallest, double otherwise) {
        String value = text(key).orElse(null);
        if (value == null) {
            return otherwise;
        }
        try {
            double number = Double.parseDouble(value);
            if (number >= smallest && number < Double.POSITIVE_INFINITY) {
                return number;
            }
        } catch (NumberFormatException notANumber) {
            // Said below.
        }
        return complained(key, value, "no number of at least " + shown(smallest), otherwise);
    }

    /** Milliseconds, as OpenTelemetry writes a time: a number of them, or one with {@code ms}, {@code s}, {@code m}, {@code h}. */
    public double millis(String key, double otherwise) {
        String value = text(key).orElse(null);
        if (value == null) {
            return otherwise;
        }
        Matcher time = Times.WRITTEN.matcher(value);
        return time.matches()
                ? Double.parseDouble(time.group(1)) * Times.UNITS.getOrDefault(time.group(2), 1.0)
                : complained(key, value, "no time such as 5000 or 5s", otherwise);
    }

    /** Of its own, because most applications never ask for one. */
    private static final class Times {
        private static final Pattern WRITTEN = Pattern.compile("(\\d{1,12})(ms|s|m|h|)");
        private static final Map<String, Double> UNITS =
                Map.of("", 1.0, "ms", 1.0, "s", 1_000.0, "m", 60_000.0, "h", 3_600_000.0);
    }

    private static <T> T complained(String key, String value, String rule, T otherwise) {
        Stderr.once(
                key,
                key + " (" + value + ") is " + rule + "; "
                        + (otherwise instanceof Double number
                                ? Double.isNaN(number) ? "it is left out." : shown(number) + " is used."
                                : otherwise + " is used."));
        return otherwise;
    }

    private static String shown(double number) {
        return number == Math.rint(number) ? String.valueOf((long) number) : String.valueOf(number);
    }

    static String variable(String key) {
        return key.replace('.', '_').replace('-', '_').toUpperCase(Locale.ROOT);
    }
}
