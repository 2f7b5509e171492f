package dev.scepsy.planner.profile;

import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.Reader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Collections;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Properties;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

/** One value for every {@link Coefficient}. Immutable and thread-safe. */
public final class EngineCoefficients {

    private static final EngineCoefficients BUILT_IN = onClassPath("engine-coefficients.properties");

    private static final String MODELS = "FITTED_MODELS";
    private static final String GPUS = "FITTED_GPUS";

    private final double[] values;
    private final Set<String> models;
    private final Set<String> gpus;

    private EngineCoefficients(double[] values, Set<String> models, Set<String> gpus) {
        this.values = values;
        this.models = Collections.unmodifiableSet(new TreeSet<>(models));
        this.gpus = Collections.unmodifiableSet(new TreeSet<>(gpus));
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
        return new EngineCoefficients(values, Set.of(), Set.of());
    }

    /** The same values, known to rest on {@code rows}. */
    EngineCoefficients fittedOn(List<EngineMeasurement> rows) {
        return new EngineCoefficients(
                values,
                rows.stream().map(row -> row.setup().architecture().name()).collect(Collectors.toSet()),
                rows.stream().map(row -> row.setup().gpu().name()).collect(Collectors.toSet()));
    }

    /** Architectures of the rows they were fitted on, in name order; empty for priors. */
    public Set<String> fittedModels() {
        return models;
    }

    /** GPU types of the rows they were fitted on, in name order; empty for priors. */
    public Set<String> fittedGpus() {
        return gpus;
    }

    /** As a properties file, without comments. */
    public String toProperties() {
        StringBuilder text = new StringBuilder();
        text.append(MODELS).append('=').append(String.join(",", models)).append('\n');
        text.append(GPUS).append('=').append(String.join(",", gpus)).append('\n');
        for (Coefficient coefficient : Coefficient.values()) {
            text.append(String.format(Locale.ROOT, "%s=%.6g\n", coefficient, get(coefficient)));
        }
        return text.toString();
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
            if (!name.equals(MODELS) && !name.equals(GPUS)) {
                values.put(Coefficient.valueOf(name), Double.valueOf(properties.getProperty(name)));
            }
        }
        return new EngineCoefficients(of(values).values, listed(properties, MODELS), listed(properties, GPUS));
    }

    private static Set<String> listed(Properties properties, String name) {
        return Set.of(properties.getProperty(name, "").split(","));
    }
}
