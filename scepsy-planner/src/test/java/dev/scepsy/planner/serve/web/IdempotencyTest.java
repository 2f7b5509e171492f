package dev.scepsy.planner.serve.web;

import static org.assertj.core.api.Assertions.assertThat;

import dev.scepsy.planner.serve.web.Running.Reply;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** {@code Idempotency-Key}: sent again is not done again. */
class IdempotencyTest {

    private Running running;

    @BeforeEach
    void start() throws IOException {
        running = Running.guarded();
    }

    @AfterEach
    void stop() {
        running.close();
    }

    private Reply plan(String key, String body, String token) {
        return running.change(
                "POST", "/api/v1/proposals", body, "Idempotency-Key", key, "Authorization", Running.bearer(token));
    }

    @Test
    void theSameRequestUnderTheSameKeyGetsTheSameAnswerAndIsDoneOnce() {
        Reply first = plan("k1", "{\"reason\":\"a\"}", "operator-token");
        Reply again = plan("k1", "{\"reason\":\"a\"}", "operator-token");
        Reply other = plan("k2", "{\"reason\":\"a\"}", "operator-token");

        assertThat(again.status()).isEqualTo(first.status()).isEqualTo(201);
        assertThat(again.body()).isEqualTo(first.body());
        assertThat(again.header("content-type")).isEqualTo("application/json");
        assertThat(again.header("idempotency-replayed")).isEqualTo("true");
        assertThat(other.body()).isNotEqualTo(first.body());
        assertThat(running.operations.asked).hasSize(2);
        assertThat(running.journal.answers).containsOnlyKeys("k1", "k2");
        assertThat(running.journal.answers.toString()).doesNotContain("operator-token");
    }

    @Test
    void anotherRequestUnderTheSameKeyIsRefused() {
        running.tokens.put(
                "second-token",
                new dev.scepsy.planner.serve.settings.Actor("bob", dev.scepsy.planner.serve.settings.Role.OPERATOR));
        plan("k", "{}", "operator-token");

        assertThat(plan("k", "{\"reason\":\"b\"}", "operator-token").status()).isEqualTo(422);
        assertThat(plan("k", "{}", "second-token").status()).isEqualTo(422);
        assertThat(running.change(
                                "POST",
                                "/api/v1/rollback",
                                "{}",
                                "Idempotency-Key",
                                "k",
                                "Authorization",
                                Running.bearer("operator-token"))
                        .status())
                .isEqualTo(422);
        assertThat(running.operations.asked).hasSize(1);
    }

    @Test
    void aRefusalOfTheLoopIsKeptAndOneOfFormOrRightIsNot() {
        String operator = Running.bearer("operator-token");
        for (int i = 0; i < 2; i++) {
            Reply old = running.change(
                    "POST", "/api/v1/proposals/old/approve", "{}", "Idempotency-Key", "old", "Authorization", operator);
            assertThat(old.status()).isEqualTo(409);
            assertThat(old.json().get("state").textValue()).isEqualTo("superseded");
            assertThat(old.header("content-type")).isEqualTo("application/problem+json");
        }
        assertThat(running.operations.asked).hasSize(1);

        assertThat(plan("k", "{\"colour\":1}", "operator-token").status()).isEqualTo(400);
        assertThat(plan("k", "{}", "viewer-token").status()).isEqualTo(403);
        running.journal.leader = "other";
        assertThat(plan("k", "{}", "operator-token").status()).isEqualTo(503);
        running.journal.leader = null;
        assertThat(plan("k", "{}", "operator-token").status()).isEqualTo(201);
        assertThat(running.journal.answers).containsOnlyKeys("old", "k");
    }

    @Test
    void anAnswerWithoutABodyIsRepeatedToo() {
        for (int i = 0; i < 2; i++) {
            assertThat(running.change(
                                    "DELETE",
                                    "/api/v1/freeze",
                                    "",
                                    "Idempotency-Key",
                                    "gone",
                                    "Authorization",
                                    Running.bearer("operator-token"))
                            .status())
                    .isEqualTo(204);
        }
        assertThat(running.operations.asked).containsExactly("unfreeze ann");
    }

    @Test
    void ofSeveralAtOnceOneRuns() {
        running.operations.gate = new CountDownLatch(1);
        List<CompletableFuture<Reply>> replies = Stream.generate(
                        () -> CompletableFuture.supplyAsync(() -> plan("k", "{}", "operator-token"), task -> {
                            Thread thread = new Thread(task);
                            thread.setDaemon(true);
                            thread.start();
                        }))
                .limit(6)
                .toList();
        while (running.operations.asked.isEmpty()) {
            Thread.onSpinWait();
        }
        running.operations.gate.countDown();
        List<String> bodies = replies.stream()
                .map(CompletableFuture::join)
                .map(Reply::body)
                .distinct()
                .toList();

        assertThat(bodies).hasSize(1);
        assertThat(running.operations.asked).hasSize(1);
    }

    @Test
    void anAnswerThatCannotBeKeptIsGivenAllTheSame() {
        running.operations.gate = new CountDownLatch(1);
        CompletableFuture<Reply> reply = CompletableFuture.supplyAsync(() -> plan("k", "{}", "operator-token"));
        while (running.operations.asked.isEmpty()) {
            Thread.onSpinWait();
        }
        running.journal.trouble = "The disk is full.";
        running.operations.gate.countDown();

        assertThat(reply.join().status()).isEqualTo(201);
        assertThat(running.logText()).contains("could not be kept");
    }

    @Test
    void aKeyIsOneWord() {
        for (String key : List.of("a b", "x".repeat(256))) {
            assertThat(plan(key, "{}", "operator-token").status()).as(key).isEqualTo(400);
        }
        assertThat(running.operations.asked).isEmpty();
    }
}
