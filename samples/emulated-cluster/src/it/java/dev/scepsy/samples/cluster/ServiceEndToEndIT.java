package dev.scepsy.samples.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The planner service as a user runs it: spans in, a proposal, its approval under load, the scorecard, back again. */
class ServiceEndToEndIT {

    @TempDir
    Path folder;

    private EmulatedCluster cluster;
    private ServiceProcess service;

    @BeforeEach
    void start() throws Exception {
        cluster = TestClusters.start();
        ServiceFolder.write(folder);
        service = new ServiceProcess(folder, cluster.apiServerUrl(), ServiceFolder.yaml("propose"));
        service.start();
    }

    @AfterEach
    void stop() {
        service.close();
        cluster.close();
    }

    @Test
    void spansBecomeAProposalThatServesOnceItIsApproved() throws Exception {
        try (TraceLoad traces = TraceLoad.start(service, 20, 7)) {
            traces.awaitAcknowledged(40);
            Engines.await(
                    "statistics",
                    () -> service.get("/api/v1/statistics")
                                    .json()
                                    .path("workflows")
                                    .path(0)
                                    .path("executions")
                                    .asLong()
                            >= 30);
            ServiceProcess.Answer planned = service.post("/api/v1/proposals", "{}");
            assertThat(planned.status()).as(planned.body()).isBetween(200, 201);
            String first = planned.json().path("id").asText();
            assertThat(planned.json().path("state").asText()).isEqualTo("open");
            assertThat(service.post("/api/v1/proposals/" + first + "/approve", "{\"reason\": \"a first plan\"}")
                            .status())
                    .isBetween(200, 202);
            JsonNode kept = service.awaitProposal(first, "kept", "failed", "rolledBack");
            assertThat(kept.path("state").asText()).as(kept.toPrettyString()).isEqualTo("kept");

            try (RequestLoad load = RequestLoad.start(cluster.openAiBaseUrl(), List.of("generator", "critic"))) {
                load.awaitAnswers(4);
                assertThat(service.change("PUT", "/api/v1/pins/critic", "{\"replicas\": 2, \"reason\": \"enough\"}")
                                .status())
                        .isEqualTo(200);
                ServiceProcess.Answer again = service.post("/api/v1/proposals", "{}");
                assertThat(again.status()).as(again.body()).isBetween(200, 201);
                String second = again.json().path("id").asText();
                assertThat(replicas(again.json().path("plan"), "critic")).isEqualTo(2);
                assertThat(service.post("/api/v1/proposals/" + second + "/approve", "{}")
                                .status())
                        .isBetween(200, 202);
                assertThat(service.awaitProposal(second, "kept", "failed", "rolledBack")
                                .path("state")
                                .asText())
                        .isEqualTo("kept");
                load.awaitAnswers(4);
                assertThat(load.failures()).isEmpty();
            }
            JsonNode entry = service.get("/api/v1/plans").json().path("plans").path(0);
            assertThat(entry.path("scorecard").path("verdict").asText())
                    .as(entry.toPrettyString())
                    .isNotEmpty();
            assertThat(service.post("/api/v1/rollback", "{\"reason\": \"enough\"}")
                            .status())
                    .isBetween(200, 202);
            Engines.await("the first plan serves again", () -> {
                JsonNode view = service.get("/api/v1/cluster").json();
                long critics = 0;
                for (JsonNode engine : view.path("engines")) {
                    critics += engine.path("model").asText().equals("critic") ? 1 : 0;
                }
                return critics == replicas(kept.path("plan"), "critic");
            });
            assertThat(service.stop()).isEqualTo(143);
        }
        assertThat(Files.readString(folder.resolve("serve-1.log"))).doesNotContain("Exception");
    }

    private static int replicas(JsonNode plan, String model) {
        for (JsonNode allocation : plan.path("allocations")) {
            if (allocation.path("model").asText().equals(model)) {
                return allocation.path("replicas").asInt();
            }
        }
        return 0;
    }
}
