package dev.scepsy.planner.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.util.List;
import java.util.function.Function;
import java.util.stream.Stream;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;

/** What an API server says of a cluster that serves a plan, made from the verbs' own output. */
final class FuzzCluster {

    private static final ObjectMapper JSON = new ObjectMapper();

    private FuzzCluster() {}

    /** Lets {@code server} answer as a cluster does that serves the plan of {@link FuzzFiles}. */
    static void serve(FuzzServer server, Function<String, String> file) throws IOException {
        List<Object> files = List.of(
                "--cluster",
                file.apply("cluster.yaml"),
                "--models",
                file.apply("models.yaml"),
                "--plan",
                file.apply("plan.json"));
        CommandLineRun rendered = CommandLineRun.of(
                Stream.concat(Stream.of("render"), files.stream()).toArray());
        assertThat(rendered.exitCode()).as(rendered.err()).isZero();
        ObjectNode deployments = list("DeploymentList", "apps/v1");
        ObjectNode services = list("ServiceList", "v1");
        ObjectNode budgets = list("PodDisruptionBudgetList", "policy/v1");
        ObjectNode pods = list("PodList", "v1");
        for (Object document : new Load(LoadSettings.builder().build()).loadAllFromString(rendered.out())) {
            ObjectNode object = JSON.valueToTree(document);
            String kind = object.path("kind").asText();
            if (object.at("/metadata/name").asText().equals("scepsy-router") && kind.equals("Deployment")) {
                int replicas = object.at("/spec/replicas").asInt();
                object.withObject("/status")
                        .put("replicas", replicas)
                        .put("updatedReplicas", replicas)
                        .put("readyReplicas", replicas);
                server.put("/deployments/scepsy-router", object.toString());
            } else if (kind.equals("Deployment")) {
                items(deployments).add(object);
                items(pods).add(pod(object));
            } else if (kind.equals("Service")) {
                items(services).add(object);
            } else if (kind.equals("PodDisruptionBudget")) {
                items(budgets).add(object);
            }
        }
        server.put("/deployments", deployments.toString());
        server.put("/configmaps", list("ConfigMapList", "v1").toString());
        server.put("/services", services.toString());
        server.put("/poddisruptionbudgets", budgets.toString());
        server.put("/pods", pods.toString());
        ObjectNode nodes = list("NodeList", "v1");
        for (String name : List.of("n", "k", "m")) {
            items(nodes).add(JSON.readTree("""
                    {"metadata": {"name": "%s", "labels": {"kubernetes.io/hostname": "%s", "nvidia.com/gpu.count": "4", "nvidia.com/gpu.product": "NVIDIA-H100-80GB-HBM3",
                       "nvidia.com/gpu.memory": "81559", "nvidia.com/gpu.replicas": "2", "nvidia.com/gpu.sharing-strategy": "mps", "scepsy.dev/gpu-domain-size": "4",
                       "topology.kubernetes.io/zone": "z"}},
                     "spec": {"taints": [{"key": "nvidia.com/gpu", "effect": "NoSchedule"}]},
                     "status": {"capacity": {"nvidia.com/gpu": "8", "cpu": "64"}, "allocatable": {"nvidia.com/gpu": "8"},
                       "conditions": [{"type": "Ready", "status": "True"}]}}
                    """.formatted(name, name)));
        }
        server.put("/nodes", nodes.toString());
        CommandLineRun applied = CommandLineRun.of(Stream.concat(
                        Stream.of("apply", "--yes", "--server", server.url(), "--endpoint-seconds", "1"),
                        files.stream())
                .toArray());
        assertThat(applied.exitCode()).as(applied.err()).isZero();
    }

    private static JsonNode pod(ObjectNode deployment) throws IOException {
        ObjectNode pod = JSON.createObjectNode();
        JsonNode template = deployment.path("spec").path("template");
        pod.put("kind", "Pod").put("apiVersion", "v1");
        ObjectNode metadata = template.path("metadata").deepCopy();
        metadata.put("name", deployment.path("metadata").path("name").asText() + "-1");
        ((ObjectNode) metadata.withObject("/labels")).put("scepsy.dev/serving", "true");
        ((ObjectNode) metadata.withObject("/annotations")).put("scepsy.dev/emulated-gpus", "0");
        pod.set("metadata", metadata);
        ObjectNode spec = template.path("spec").deepCopy();
        spec.put(
                "nodeName",
                deployment
                        .path("metadata")
                        .path("annotations")
                        .path("scepsy.dev/node")
                        .asText());
        pod.set("spec", spec);
        pod.set("status", JSON.readTree("""
                {"phase": "Running", "conditions": [{"type": "Ready", "status": "True", "message": ""}],
                 "containerStatuses": [{"name": "engine", "ready": true, "restartCount": 0, "state": {"running": {"startedAt": "2026-11-29T00:00:00Z"}}}]}
                """));
        return pod;
    }

    private static ObjectNode list(String kind, String version) {
        ObjectNode list = JSON.createObjectNode();
        list.put("kind", kind).put("apiVersion", version).putArray("items");
        return list;
    }

    private static ArrayNode items(ObjectNode list) {
        return (ArrayNode) list.path("items");
    }
}
