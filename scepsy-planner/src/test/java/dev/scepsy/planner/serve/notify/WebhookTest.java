package dev.scepsy.planner.serve.notify;

import static com.github.tomakehurst.wiremock.client.WireMock.aResponse;
import static com.github.tomakehurst.wiremock.client.WireMock.any;
import static com.github.tomakehurst.wiremock.client.WireMock.anyUrl;
import static com.github.tomakehurst.wiremock.client.WireMock.post;
import static com.github.tomakehurst.wiremock.client.WireMock.postRequestedFor;
import static com.github.tomakehurst.wiremock.client.WireMock.urlEqualTo;
import static com.github.tomakehurst.wiremock.core.WireMockConfiguration.wireMockConfig;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.github.tomakehurst.wiremock.WireMockServer;
import com.github.tomakehurst.wiremock.stubbing.Scenario;
import com.github.tomakehurst.wiremock.stubbing.ServeEvent;
import dev.scepsy.planner.serve.journal.Change;
import dev.scepsy.planner.serve.journal.Decision;
import dev.scepsy.planner.serve.journal.Documents;
import dev.scepsy.planner.serve.journal.Proposal;
import dev.scepsy.planner.serve.journal.ProposalState;
import dev.scepsy.planner.serve.journal.Trigger;
import dev.scepsy.planner.serve.log.ServiceLog;
import dev.scepsy.planner.serve.settings.ServiceTime;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class WebhookTest {

    private static final Instant NOW = Instant.parse("2026-11-30T12:00:00Z");

    /** Pauses last a thousandth, so five minutes last 0.3 s. */
    private final ServiceTime time = ServiceTime.scaled(1000);

    private final ByteArrayOutputStream logged = new ByteArrayOutputStream();
    private final MemoryJournal journal = new MemoryJournal();
    private final WireMockServer receiver = new WireMockServer(wireMockConfig().dynamicPort());

    @BeforeEach
    void start() {
        receiver.start();
        receiver.stubFor(any(anyUrl()).willReturn(aResponse().withStatus(204)));
    }

    @AfterEach
    void stop() {
        receiver.stop();
    }

    private Webhook webhook() {
        Webhook webhook = Webhook.start(
                URI.create("http://127.0.0.1:" + receiver.port() + "/hook/s3cr3t?token=s3cr3t"),
                journal,
                time,
                new ServiceLog(new PrintStream(logged, true, StandardCharsets.UTF_8), false, time));
        await(() -> journal.note(Webhook.NOTE).isPresent());
        return webhook;
    }

    private void happens(String type, Object data) {
        journal.write(new Change().event(NOW, type, data));
    }

    private static void await(BooleanSupplier condition) {
        long deadline = System.nanoTime() + Duration.ofSeconds(30).toNanos();
        while (!condition.getAsBoolean()) {
            assertThat(System.nanoTime()).isLessThan(deadline);
            LockSupport.parkNanos(1_000_000);
        }
    }

    /** Bodies in the order they came. */
    private List<JsonNode> bodies() {
        List<JsonNode> bodies = new ArrayList<>();
        for (ServeEvent event : receiver.getAllServeEvents()) {
            bodies.add(Documents.parse(event.getRequest().getBodyAsString()));
        }
        Collections.reverse(bodies);
        return bodies;
    }

    private String log() {
        return logged.toString(StandardCharsets.UTF_8);
    }

    private static Proposal proposal() {
        JsonNode plan = Documents.parse("{\"allocations\": [\"big\"]}");
        return new Proposal(
                "p-1",
                ProposalState.OPEN,
                NOW,
                NOW,
                List.of(new Trigger("drift", "rag", "critic", NOW, "The critic is called 3 times as often.", Map.of())),
                plan,
                plan,
                Map.of("rag", 2.0),
                new Proposal.Gain(4.0, 3.0, 0.25, 4, 4, List.of()),
                new Proposal.MoveCost(2, 60, 30, 1.5, 400, 3600),
                List.of("why"),
                List.of(new Proposal.Difference("critic", null, plan)),
                List.of("start"),
                null,
                "hardware",
                "evidence",
                List.of(new Decision("approve", "ann", null, NOW)),
                null,
                null,
                Map.of());
    }

    @Test
    void aProposalIsToldWithItsReasonsAndNumbersAndWithoutItsPlan() throws Exception {
        try (Webhook webhook = webhook()) {
            happens("statistics", Map.of("executions", 3));
            happens("proposal", proposal());
            await(() -> webhook.delivered() == 1);

            receiver.verify(1, postRequestedFor(urlEqualTo("/hook/s3cr3t?token=s3cr3t")));
            assertThat(bodies()).containsExactly(Documents.parse("""
                    {"id": 2, "type": "proposal", "at": "2026-11-30T12:00:00Z",
                     "proposal": {"id": "p-1", "state": "open", "createdAt": "2026-11-30T12:00:00Z", "changedAt": "2026-11-30T12:00:00Z",
                       "targetsPerSecond": {"rag": 2.0},
                       "triggers": [{"kind": "drift", "workflow": "rag", "model": "critic", "at": "2026-11-30T12:00:00Z",
                         "sentence": "The critic is called 3 times as often."}],
                       "decisions": [{"what": "approve", "by": "ann", "at": "2026-11-30T12:00:00Z"}],
                       "changes": ["critic"],
                       "gain": {"latencySecondsBefore": 4.0, "latencySecondsAfter": 3.0, "relative": 0.25, "gpusBefore": 4.0, "gpusAfter": 4.0},
                       "cost": {"moves": 2, "seconds": 60.0, "gpuSeconds": 30.0, "delayedRequests": 1.5}},
                     "links": {"proposal": "/api/v1/proposals/p-1"}}"""));
        }
    }

    @Test
    void anEventWithTheIdAloneIsCompletedFromTheJournal() throws Exception {
        journal.write(new Change().proposal(proposal()));
        try (Webhook webhook = webhook()) {
            happens("proposal", Map.of("id", "p-1", "state", "rejected"));
            happens(
                    "scorecard",
                    Map.of("planEntry", "e-1", "scorecard", Map.of("verdict", "better", "sentence", "Good.")));
            happens("freeze", Map.of("by", "ann", "reason", "launch day"));
            await(() -> webhook.delivered() == 3);

            assertThat(bodies().get(0).at("/proposal/state").asText()).isEqualTo("rejected");
            assertThat(bodies().get(0).at("/proposal/gain/relative").asDouble()).isEqualTo(0.25);
            assertThat(bodies().get(1).at("/scorecard/verdict").asText()).isEqualTo("better");
            assertThat(bodies().get(1).at("/links/plan").asText()).isEqualTo("/api/v1/plans/e-1");
            assertThat(bodies().get(2).at("/freeze/reason").asText()).isEqualTo("launch day");
        }
    }

    @Test
    void whatIsNotTakenNowIsSentAgainInOrderAndSaidOnce() throws Exception {
        receiver.stubFor(post(anyUrl())
                .inScenario("down")
                .whenScenarioStateIs(Scenario.STARTED)
                .willReturn(aResponse().withStatus(503))
                .willSetStateTo("down once more"));
        receiver.stubFor(post(anyUrl())
                .inScenario("down")
                .whenScenarioStateIs("down once more")
                .willReturn(aResponse().withStatus(429))
                .willSetStateTo("up"));
        try (Webhook webhook = webhook()) {
            happens("freeze", Map.of("by", "one"));
            happens("freeze", Map.of("by", "two"));
            await(() -> webhook.delivered() == 2);

            assertThat(bodies())
                    .extracting(body -> body.at("/freeze/by").asText())
                    .containsExactly("one", "one", "one", "two");
            assertThat(webhook.dropped()).isZero();
            await(() -> log().contains("takes events again"));
            assertThat(log().lines()).hasSize(2);
            assertThat(log()).contains("(answer 503)").doesNotContain("s3cr3t");
        }
    }

    @Test
    void aRefusalAndARedirectAreGivenUpAtOnce() throws Exception {
        receiver.stubFor(post(anyUrl()).willReturn(aResponse().withStatus(302).withHeader("Location", "/elsewhere")));
        try (Webhook webhook = webhook()) {
            happens("freeze", Map.of("by", "one"));
            await(() -> webhook.dropped() == 1);
            receiver.stubFor(post(anyUrl()).willReturn(aResponse().withStatus(403)));
            happens("freeze", Map.of("by", "two"));
            await(() -> webhook.dropped() == 2);

            assertThat(receiver.getAllServeEvents()).hasSize(2);
            assertThat(log()).contains("did not take event 1 (freeze): answer 302. It is given up.", "answer 403");
        }
    }

    @Test
    void anEventIsGivenUpAfterFiveMinutesAndTheNextHasItsOwn() throws Exception {
        try (Webhook webhook = webhook()) {
            receiver.stop();
            happens("freeze", Map.of("by", "one"));
            happens("freeze", Map.of("by", "two"));
            await(() -> webhook.dropped() == 2);

            assertThat(webhook.delivered()).isZero();
            assertThat(journal.note(Webhook.NOTE)).contains("2");
            assertThat(log()).doesNotContain("s3cr3t");
        }
    }

    @Test
    void aRestartGoesOnAfterTheLastOneThatWasTaken() throws Exception {
        happens("freeze", Map.of("by", "before anybody asked to be told"));
        try (Webhook webhook = webhook()) {
            happens("freeze", Map.of("by", "one"));
            await(() -> webhook.delivered() == 1);
        }
        happens("freeze", Map.of("by", "two"));
        happens("freeze", Map.of("by", "three"));
        try (Webhook webhook = webhook()) {
            await(() -> webhook.delivered() == 2);

            assertThat(bodies())
                    .extracting(body -> body.at("/freeze/by").asText())
                    .containsExactly("one", "two", "three");
        }
    }

    @Test
    void eventsThatTheJournalNoLongerKeepsAreCounted() throws Exception {
        try (Webhook webhook = webhook()) {
            assertThat(webhook.dropped()).isZero();
        }
        for (int i = 0; i < 1010; i++) {
            happens("step", Map.of());
        }
        try (Webhook webhook = webhook()) {
            await(() -> webhook.dropped() == 10);
            assertThat(log()).contains("has missed 10 events");
        }
    }

    @Test
    void onlyTheOneThatLeadsSends() throws Exception {
        try (Webhook webhook = webhook()) {
            journal.leads = false;
            assertThat(webhook.delivered()).isZero();
        }
        journal.leads = true;
        happens("freeze", Map.of("by", "the leader tells this"));
        journal.leads = false;
        try (Webhook standby = webhook()) {
            journal.leads = true;
            happens("freeze", Map.of("by", "it leads now"));
            await(() -> standby.delivered() == 2);
            assertThat(bodies()).hasSize(2);
        }
    }

    @Test
    void aStoreThatIsAwayIsWaitedFor() throws Exception {
        try (Webhook webhook = webhook()) {
            happens("freeze", Map.of("by", "one"));
            await(() -> webhook.delivered() == 1);
            journal.away = true;
            assertThat(webhook.dropped()).isZero();
            journal.away = false;
            happens("freeze", Map.of("by", "two"));
            await(() -> webhook.delivered() >= 2);
            assertThat(bodies().get(bodies().size() - 1).at("/freeze/by").asText())
                    .isEqualTo("two");
        }
    }
}
