package dev.scepsy.javaagent.setting;

import java.util.Locale;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Where every setting of the agent comes from: the system property, else the environment variable whose name is the
 * property's in capitals with underscores ({@code scepsy.planner}, {@code SCEPSY_PLANNER}). Immutable, thread-safe.
 */
public final class Settings {

    private final Function<String, @Nullable String> properties;
    private final Function<String, @Nullable String> variables;

    private Settings(Function<String, @Nullable String> properties, Function<String, @Nullable String> variables) {
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
        return new Settings(System::getProperty, System::getenv);
    }

    /** The trimmed value; empty when it is nowhere set, or blank. */
    public Optional<String> text(String key) {
        String value = properties.apply(key);
        if (value == null) {
            value = variables.apply(variable(key));
        }
        return value == null || value.isBlank() ? Optional.empty() : Optional.of(value.trim());
    }

    /** Whether the value is {@code true}; {@code otherwise} where it is not set. */
    public boolean flag(String key, boolean otherwise) {
        return text(key).map(value -> value.equalsIgnoreCase("true")).orElse(otherwise);
    }

    /** A number of at least {@code smallest}; {@code otherwise} where it is not set or no such number. */
    public double number(String key, double smallest, double otherwise) {
        return text(key)
                .map(value -> {
                    try {
                        double number = Double.parseDouble(value);
                        return number >= smallest ? number : otherwise;
                    } catch (NumberFormatException notANumber) {
                        return otherwise;
                    }
                })
                .orElse(otherwise);
    }

    static String variable(String key) {
        return key.replace('.', '_').replace('-', '_').toUpperCase(Locale.ROOT);
    }
}
