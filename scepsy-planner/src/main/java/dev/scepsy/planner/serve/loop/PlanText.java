package dev.scepsy.planner.serve.loop;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import dev.scepsy.planner.allocation.LlmAllocation;
import dev.scepsy.planner.allocation.Plan;
import dev.scepsy.planner.file.PlanFile;
import dev.scepsy.planner.file.Reading;
import dev.scepsy.planner.serve.journal.Documents;
import dev.scepsy.planner.serve.journal.Proposal.Difference;
import dev.scepsy.planner.topology.Cluster;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** Plans between values and the journal's JSON, and what tells two of them apart. */
final class PlanText {

    private static final int DIGEST = 16;

    private PlanText() {}

    /** What {@code plan.json} holds. */
    static JsonNode tree(Plan plan) {
        return Documents.parse(PlanFile.toJson(plan));
    }

    /** Of what serves, whose predictions nobody recorded. */
    static JsonNode tree(ClusterPort.Served served) {
        return Documents.parse(PlanFile.placesToJson(served.allocations(), served.placements()));
    }

    /** The plan that a journal's entry holds; empty where it holds none. */
    static Optional<Plan> plan(JsonNode json) {
        Reading<Plan> read = PlanFile.parse("plan of the journal", json.toString());
        return read.legalValue().filter(plan -> !plan.allocations().isEmpty());
    }

    /** Sizes and places as a plan of which nothing is predicted. */
    static Plan of(ClusterPort.Served served) {
        return new Plan(
                0,
                0,
                0,
                served.allocations(),
                served.placements(),
                List.of(),
                served.allocations().stream().mapToDouble(LlmAllocation::gpus).sum(),
                0);
    }

    /** The same for the same hardware, down to what plans can use of it. */
    static String fingerprint(Cluster cluster) {
        StringBuilder text = new StringBuilder();
        cluster.racks()
                .forEach(rack -> rack.nodes()
                        .forEach(node -> text.append(rack.name())
                                .append(' ')
                                .append(node)
                                .append('\n')));
        return digest(text.toString());
    }

    static String digest(String text) {
        try {
            return HexFormat.of()
                    .formatHex(MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8)))
                    .substring(0, DIGEST);
        } catch (NoSuchAlgorithmException impossible) {
            throw new IllegalStateException("Every Java platform has SHA-256.", impossible);
        }
    }

    /** Models whose allocation changes, in name order. */
    static List<Difference> differences(List<LlmAllocation> before, List<LlmAllocation> after) {
        Map<String, LlmAllocation> old = byModel(before);
        Map<String, LlmAllocation> young = byModel(after);
        TreeSet<String> models = new TreeSet<>(old.keySet());
        models.addAll(young.keySet());
        List<Difference> differences = new ArrayList<>();
        for (String model : models) {
            @Nullable LlmAllocation from = old.get(model);
            @Nullable LlmAllocation to = young.get(model);
            if (from == null || !from.equals(to)) {
                differences.add(new Difference(model, from == null ? null : tree(from), to == null ? null : tree(to)));
            }
        }
        return differences;
    }

    static Map<String, LlmAllocation> byModel(List<LlmAllocation> allocations) {
        Map<String, LlmAllocation> byModel = new HashMap<>();
        allocations.forEach(allocation -> byModel.put(allocation.model(), allocation));
        return byModel;
    }

    private static JsonNode tree(LlmAllocation allocation) {
        return JsonNodeFactory.instance
                .objectNode()
                .put("model", allocation.model())
                .put("gpu", allocation.gpu())
                .put("gpuFraction", allocation.gpuFraction().toDouble())
                .put("tensorParallel", allocation.tensorParallel())
                .put("replicas", allocation.replicas())
                .put("memoryGiBPerGpu", allocation.memoryGiBPerGpu());
    }

    /** {@code 2 x t=1 f=0.5 on L4-24GB}. */
    static String words(LlmAllocation allocation) {
        return allocation.replicas() + " x t=" + allocation.tensorParallel() + " f=" + allocation.gpuFraction() + " on "
                + allocation.gpu();
    }
}
