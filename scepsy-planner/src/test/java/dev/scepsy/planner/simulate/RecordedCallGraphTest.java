package dev.scepsy.planner.simulate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.scepsy.planner.execution.Enclosing;
import dev.scepsy.planner.execution.Execution;
import dev.scepsy.planner.execution.ExecutionId;
import dev.scepsy.planner.execution.LeafCall;
import dev.scepsy.planner.span.TraceId;
import java.util.Arrays;
import java.util.OptionalDouble;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;

class RecordedCallGraphTest {

    private static final long SECOND = 1_000_000_000L;

    private static LeafCall call(long id, String model, double start, double end, Enclosing... enclosing) {
        return call(id, model, start, end, 100, 10, enclosing);
    }

    private static LeafCall call(
            long id, String model, double start, double end, long input, long output, Enclosing... enclosing) {
        return new LeafCall(
                id,
                model,
                (long) (start * SECOND),
                (long) (end * SECOND),
                0,
                OptionalLong.of(input),
                OptionalLong.of(output),
                false,
                Arrays.asList(enclosing));
    }

    private static Enclosing agent(long id, double start, double end) {
        return new Enclosing(id, (long) (start * SECOND), (long) (end * SECOND));
    }

    private static ExecutionScript script(double end, LeafCall... calls) {
        return ExecutionScript.recorded(
                new Execution.Complete(
                        new ExecutionId(new TraceId(1, 1), 1),
                        "w",
                        0,
                        (long) (end * SECOND),
                        Arrays.asList(calls),
                        OptionalDouble.empty(),
                        OptionalDouble.empty()),
                name -> name);
    }

    @Test
    void aCallWaitsForTheLastOfAChainOnly() {
        ExecutionScript script = script(7, call(1, "a", 0.5, 1), call(2, "a", 2, 3), call(3, "a", 4, 6));
        assertThat(script.calls().get(0).after()).isEmpty();
        assertThat(script.calls().get(1).after()).containsExactly(0);
        assertThat(script.calls().get(2).after()).containsExactly(1);
        assertThat(script.calls().get(0).gapSeconds()).isCloseTo(0.5, within(1e-9));
        assertThat(script.calls().get(2).gapSeconds()).isCloseTo(1, within(1e-9));
        assertThat(script.closingSeconds()).isCloseTo(1, within(1e-9));
        assertThat(script.followers(0)).containsExactly(1);
    }

    @Test
    void siblingsRunSideBySideAndTheNextWaitsForBoth() {
        ExecutionScript script = script(5, call(1, "a", 0, 2), call(2, "a", 0, 3), call(3, "b", 4, 5));
        assertThat(script.calls().get(1).after()).isEmpty();
        assertThat(script.calls().get(2).after()).containsExactly(0, 1);
        assertThat(script.calls().get(2).gapSeconds()).isCloseTo(1, within(1e-9));
    }

    @Test
    void aStepOfOneAgentDoesNotWaitForAnotherThatWasQuickerByChance() {
        Enclosing quick = agent(10, 0, 3);
        Enclosing slow = agent(11, 0, 9);
        ExecutionScript script = script(
                10,
                call(1, "a", 0, 1, quick),
                call(2, "a", 0, 4, slow),
                call(3, "b", 1, 3, quick),
                call(4, "b", 4, 9, slow));
        assertThat(script.calls().get(2).after()).containsExactly(0);
        // without the agents, the slow one's second call would also wait for both of the quick one's
        assertThat(script.calls().get(3).after()).containsExactly(1);
    }

    @Test
    void whatComesAfterAnAgentWaitsForItsLastCall() {
        Enclosing planner = agent(10, 0, 3);
        Enclosing critic = agent(11, 4, 6);
        ExecutionScript script =
                script(6, call(1, "a", 0, 2, planner), call(2, "a", 1, 3, planner), call(3, "b", 4.5, 6, critic));
        assertThat(script.calls().get(2).after()).containsExactly(0, 1);
        assertThat(script.calls().get(2).gapSeconds()).isCloseTo(1.5, within(1e-9));
    }

    @Test
    void aGrowingMemoryIsAConversationAndOtherPromptsAreNot() {
        Enclosing agent = agent(10, 0, 9);
        ExecutionScript script = script(
                10,
                call(1, "a", 0, 1, 100, 20, agent),
                call(2, "a", 2, 3, 150, 20, agent),
                call(3, "a", 4, 5, 160, 20, agent),
                call(4, "a", 9.5, 10, 500, 20));
        assertThat(script.calls().get(0).continues()).isEmpty();
        assertThat(script.calls().get(1).continues()).hasValue(0);
        // 160 tokens cannot begin with 150 + 20, but with 100 + 20
        assertThat(script.calls().get(2).continues()).hasValue(0);
        // not below the same agent
        assertThat(script.calls().get(3).continues()).isEmpty();
    }

    @Test
    void aCallWhoseSpanEndsALittleLateStillComesFirst() {
        ExecutionScript late = script(5, call(1, "a", 0, 2.03), call(2, "b", 2, 5));
        assertThat(late.calls().get(1).after()).containsExactly(0);
        assertThat(late.calls().get(1).gapSeconds()).isZero();

        // two short calls beside each other overlap by most of themselves: no late end
        ExecutionScript beside = script(5, call(1, "a", 0, 0.03), call(2, "b", 0.001, 0.04));
        assertThat(beside.calls().get(1).after()).isEmpty();
    }
}
