package dev.scepsy.planner.serve.engines;

import java.util.Collection;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * What one engine said of its model at one moment, its series (engine indexes, ranks, reasons) together. What is not there, or is
 * NaN, is not known. Immutable.
 *
 * @param values gauges and counters
 * @param histograms with sum and count
 * @param startSeconds when its process began, s since 1970
 */
record EngineReading(
        EngineDialect dialect,
        Map<EngineFact, Double> values,
        Map<EngineFact, Histogram> histograms,
        OptionalDouble startSeconds) {

    /** Requests that one engine can hold; more is no count. */
    static final double MOST_REQUESTS = 1_000_000;

    /** What rounding may add to a fraction of 1. */
    private static final double FRACTION_ROUNDING = 1e-6;

    private static final int MOST_NAMES_SHOWN = 3;

    EngineReading {
        values = Map.copyOf(values);
        histograms = Map.copyOf(histograms);
    }

    /** Sum and count of what was observed, and its buckets. */
    record Histogram(double sum, double count, Buckets buckets) {}

    /** Why an engine's answer says nothing that can be counted. */
    static final class UnusableException extends Exception {
        private static final long serialVersionUID = 1;

        UnusableException(String message) {
            super(message);
        }
    }

    OptionalDouble value(EngineFact fact) {
        Double value = values.get(fact);
        return value == null ? OptionalDouble.empty() : OptionalDouble.of(value);
    }

    /** Whether it says how many requests it holds: the least that makes an answer one of an engine. */
    private boolean isOfAnEngine() {
        return values.containsKey(EngineFact.RUNNING) || values.containsKey(EngineFact.WAITING);
    }

    /**
     * Reads an answer.
     *
     * @throws UnusableException if it names nothing that is known, is of other models, or says what cannot be
     */
    static EngineReading of(List<MetricSample> samples, String model, ModelNames names) throws UnusableException {
        Map<EngineDialect, Map<String, List<MetricSample>>> byName = new EnumMap<>(EngineDialect.class);
        OptionalDouble start = OptionalDouble.empty();
        Set<String> named = new TreeSet<>();
        for (MetricSample sample : samples) {
            if (sample.name().equals(EngineDialect.PROCESS_START)) {
                start = OptionalDouble.of(sample.value());
                continue;
            }
            String plain = EngineDialect.plain(sample.name());
            EngineDialect dialect = EngineDialect.of(plain).orElseThrow();
            if (dialect.counts(sample)) {
                named.add(sample.label("model_name"));
                byName.computeIfAbsent(dialect, d -> new HashMap<>())
                        .computeIfAbsent(plain, name -> new java.util.ArrayList<>())
                        .add(sample);
            }
        }
        if (byName.isEmpty()) {
            throw new UnusableException("Its metrics have none of the known names.");
        }
        Set<String> used = usable(named, model, names);
        EngineReading best = null;
        for (Map.Entry<EngineDialect, Map<String, List<MetricSample>>> entry : byName.entrySet()) {
            EngineReading reading = of(entry.getKey(), entry.getValue(), used, start);
            if (reading.isOfAnEngine() && (best == null || reading.values.size() > best.values.size())) {
                best = reading;
            }
        }
        if (best == null) {
            throw new UnusableException("Its metrics have no count of requests under a known name.");
        }
        return best;
    }

    /**
     * The values of {@code model_name} that are this model's. An engine names its first served name only, so a single name that
     * is no other model's is taken for its.
     */
    private static Set<String> usable(Set<String> named, String model, ModelNames names) throws UnusableException {
        Set<String> used = new HashSet<>();
        named.stream().filter(name -> name.isEmpty() || names.isOf(name, model)).forEach(used::add);
        boolean own = used.stream().anyMatch(name -> !name.isEmpty());
        List<String> foreign =
                named.stream().filter(name -> !used.contains(name)).toList();
        if (!own && foreign.size() == 1 && !names.isOfAnother(foreign.get(0), model)) {
            used.add(foreign.get(0));
        } else if (!own && !foreign.isEmpty()) {
            throw new UnusableException("It is of "
                    + String.join(", ", foreign.subList(0, Math.min(MOST_NAMES_SHOWN, foreign.size()))) + ", not of "
                    + model + ": correct its model in engines.endpoints, or name it among the model's aliases.");
        }
        return used;
    }

    private static EngineReading of(
            EngineDialect dialect, Map<String, List<MetricSample>> byName, Set<String> used, OptionalDouble start)
            throws UnusableException {
        Map<EngineFact, Double> values = new EnumMap<>(EngineFact.class);
        Map<EngineFact, Histogram> histograms = new EnumMap<>(EngineFact.class);
        for (EngineFact fact : EngineFact.values()) {
            for (List<String> summed : dialect.names(fact)) {
                if (fact.kind() == EngineFact.Kind.HISTOGRAM) {
                    Histogram histogram = histogram(fact, summed.get(0), byName, used);
                    if (histogram != null) {
                        histograms.put(fact, histogram);
                        break;
                    }
                } else {
                    OptionalDouble value = value(fact, summed, byName, used);
                    if (value.isPresent()) {
                        values.put(fact, value.getAsDouble());
                        break;
                    }
                }
            }
        }
        return new EngineReading(dialect, values, histograms, start);
    }

    private static OptionalDouble value(
            EngineFact fact, List<String> summed, Map<String, List<MetricSample>> byName, Set<String> used)
            throws UnusableException {
        double sum = 0;
        int series = 0;
        for (String name : summed) {
            List<MetricSample> found = of(name, byName, used);
            if (found.isEmpty() && name.equals(summed.get(0))) {
                return OptionalDouble.empty();
            }
            for (MetricSample sample : found) {
                if (Double.isNaN(sample.value())) {
                    return OptionalDouble.empty();
                }
                if (fact == EngineFact.HIT_RATE && sample.value() < 0) {
                    return OptionalDouble.empty(); // how vLLM's V0 says that there is no prefix cache
                }
                sum += checked(fact, sample);
                series++;
            }
        }
        return OptionalDouble.of(fact.kind() == EngineFact.Kind.MEAN ? Math.min(1, sum / series) : sum);
    }

    private static double checked(EngineFact fact, MetricSample sample) throws UnusableException {
        double most = switch (fact.kind()) {
            case MEAN -> 1 + FRACTION_ROUNDING;
            case SUM -> MOST_REQUESTS;
            default -> Double.MAX_VALUE;
        };
        if (!(sample.value() >= 0 && sample.value() <= most)) {
            throw new UnusableException(String.format(
                    Locale.ROOT,
                    "It says %s of %s, which cannot be: the sample is dropped.",
                    sample.value(),
                    sample.name()));
        }
        return sample.value();
    }

    private static @org.jspecify.annotations.Nullable Histogram histogram(
            EngineFact fact, String name, Map<String, List<MetricSample>> byName, Set<String> used)
            throws UnusableException {
        double sum = total(fact, of(name + "_sum", byName, used));
        double count = total(fact, of(name + "_count", byName, used));
        if (Double.isNaN(sum) || Double.isNaN(count)) {
            return null;
        }
        TreeMap<Double, Double> cumulative = new TreeMap<>();
        for (MetricSample bucket : of(name + "_bucket", byName, used)) {
            checked(fact, bucket);
            cumulative.merge(bound(bucket), bucket.value(), Double::sum);
        }
        return new Histogram(sum, count, new Buckets(cumulative));
    }

    /** NaN where nothing is there. */
    private static double total(EngineFact fact, Collection<MetricSample> samples) throws UnusableException {
        double total = samples.isEmpty() ? Double.NaN : 0;
        for (MetricSample sample : samples) {
            total += Double.isNaN(sample.value()) ? Double.NaN : checked(fact, sample);
        }
        return total;
    }

    private static double bound(MetricSample bucket) throws UnusableException {
        String le = bucket.label("le");
        try {
            return le.equals("+Inf") ? Double.POSITIVE_INFINITY : Double.parseDouble(le);
        } catch (NumberFormatException none) {
            throw new UnusableException("A bucket of its " + bucket.name() + " has no bound.");
        }
    }

    private static List<MetricSample> of(String name, Map<String, List<MetricSample>> byName, Set<String> used) {
        return byName.getOrDefault(name, List.of()).stream()
                .filter(sample -> used.contains(sample.label("model_name")))
                .toList();
    }
}
