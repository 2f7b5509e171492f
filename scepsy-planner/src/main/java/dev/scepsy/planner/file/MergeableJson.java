package dev.scepsy.planner.file;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.scepsy.planner.share.MergeableStatistics;
import dev.scepsy.planner.share.MergeableStatistics.Distribution;
import dev.scepsy.planner.share.MergeableStatistics.Quantity;
import dev.scepsy.planner.share.MergeableStatistics.Sums;
import dev.scepsy.planner.stat.LogHistogram;
import java.math.BigInteger;
import java.util.EnumMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/** The JSON form of {@link MergeableStatistics}: versioned; sums are texts, for most programs' numbers end at 2^53. */
public final class MergeableJson {

    /** Of the newest form; values that tell no agents are written in the first. */
    public static final int VERSION = 2;

    private static final int WITHOUT_AGENTS = 1;

    private static final ObjectMapper JSON = new ObjectMapper();

    private MergeableJson() {}

    /** The text of a value. */
    public static String of(MergeableStatistics statistics) {
        boolean tellsAgents =
                !statistics.agents().isEmpty() || !statistics.crowded().isEmpty();
        ObjectNode top = JSON.createObjectNode().put("version", tellsAgents ? VERSION : WITHOUT_AGENTS);
        top.set("workflow", sums(statistics.workflow()));
        ObjectNode models = top.putObject("models");
        statistics.models().forEach((model, sums) -> models.set(model, sums(sums)));
        if (tellsAgents) {
            ObjectNode byModel = top.putObject("agents");
            statistics.agents().forEach((model, agents) -> {
                ObjectNode own = byModel.putObject(model);
                agents.forEach((agent, sums) -> own.set(agent, sums(sums)));
            });
            ArrayNode crowded = top.putArray("crowded");
            statistics.crowded().forEach(crowded::add);
        }
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
            int version = top.path("version").asInt();
            if (version != VERSION && version != WITHOUT_AGENTS) {
                throw new IllegalArgumentException(
                        "The statistics are of version " + top.path("version") + "; this program reads versions up to "
                                + VERSION + ". Use the program that wrote them, or a newer one.");
            }
            Map<String, Map<String, Sums>> agents = new TreeMap<>();
            top.path("agents").fields().forEachRemaining(model -> agents.put(model.getKey(), named(model.getValue())));
            Set<String> crowded = new TreeSet<>();
            top.path("crowded").forEach(model -> crowded.add(model.asText()));
            return MergeableStatistics.of(sums(top.path("workflow")), named(top.path("models")), agents, crowded);
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException("The statistics are not JSON: " + e.getOriginalMessage(), e);
        }
    }

    private static Map<String, Sums> named(JsonNode byName) {
        Map<String, Sums> named = new TreeMap<>();
        byName.fields().forEachRemaining(each -> named.put(each.getKey(), sums(each.getValue())));
        return named;
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
