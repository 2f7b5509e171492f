package dev.scepsy.planner.file;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.scepsy.planner.share.MergeableStatistics;
import dev.scepsy.planner.share.MergeableStatistics.Distribution;
import dev.scepsy.planner.share.MergeableStatistics.Quantity;
import dev.scepsy.planner.share.MergeableStatistics.Sums;
import dev.scepsy.planner.stat.LogHistogram;
import java.math.BigInteger;
import java.util.EnumMap;
import java.util.Map;
import java.util.TreeMap;

/** The JSON form of {@link MergeableStatistics}: versioned; sums are texts, for most programs' numbers end at 2^53. */
public final class MergeableJson {

    /** Of the form that is written. */
    public static final int VERSION = 1;

    private static final ObjectMapper JSON = new ObjectMapper();

    private MergeableJson() {}

    /** The text of a value. */
    public static String of(MergeableStatistics statistics) {
        ObjectNode top = JSON.createObjectNode().put("version", VERSION);
        top.set("workflow", sums(statistics.workflow()));
        ObjectNode models = top.putObject("models");
        statistics.models().forEach((model, sums) -> models.set(model, sums(sums)));
        return top.toString();
    }

    /**
     * The value of a text.
     *
     * @throws IllegalArgumentException if it is of a newer version, or none of any
     */
    public static MergeableStatistics read(String text) {
        try {
            JsonNode top = JSON.readTree(text);
            if (top.path("version").asInt() != VERSION) {
                throw new IllegalArgumentException(
                        "The statistics are of version " + top.path("version") + "; this program" + " reads version "
                                + VERSION + ". Use the program that wrote them, or a newer one.");
            }
            TreeMap<String, Sums> models = new TreeMap<>();
            top.path("models").fields().forEachRemaining(model -> models.put(model.getKey(), sums(model.getValue())));
            return MergeableStatistics.of(sums(top.path("workflow")), models);
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException("The statistics are not JSON: " + e.getOriginalMessage(), e);
        }
    }

    private static ObjectNode sums(Sums sums) {
        ObjectNode node = JSON.createObjectNode();
        sums.values().forEach((quantity, value) -> node.put(quantity.name(), value.toString()));
        sums.distributions().forEach((distribution, histogram) -> {
            ObjectNode counts = node.putObject("histogram_" + distribution.name());
            histogram.countByBucket().forEach((bucket, count) -> counts.put(bucket.toString(), count));
        });
        return node;
    }

    private static Sums sums(JsonNode node) {
        Map<Quantity, BigInteger> values = new EnumMap<>(Quantity.class);
        for (Quantity quantity : Quantity.values()) {
            if (node.has(quantity.name())) {
                values.put(quantity, new BigInteger(node.get(quantity.name()).asText()));
            }
        }
        Map<Distribution, LogHistogram> distributions = new EnumMap<>(Distribution.class);
        for (Distribution distribution : Distribution.values()) {
            TreeMap<Integer, Long> counts = new TreeMap<>();
            node.path("histogram_" + distribution.name())
                    .fields()
                    .forEachRemaining(count -> counts.put(
                            Integer.valueOf(count.getKey()), count.getValue().asLong()));
            distributions.put(distribution, LogHistogram.of(counts));
        }
        return new Sums(values, distributions);
    }
}
