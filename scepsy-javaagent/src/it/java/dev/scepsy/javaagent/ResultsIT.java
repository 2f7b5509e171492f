package dev.scepsy.javaagent;

import static org.assertj.core.api.Assertions.assertThat;

import dev.scepsy.javaagent.app.ResultsApp;
import org.junit.jupiter.api.Test;

/** When a workflow ends whose method returned a future, and where the annotation may stand. */
class ResultsIT {

    @Test
    void workflowsEndWithTheirFuturesAndAreKnownWhereverTheyAreDeclared() {
        try (SpanReceiver receiver = new SpanReceiver()) {
            ForkedJvm.Outcome plain =
                    ForkedJvm.of(ResultsApp.class).with("scepsy-langchain4j").run();
            ForkedJvm.Outcome traced = ForkedJvm.of(ResultsApp.class)
                    .with("scepsy-langchain4j")
                    .withAgent()
                    .exportingTo(receiver)
                    .run();

            assertThat(traced.exitCode()).as(traced.err()).isZero();
            assertThat(traced.out()).isEqualTo(plain.out()).startsWith("true\n");
            Trees trees = new Trees(receiver.spans());
            trees.mustBeWhole();
            assertThat(trees.rendered())
                    .containsExactly(
                            "workflow abstract-method(chat echo)",
                            "workflow abstract-method(chat echo, chat echo)",
                            "workflow abstract-method(chat echo, chat echo)",
                            "workflow abstract-method(chat echo, chat echo)",
                            "workflow asked-above(chat echo)",
                            "workflow cancelled-future cancelled",
                            "workflow default-method(chat echo)",
                            "workflow failing-future ERROR",
                            "workflow forked(chat echo)",
                            "workflow generic-class(chat echo)",
                            "workflow generic-interface(chat echo)",
                            "workflow generic-interface(chat echo)",
                            "workflow interface-of-the-base(chat echo)",
                            "workflow named-below(chat echo)",
                            "workflow never-run openAtExit",
                            "workflow says-itself(chat echo)",
                            "workflow submitted(chat echo)");
            for (String name : new String[] {"submitted", "forked"}) {
                ReceivedSpan workflow = receiver.spans(span -> span.isCalled("invoke_workflow " + name))
                        .get(0);
                assertThat(trees.childrenOf(workflow))
                        .allSatisfy(call -> assertThat(call.endNanos()).isLessThanOrEqualTo(workflow.endNanos()));
            }
        }
    }
}
