package dev.scepsy.planner.serve.web;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.scepsy.planner.serve.journal.ProposalState;
import dev.scepsy.planner.serve.web.Running.Reply;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What each address answers; the client holds every answer against {@code openapi.json}. */
class AddressesTest {

    private Running running;

    @BeforeEach
    void start() throws IOException {
        running = Running.open();
    }

    @AfterEach
    void stop() {
        running.close();
    }

    @Test
    void statisticsAreWorkflowsJsonOfTheWindowOrItsLastPart() {
        JsonNode all = running.get("/api/v1/statistics").json();
        Reply last = running.get("/api/v1/statistics?window=5m");

        assertThat(all.at("/workflows/0/name").textValue()).isEqualTo("research");
        assertThat(all.at("/workflows/0/models/0/callsPerExecution").doubleValue())
                .isEqualTo(3.2);
        assertThat(all.at("/incompleteExecutions/rootMissing").intValue()).isEqualTo(3);
        assertThat(last.status()).isEqualTo(200);
        assertThat(running.observations.windows).containsExactly(Optional.empty(), Optional.of(Duration.ofMinutes(5)));
    }

    @Test
    void sharesAndExecutionsTakePlainAndFullNamesAndRefuseAPlainOneOfSeveral() {
        assertThat(running.get("/api/v1/shares?workflow=research")
                        .json()
                        .at("/points/0/pathShares/other")
                        .doubleValue())
                .isEqualTo(0.25);
        for (String address : List.of("/api/v1/shares", "/api/v1/executions")) {
            Reply several = running.get(address + "?workflow=twin");
            assertThat(several.status()).isEqualTo(400);
            assertThat(several.json().get("candidates")).hasSize(2);
            Reply none = running.get(address + "?workflow=nothing");
            assertThat(none.status()).isEqualTo(404);
            assertThat(none.json().get("workflows").get(0).textValue()).isEqualTo("research");
        }
        assertThat(running.get("/api/v1/executions?workflow=twin%40a").json().get("executions"))
                .isEmpty();
    }

    @Test
    void executionsHaveALimitAndALinkToTheirTrace() {
        JsonNode some = running.get("/api/v1/executions?workflow=research").json();
        JsonNode most =
                running.get("/api/v1/executions?workflow=research&limit=1000").json();
        Reply one = running.get("/api/v1/executions/" + FakeObservations.ID);

        assertThat(some.at("/executions/0/limit").intValue()).isEqualTo(50);
        assertThat(most.at("/executions/0/limit").intValue()).isEqualTo(1000);
        assertThat(one.json().get("traceLink").textValue())
                .isEqualTo("http://jaeger/trace/5b8efff798038103d269b633813fc60c");
        assertThat(running.get("/api/v1/executions/" + "0".repeat(32) + "-" + "0".repeat(16))
                        .status())
                .isEqualTo(404);
    }

    @Test
    void everyProblemOfAQueryIsNamed() {
        Reply reply = running.get("/api/v1/executions?limit=1001&before=x&colour=red&limit=2");

        assertThat(reply.status()).isEqualTo(400);
        assertThat(reply.header("content-type")).isEqualTo("application/problem+json");
        assertThat(reply.json().get("problems").toString())
                .contains(
                        "workflow is missing",
                        "limit is given 2 times",
                        "limit (1001)",
                        "before must be",
                        "colour is not known");
        for (String window : List.of("5", "0s", "-5m", "25h", "99999999999d", "")) {
            assertThat(running.get("/api/v1/statistics?window=" + window).status())
                    .as(window)
                    .isEqualTo(400);
        }
        assertThat(running.get("/api/v1/executions/nope").status()).isEqualTo(400);
    }

    @Test
    void modelsAndClusterSayWhatRunsAndHowTheLoopStands() {
        JsonNode models = running.get("/api/v1/models").json();
        JsonNode cluster = running.get("/api/v1/cluster").json();

        assertThat(models.at("/models/0/engines/running").doubleValue()).isEqualTo(1);
        assertThat(models.at("/engineTroubles/0").textValue()).contains("did not answer");
        assertThat(cluster.at("/nodes/0/gpus").intValue()).isEqualTo(8);
        assertThat(cluster.at("/loop/mode").textValue()).isEqualTo("propose");
        assertThat(cluster.has("push")).isFalse();
    }

    @Test
    void proposalsAndPlansAreListedAndShown() {
        running.journal.proposals.add(FakeOperations.proposal("p-2", ProposalState.OPEN));
        running.journal.proposals.add(FakeOperations.proposal("p-1", ProposalState.ROLLED_BACK));
        running.journal.plans.add(FakeOperations.plan("plan-1"));

        JsonNode listed = running.get("/api/v1/proposals").json();
        assertThat(listed.get("proposals")).hasSize(2);
        assertThat(listed.at("/proposals/1/state").textValue()).isEqualTo("rolledBack");
        assertThat(running.get("/api/v1/proposals?limit=1").json().get("proposals"))
                .hasSize(1);
        assertThat(running.get("/api/v1/proposals/p-1").json().get("createdAt").textValue())
                .isEqualTo("2026-02-03T04:05:06Z");
        assertThat(running.get("/api/v1/proposals/p-9").status()).isEqualTo(404);
        assertThat(running.get("/api/v1/plans")
                        .json()
                        .at("/plans/0/scorecard/verdict")
                        .textValue())
                .isEqualTo("asPredicted");
        assertThat(running.get("/api/v1/plans/plan-1").status()).isEqualTo(200);
        assertThat(running.get("/api/v1/plans/plan-9").status()).isEqualTo(404);
    }

    @Test
    void decisionsReachTheLoopWithWhoAndWhy() {
        assertThat(running.change("POST", "/api/v1/proposals", "").status()).isEqualTo(201);
        assertThat(running.change("POST", "/api/v1/proposals", "{\"targets\":{\"research\":2},\"reason\":\"more\"}")
                        .json()
                        .get("state")
                        .textValue())
                .isEqualTo("open");
        assertThat(running.change("POST", "/api/v1/proposals/p-1/approve", "{\"reason\":\"good\"}")
                        .status())
                .isEqualTo(200);
        assertThat(running.change("POST", "/api/v1/proposals/p-1/reject", "{}").status())
                .isEqualTo(200);
        assertThat(running.change("POST", "/api/v1/rollback", "{\"reason\":\"slow\"}")
                        .status())
                .isEqualTo(202);
        assertThat(running.change("PUT", "/api/v1/pins/org%2Flarge", "{\"tensorParallel\":2,\"replicas\":3}")
                        .json()
                        .get("model")
                        .textValue())
                .isEqualTo("org/large");
        assertThat(running.change("DELETE", "/api/v1/pins/org%2Flarge", "").status())
                .isEqualTo(204);
        assertThat(running.change("PUT", "/api/v1/freeze", "{\"until\":\"2027-01-01T00:00:00+01:00\"}")
                        .json()
                        .get("until")
                        .textValue())
                .isEqualTo("2026-12-31T23:00:00Z");
        assertThat(running.change("DELETE", "/api/v1/freeze", "").status()).isEqualTo(204);
        assertThat(running.change("DELETE", "/api/v1/suspects/node-1", "{\"reason\":\"replaced\"}")
                        .status())
                .isEqualTo(204);
        assertThat(running.change("DELETE", "/api/v1/suspects/none", "").status())
                .isEqualTo(404);
        assertThat(running.operations.asked)
                .containsExactly(
                        "plan local {} null",
                        "plan local {research=2.0} more",
                        "approve local p-1 good",
                        "reject local p-1 null",
                        "rollBack local slow",
                        "pin local org/large",
                        "unpin local org/large",
                        "freeze local null",
                        "unfreeze local",
                        "trust local node-1 replaced",
                        "trust local none null");
    }

    @Test
    void whatIfAsksAndDecidesNothing() {
        Reply reply = running.change(
                "POST",
                "/api/v1/proposals",
                "{\"whatIf\":{\"targets\":{\"research\":2},\"limits\":{\"research\":9},\"gpus\":{\"node-1\":0},"
                        + "\"without\":[\"small\"],\"faster\":{\"large\":1.5}}}",
                "Idempotency-Key",
                "what-if");

        assertThat(reply.status()).isEqualTo(200);
        assertThat(reply.json().get("proven").booleanValue()).isFalse();
        assertThat(running.operations.asked)
                .singleElement()
                .isEqualTo("whatIf WhatIfQuestion[targets={research=2.0}, limits={research=9.0}, gpus={node-1=0},"
                        + " without=[small], faster={large=1.5}]");
        assertThat(running.journal.answers).isEmpty();
    }

    @Test
    void whatTheLoopRefusesIsSaidWithItsStatus() {
        Reply conflict = running.change("POST", "/api/v1/proposals/old/approve", "{}");
        Reply unknown = running.change("POST", "/api/v1/proposals/none/reject", "{}");
        Reply bad = running.change("POST", "/api/v1/proposals", "{\"targets\":{\"nobody\":1}}");

        assertThat(conflict.status()).isEqualTo(409);
        assertThat(conflict.json().get("state").textValue()).isEqualTo("superseded");
        assertThat(unknown.status()).isEqualTo(404);
        assertThat(bad.status()).isEqualTo(400);
        assertThat(bad.json().get("problems")).hasSize(2);
    }

    @Test
    void aStoreThatCannotBeUsedIsSaidAndTheSenderComesAgain() {
        running.journal.trouble = "The disk is full.";
        Reply reply = running.get("/api/v1/proposals");
        assertThat(reply.status()).isEqualTo(503);
        assertThat(reply.header("retry-after")).isEqualTo("2");
        assertThat(reply.json().get("detail").textValue()).isEqualTo("The disk is full.");
        running.journal.trouble = null;
        running.journal.leader = "host-2:8844";
        Reply standby = running.change("POST", "/api/v1/rollback", "{}");
        assertThat(standby.status()).isEqualTo(503);
        assertThat(standby.json().get("standby").booleanValue()).isTrue();
        assertThat(standby.json().get("detail").textValue()).contains("host-2:8844");
    }

    @Test
    void anErrorOfTheServiceIsLoggedAndItsDetailNotShown() throws IOException {
        String answer = running.raw(
                "POST /api/v1/proposals HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n"
                        + "Content-Type: application/json\r\nX-Scepsy-Request: 1\r\nContent-Length: 21\r\n\r\n{\"targets\":{\"bug\":1}}");

        assertThat(answer)
                .startsWith("HTTP/1.1 500")
                .contains("its log says more")
                .doesNotContain("secret detail");
        assertThat(running.logText()).contains("secret detail");
    }

    @Test
    void readinessNamesEveryReason() {
        assertThat(running.get("/healthz").json().get("status").textValue()).isEqualTo("alive");
        assertThat(running.get("/readyz").json().get("status").textValue()).isEqualTo("ready");
        running.observations.trouble = "The receivers are full.";
        running.operations.trouble = "The cluster does not answer.";
        Reply reply = running.get("/readyz");
        assertThat(reply.status()).isEqualTo(503);
        assertThat(reply.json().get("reasons")).hasSize(2);
        running.journal.leader = "host-2";
        JsonNode standby = running.get("/readyz").json();
        assertThat(standby.at("/reasons/0").textValue()).startsWith("standby");
        assertThat(standby.get("leader").textValue()).isEqualTo("host-2");
        running.journal.trouble = "The database is gone.";
        assertThat(running.get("/readyz").json().at("/reasons/0").textValue()).isEqualTo("The database is gone.");
        assertThat(running.get("/healthz").status()).isEqualTo(200);
    }

    @Test
    void metricsAreTheTextThatIsGiven() {
        Reply reply = running.get("/metrics");
        assertThat(reply.body()).isEqualTo("scepsy_up 1\n");
        assertThat(reply.header("content-type")).startsWith("text/plain; version=0.0.4");
    }

    @Test
    void otherAddressesAndMethodsAreProblemsToo() {
        assertThat(running.get("/api/v1/nothing").status()).isEqualTo(404);
        assertThat(running.get("/api/v1/proposals/").status()).isEqualTo(404);
        assertThat(running.get("/api/v1/proposals/%ff").status()).isEqualTo(400);
        Reply method = running.send("PATCH", "/api/v1/freeze", "{}");
        assertThat(method.status()).isEqualTo(405);
        assertThat(method.header("allow")).isEqualTo("DELETE, PUT");
        Reply options = running.send("OPTIONS", "/api/v1/models", null, "Origin", "https://evil.example");
        assertThat(options.status()).isEqualTo(405);
        assertThat(options.header("access-control-allow-origin")).isEmpty();
        Reply head = running.send("HEAD", "/api/v1/models", null);
        assertThat(head.status()).isEqualTo(200);
        assertThat(head.body()).isEmpty();
        assertThat(running.send("HEAD", "/api/v1/events", null).status()).isEqualTo(200);
    }

    @Test
    void thePageIsStaticAndWorksBelowAnyPrefix() {
        Reply page = running.get("/");
        assertThat(page.body()).contains("href=\"openapi.json\"", "assets/page.css");
        assertThat(page.body()).doesNotContain("=\"/", "://", "<script>", "<style", "style=");
        assertThat(page.header("content-security-policy")).contains("script-src 'self'", "frame-ancestors 'none'");
        Reply style = running.get("/assets/page.css");
        assertThat(style.header("content-type")).isEqualTo("text/css; charset=utf-8");
        assertThat(running.get("/assets/page.css", "If-None-Match", style.header("etag"))
                        .status())
                .isEqualTo(304);
        for (String path :
                List.of("..%2Findex.html", "%2e%2e/index.html", ".hidden", "page.class", "x/../page.css", "%00")) {
            assertThat(running.get("/assets/" + path).status()).as(path).isIn(400, 404);
        }
        assertThat(running.get("/openapi.json").json().get("openapi").textValue())
                .isEqualTo("3.1.0");
    }
}
