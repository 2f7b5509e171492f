package dev.scepsy.planner.profile;

import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.Reader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.EnumMap;
import java.util.Map;
import java.util.Objects;
import java.util.Properties;

/** One value for every {@link Coefficient}. Immutable and thread-safe. */
public final class EngineCoefficients {

    private static final EngineCoefficients BUILT_IN = onClassPath("engine-coefficients.properties");

    private final double[] values;

    private EngineCoefficients(double[] values) {
        this.values = values;
    }

    /** The coefficients fitted on the measured rows the data file names. */
    public static EngineCoefficients builtIn() {
        return BUILT_IN;
    }

    /** Every coefficient at its prior. */
    public static EngineCoefficients priors() {
        return of(new EnumMap<>(Coefficient.class));
    }

    /** The given values; priors for the rest. */
    public static EngineCoefficients of(Map<Coefficient, Double> given) {
        double[] values = new double[Coefficient.values().length];
        for (Coefficient coefficient : Coefficient.values()) {
            values[coefficient.ordinal()] = given.getOrDefault(coefficient, coefficient.prior());
        }
        return new EngineCoefficients(values);
    }

    /** The value of {@code coefficient}. */
    public double get(Coefficient coefficient) {
        return values[coefficient.ordinal()];
    }

    private static EngineCoefficients onClassPath(String resource) {
        InputStream stream = Objects.requireNonNull(EngineCoefficients.class.getResourceAsStream(resource), resource);
        Properties properties = new Properties();
        try (Reader reader = new InputStreamReader(stream, StandardCharsets.UTF_8)) {
            properties.load(reader);
        } catch (IOException e) {
            throw new UncheckedIOException("The built-in coefficients " + resource + " cannot be read.", e);
        }
        Map<Coefficient, Double> values = new EnumMap<>(Coefficient.class);
        for (String name : properties.stringPropertyNames()) {
            values.put(Coefficient.valueOf(name), Double.valueOf(properties.getProperty(name)));
        }
        return of(values);
    }
}
