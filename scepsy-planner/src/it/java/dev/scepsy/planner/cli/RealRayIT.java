package dev.scepsy.planner.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.io.TempDir;

/**
 * {@code --platform ray-serve} against a real Ray on this machine's processors: what is put is taken by Ray and by its {@code LLMConfig},
 * and what others declared stays. Engines are stood in for by {@code scepsy_standin.py}. The steps build on each other.
 */
@OnRealRay
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class RealRayIT {

    private static final String FOREIGN = """
            {"name": "%s", "route_prefix": "/%s", "import_path": "scepsy_standin:other",
             "runtime_env": {"env_vars": {"SECRET": "sesame"}}}
            """;

    @TempDir
    private static Path folder;

    private static RealRay ray;

    @BeforeAll
    static void startRay() throws Exception {
        ray = new RealRay(folder);
        ray.put(FOREIGN.formatted("search", "search"));
        ray.await("someone else's application", each -> each.status("search").equals("RUNNING"));
        Files.writeString(folder.resolve("cluster.yaml"), """
                racks:
                  - name: rack-1
                    nodes:
                      - {name: node-1, gpu: A100-SXM-80GB, gpus: 4, sharing: {mode: mps}}
                """);
        Files.writeString(folder.resolve("models.yaml"), """
                models:
                  - {name: critic, architecture: Qwen3-8B, servedFrom: Qwen/Qwen3-8B, maxModelLength: 8192}
                  - {name: judge, architecture: Qwen3-8B, servedFrom: Qwen/Qwen3-8B, maxModelLength: 8192}
                  - {name: broken, architecture: Qwen3-8B, servedFrom: Qwen/Qwen3-8B, maxModelLength: 8192}
                """);
        plan("first", "critic 0.5 0 0", "judge 1 1,2");
        plan("second", "critic 0.5 0 0");
        plan("broken", "critic 0.5 0 0", "broken 0.5 1");
    }

    @AfterAll
    static void stopRay() {
        ray.close();
    }

    private static void plan(String name, String... models) throws IOException {
        List<String> allocations = new ArrayList<>();
        List<String> placements = new ArrayList<>();
        for (String line : models) {
            String[] words = line.split(" ");
            double fraction = Double.parseDouble(words[1]);
            allocations.add(
                    "{\"model\": \"%s\", \"gpu\": \"A100-SXM-80GB\", \"gpuFraction\": %s, \"tensorParallel\": %d, \"replicas\": %d, \"memoryGiBPerGpu\": %s}"
                            .formatted(
                                    words[0], fraction, words[2].split(",").length, words.length - 2, fraction * 78));
            for (int i = 2; i < words.length; i++) {
                placements.add("{\"model\": \"%s\", \"replica\": %d, \"node\": \"node-1\", \"gpus\": [%s]}"
                        .formatted(words[0], i - 2, words[i]));
            }
        }
        Files.writeString(
                folder.resolve(name + ".json"),
                "{\"allocations\": [" + String.join(",", allocations) + "], \"placements\": ["
                        + String.join(",", placements) + "]}");
    }

    private static CommandLineRun apply(String plan, String... more) {
        return CommandLineRun.of(Stream.concat(
                        Stream.of(
                                "apply",
                                "--platform",
                                "ray-serve",
                                "--address",
                                ray.address(),
                                "--builder",
                                "scepsy_standin:build_openai_app",
                                "--cluster",
                                folder.resolve("cluster.yaml"),
                                "--models",
                                folder.resolve("models.yaml"),
                                "--plan",
                                folder.resolve(plan + ".json")),
                        Stream.of(more))
                .toArray());
    }

    private static CommandLineRun status(String... more) {
        return CommandLineRun.of(Stream.concat(
                        Stream.of("status", "--platform", "ray-serve", "--address", ray.address()), Stream.of(more))
                .toArray());
    }

    @Test
    @Order(1)
    void aDryRunChangesNothing() {
        JsonNode before = ray.details().path("applications");
        CommandLineRun dry = apply("first", "--dry-run");
        assertThat(dry.exitCode()).as(dry.err()).isZero();
        assertThat(dry.err()).contains("Stays as it is: search (RUNNING, route /search)");
        assertThat(ray.details().path("applications").size()).isEqualTo(before.size());
    }

    @Test
    @Order(2)
    void aPlanIsServedBesideWhatOthersDeclared() throws Exception {
        JsonNode before = ray.details().at("/applications/search");
        CommandLineRun applied = apply("first");
        assertThat(applied.exitCode()).as(applied.err()).isZero();
        assertThat(applied.out()).contains("is served: 2 applications, 3 engines.");
        assertThat(ray.ask("/critic")).contains("critic");
        assertThat(ray.ask("/judge")).contains("judge");
        assertThat(ray.ask("/search")).as("its variables too").isEqualTo("other sesame");
        JsonNode after = ray.details().at("/applications/search");
        assertThat(after.path("deployed_app_config")).isEqualTo(before.path("deployed_app_config"));
        assertThat(after.at("/deployments/Other/replicas/0/replica_id"))
                .as("it was not even restarted")
                .isEqualTo(before.at("/deployments/Other/replicas/0/replica_id"));

        CommandLineRun status = status("--exit-code");
        assertThat(status.exitCode()).isZero();
        assertThat(status.out())
                .containsPattern("scepsy-critic +critic +2 +2 +RUNNING")
                .contains("not Scepsy's, left alone: search (RUNNING, route /search)");
    }

    @Test
    @Order(3)
    void anotherPlanRemovesItsOwnAndNobodyElses() throws Exception {
        JsonNode critic =
                ray.details().at("/applications/scepsy-critic/deployments/LLMServer:critic/replicas/0/replica_id");
        CommandLineRun applied = apply("second");
        assertThat(applied.exitCode()).as(applied.err()).isZero();
        assertThat(applied.err()).contains("Application (scepsy-judge) is not in the plan and is removed.");
        ray.await(
                "the end of an application", each -> each.status("scepsy-judge").equals("gone"));
        assertThat(ray.status("search")).isEqualTo("RUNNING");
        assertThat(ray.details().at("/applications/scepsy-critic/deployments/LLMServer:critic/replicas"))
                .as("unchanged engines stay")
                .anyMatch(replica -> replica.path("replica_id").equals(critic));
    }

    @Test
    @Order(4)
    void anApplicationThatFailsLeadsBack() throws Exception {
        JsonNode other = ray.details().at("/applications/search/deployments/Other/replicas/0/replica_id");
        CommandLineRun applied = apply("broken", "--load-seconds", "60");
        assertThat(applied.exitCode()).as(applied.err()).isEqualTo(ExitCode.ROLLED_BACK);
        assertThat(applied.out()).contains("Rolled back: ", "scepsy-broken");
        ray.await("the others", each -> each.status("search").equals("RUNNING"));
        ray.await("what ran before", each -> each.status("scepsy-critic").equals("RUNNING"));
        assertThat(ray.details().at("/applications/search/deployments/Other/replicas/0/replica_id"))
                .isEqualTo(other);
        assertThat(ray.status("scepsy-broken")).isIn("DELETING", "gone");
    }

    @Test
    @Order(5)
    void aRouteThatSomeoneElseHasIsRefused() throws Exception {
        ray.put(FOREIGN.formatted("search", "critic")); // drops ours too: that is what puts of others do
        ray.await("the other's put", each -> each.status("scepsy-critic").equals("gone"));
        CommandLineRun refused = apply("second");
        assertThat(refused.exitCode()).isEqualTo(ExitCode.REFUSED);
        assertThat(refused.err()).contains("Application (search)", "has the route (/critic)");
        assertThat(ray.status("scepsy-critic")).isEqualTo("gone");
    }
}
