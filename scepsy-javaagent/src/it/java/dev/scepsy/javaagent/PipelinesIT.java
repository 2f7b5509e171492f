package dev.scepsy.javaagent;

import static org.assertj.core.api.Assertions.assertThat;

import dev.scepsy.javaagent.app.CoroutinesApp;
import dev.scepsy.javaagent.app.PipelinesApp;
import org.junit.jupiter.api.Test;

/** Work that a library runs later: pipelines by subscription, coroutines by resumption. */
class PipelinesIT {

    @Test
    void whatAPipelineCallsHangsBelowTheWorkflowThatMadeIt() {
        try (SpanReceiver receiver = new SpanReceiver()) {
            Trees trees = traced(PipelinesApp.class, receiver);

            assertThat(trees.rendered())
                    .containsExactly(
                            "workflow flux(chat echo, chat echo)",
                            "workflow flux-cancelled cancelled(chat echo, chat echo)",
                            "workflow flux-connectable",
                            "workflow flux-named(chat echo)",
                            "workflow foreign-thread(chat echo)",
                            "workflow lambda(chat echo)",
                            "workflow mono(chat echo)",
                            "workflow mono-elastic(chat echo)",
                            "workflow mono-failing ERROR(chat echo)",
                            "workflow mono-known",
                            "workflow mono-twice(chat echo)",
                            "workflow mono-twice(chat echo)",
                            "workflow multi(chat echo, chat echo)",
                            "workflow multi-cancelled cancelled(chat echo, chat echo)",
                            "workflow never-subscribed abandoned",
                            "workflow outer(chat echo, workflow mono-elastic(chat echo))",
                            "workflow own-asking(chat echo)",
                            "workflow own-flow(chat echo, chat echo)",
                            "workflow own-flow(chat echo, chat echo)",
                            "workflow own-streams(chat echo, chat echo)",
                            "workflow published(chat echo, chat echo)",
                            "workflow rx(chat echo, chat echo, chat echo, chat echo, chat echo, chat echo)",
                            "workflow submitted",
                            "workflow uni(chat echo)",
                            "workflow uni-awaited(chat echo)",
                            "workflow uni-failing ERROR",
                            "workflow uni-pool(chat echo)",
                            "workflow uni-twice(chat echo)",
                            "workflow uni-twice(chat echo)");
        }
    }

    @Test
    void aSuspendFunctionIsOneExecutionFromItsCallToItsResult() {
        try (SpanReceiver receiver = new SpanReceiver()) {
            Trees trees = traced(CoroutinesApp.class, receiver);

            assertThat(trees.rendered())
                    .containsExactly(
                            "workflow at-once(chat echo)",
                            "workflow failing ERROR",
                            "workflow on-other-threads(chat echo)",
                            "workflow outer(chat echo, workflow two-delays(chat echo, chat echo, chat echo))",
                            "workflow started(chat echo)",
                            "workflow two-delays(chat echo, chat echo, chat echo)");
            for (ReceivedSpan call : receiver.spans(span -> span.isCalled("chat"))) {
                assertThat(call.endNanos())
                        .isLessThanOrEqualTo(trees.parentOf(call).endNanos());
            }
        }
    }

    private static Trees traced(Class<?> app, SpanReceiver receiver) {
        ForkedJvm.Outcome plain = with(app).run();
        ForkedJvm.Outcome traced = with(app).withAgent().exportingTo(receiver).run();
        assertThat(traced.exitCode()).as(traced.out() + traced.err()).isZero();
        assertThat(traced.out()).isEqualTo(plain.out());
        Trees trees = new Trees(receiver.spans());
        trees.mustBeWhole();
        return trees;
    }

    private static ForkedJvm with(Class<?> app) {
        ForkedJvm jvm = ForkedJvm.of(app).with("scepsy-langchain4j");
        for (String library :
                new String[] {"reactor", "reactive", "smallrye", "jctools", "micrometer", "kotlin", "rxjava"}) {
            jvm.with("/" + library);
        }
        return jvm;
    }
}
