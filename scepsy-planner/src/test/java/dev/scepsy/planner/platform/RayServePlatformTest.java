package dev.scepsy.planner.platform;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Pushes to Ray Serve: what others declared stays, whatever they do meanwhile; the real Ray is {@code RealRayIT}'s. */
class RayServePlatformTest {

    private StandInRay ray;
    private final List<String> told = new ArrayList<>();

    @BeforeEach
    void start() throws IOException {
        ray = new StandInRay();
    }

    @AfterEach
    void stop() {
        ray.close();
    }

    private static PlacedPlan plan() {
        return PlacedPlans.onMps()
                .with("critic", 0.5, "node-1:0", "node-1:1")
                .with("judge", 0.3, "node-1:0")
                .placed();
    }

    private PlatformOutcome apply(PlacedPlan plan) {
        return ray.platform().apply(plan, told::add);
    }

    private static List<String> putNames(JsonNode put) {
        List<String> names = new ArrayList<>();
        put.path("applications")
                .forEach(application -> names.add(application.path("name").asText()));
        return names;
    }

    @Test
    void applicationsOfOthersArePutBackAsTheyWere() {
        JsonNode foreign =
                ray.foreign("search", "declarative").path("deployed_app_config").deepCopy();
        ray.foreign("notebook", "imperative");

        assertThat(apply(plan())).isInstanceOf(PlatformOutcome.Applied.class);

        assertThat(ray.puts).hasSize(1);
        JsonNode put = ray.puts.get(0);
        assertThat(putNames(put)).containsExactly("search", "scepsy-critic", "scepsy-judge");
        assertThat(put.at("/applications/0")).isEqualTo(foreign);
        assertThat(put.path("target_capacity").asDouble()).isEqualTo(80);
        assertThat(put.path("proxy_location").asText()).isEqualTo("HeadOnly");
        assertThat(put.at("/http_options/port").asInt()).isEqualTo(18000);
        assertThat(ray.names()).containsExactlyInAnyOrder("search", "notebook", "scepsy-critic", "scepsy-judge");
        assertThat(ray.tokens).containsOnly("Bearer sesame");
        assertThat(told).contains("Kept as they are: search.", "scepsy-critic is ready.");
    }

    @Test
    void applicationsOfAnOlderPlanGoAndUnchangedOnesStay() throws Exception {
        apply(plan());
        JsonNode critic = ray.application("scepsy-critic").deepCopy();
        assertThat(apply(PlacedPlans.onMps()
                        .with("critic", 0.5, "node-1:0", "node-1:1")
                        .placed()))
                .isInstanceOf(PlatformOutcome.Applied.class);
        assertThat(ray.names()).containsExactly("scepsy-critic");
        assertThat(ray.application("scepsy-critic")).isEqualTo(critic);
        assertThat(told).contains("Application (scepsy-judge) is not in the plan and is removed.");
        PlatformState state = ray.platform().read();
        assertThat(state.serving().get(0))
                .isEqualTo(new PlatformState.Serving("scepsy-critic", "critic", 2, 2, "RUNNING", true));
    }

    @Test
    void whatIsBeingDeletedIsNotDeclaredAgain() {
        ray.foreign("search", "declarative").put("status", "DELETING");
        apply(plan());
        assertThat(putNames(ray.puts.get(0))).doesNotContain("search");
        assertThat(told).anyMatch(line -> line.contains("(search) is being deleted"));
    }

    @Test
    void aPutBetweenTheTwoLooksIsSeenAndMerged() {
        ray.before.add(() -> {});
        ray.before.add(() -> ray.foreign("search", "declarative"));
        assertThat(apply(plan())).isInstanceOf(PlatformOutcome.Applied.class);
        assertThat(told).contains("Someone else changed Serve's applications meanwhile; looking again.");
        assertThat(ray.puts).hasSize(1);
        assertThat(ray.names()).contains("search");
    }

    @Test
    void aPutBetweenTheLastLookAndOursIsPutBackAndSaid() {
        ray.before.add(() -> {});
        ray.before.add(() -> {});
        ray.before.add(() -> ray.foreign("search", "declarative"));
        assertThat(apply(plan())).isInstanceOf(PlatformOutcome.Applied.class);
        assertThat(told).anyMatch(line -> line.startsWith("Someone else declared search at the same time"));
        assertThat(ray.puts).hasSize(2);
        assertThat(ray.names()).contains("search", "scepsy-critic");
    }

    @Test
    void whoeverChangesThingsWithoutEndIsNotOverwritten() {
        for (int i = 0; i < 20; i++) {
            int number = i;
            ray.before.add(() -> ray.foreign("search-" + number, "declarative"));
        }
        assertThat(apply(plan()))
                .isInstanceOfSatisfying(
                        PlatformOutcome.Refused.class,
                        refused -> assertThat(refused.reasons())
                                .singleElement()
                                .asString()
                                .contains("again and again"));
        assertThat(ray.puts).isEmpty();
    }

    @Test
    void aPutOfSomeoneElseThatDropsOursIsToldApart() {
        for (int i = 0; i < 4; i++) {
            ray.before.add(() -> {});
        }
        ray.before.add(() -> ray.application("scepsy-critic").put("status", "DELETING"));
        assertThat(apply(plan()))
                .isInstanceOfSatisfying(
                        PlatformOutcome.StoppedMidway.class,
                        stopped -> assertThat(stopped.reason())
                                .contains("(scepsy-critic) was removed by someone else's put"));
    }

    @Test
    void aFailedApplicationLeadsBackToWhatRanBefore() {
        ray.foreign("search", "declarative");
        apply(PlacedPlans.onMps().with("critic", 0.5, "node-1:0").placed());
        JsonNode before =
                ray.application("scepsy-critic").path("deployed_app_config").deepCopy();
        ray.fail("judge");
        assertThat(apply(plan()))
                .isInstanceOfSatisfying(
                        PlatformOutcome.RolledBack.class,
                        back -> assertThat(back.reason()).contains("scepsy-judge failed: Traceback: no such module"));
        assertThat(ray.names()).containsExactlyInAnyOrder("search", "scepsy-critic");
        assertThat(ray.application("scepsy-critic").path("deployed_app_config")).isEqualTo(before);
    }

    @Test
    void whatRayRefusesChangedNothingAndSecretsAreNotRepeated() {
        ray.refuse(
                400,
                "1 validation error for ServeDeploySchema route_prefix [type=value_error, input_value={'SECRET': 'sesame open'}, input_type=dict]");
        assertThat(apply(plan()))
                .isInstanceOfSatisfying(
                        PlatformOutcome.Refused.class,
                        refused -> assertThat(refused.reasons())
                                .singleElement()
                                .asString()
                                .contains("answered 400", "ServeDeploySchema")
                                .doesNotContain("sesame open"));
        assertThat(ray.names()).isEmpty();
    }

    @Test
    void anAnswerThatSaysNothingIsStoppedMidway() {
        ray.refuse(503, "GCS may be down");
        assertThat(apply(plan()))
                .isInstanceOfSatisfying(
                        PlatformOutcome.StoppedMidway.class,
                        stopped -> assertThat(stopped.reason())
                                .contains("Whether Ray took the applications is unknown", "GCS may be down"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"name", "route", "hidden", "undeclared", "old"})
    void whatOthersHaveThatCannotBeKeptIsRefusedBeforeAnyPut(String what) {
        String name = what.equals("name") ? "scepsy-critic" : what.equals("route") ? "critic" : "search";
        var application = ray.foreign(name, "declarative");
        switch (what) {
            case "hidden" ->
                application
                        .withObject("/deployed_app_config/runtime_env/env_vars")
                        .put("SECRET", "<redacted>");
            case "undeclared" -> application.putNull("deployed_app_config");
            case "old" -> application.remove("source");
            default -> {}
        }
        assertThat(apply(plan()))
                .isInstanceOfSatisfying(
                        PlatformOutcome.Refused.class,
                        refused -> assertThat(refused.reasons())
                                .singleElement()
                                .asString()
                                .contains("(" + name + ")"));
        assertThat(ray.puts).isEmpty();
    }

    @Test
    void whatAnswersAndIsNoServeIsSaid() throws Exception {
        ray.close();
        assertThat(apply(plan()))
                .isInstanceOfSatisfying(
                        PlatformOutcome.Refused.class,
                        refused -> assertThat(refused.reasons())
                                .singleElement()
                                .asString()
                                .contains("cannot be reached", "--address"));
    }
}
