package dev.scepsy.planner.share;

import static org.assertj.core.api.Assertions.assertThat;

import dev.scepsy.planner.execution.Execution.Complete;
import dev.scepsy.planner.execution.ExecutionId;
import dev.scepsy.planner.execution.LeafCall;
import dev.scepsy.planner.span.TraceId;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.OptionalLong;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

class CriticalPathTest {

    private static final boolean FULL = Boolean.getBoolean("scepsy.full");

    private static final long SECOND = 1_000_000_000L;

    private long nextSpanId = 1;

    @Test
    void anExecutionWithoutCallsIsAllOther() {
        CriticalPath path = CriticalPath.of(execution(100, 350));

        assertThat(path.nanosByModel()).isEmpty();
        assertThat(path.otherNanos()).isEqualTo(250 * SECOND);
    }

    @Test
    void gapsAreOther() {
        // 0..10 other, 10..30 a, 30..40 other, 40..90 b, 90..100 other
        CriticalPath path = CriticalPath.of(execution(0, 100, call("a", 10, 30), call("b", 40, 90)));

        assertThat(path.nanosByModel()).containsOnly(Map.entry("a", 20 * SECOND), Map.entry("b", 50 * SECOND));
        assertThat(path.otherNanos()).isEqualTo(30 * SECOND);
        assertThat(path.calls()).extracting(LeafCall::model).containsExactly("a", "b");
    }

    @Test
    void aCallHiddenBehindALongerOneIsNotOnThePath() {
        CriticalPath path = CriticalPath.of(execution(0, 100, call("long", 0, 100), call("short", 20, 60)));

        assertThat(path.nanosByModel()).containsOnly(Map.entry("long", 100 * SECOND));
        assertThat(path.otherNanos()).isZero();
    }

    @Test
    void aCallThatOverlapsTheOneTakenIsPassedOver() {
        // from the end: b [50, 100]; a ended at 60 > 50; c ended at 40
        CriticalPath path = CriticalPath.of(execution(0, 100, call("a", 10, 60), call("b", 50, 100), call("c", 0, 40)));

        assertThat(path.nanosByModel()).containsOnly(Map.entry("b", 50 * SECOND), Map.entry("c", 40 * SECOND));
        assertThat(path.otherNanos()).isEqualTo(10 * SECOND);
    }

    @Test
    void ofCallsThatEndTogetherTheOneThatStartedFirstIsTaken() {
        CriticalPath path = CriticalPath.of(execution(0, 100, call("late", 50, 100), call("early", 20, 100)));

        assertThat(path.nanosByModel()).containsOnly(Map.entry("early", 80 * SECOND));
        assertThat(path.otherNanos()).isEqualTo(20 * SECOND);
    }

    @Test
    void ofCallsWithTheSameTimesTheSmallerSpanIdIsTakenWithoutASign() {
        LeafCall negative =
                new LeafCall(-1, "large", 0, 100 * SECOND, 0, OptionalLong.empty(), OptionalLong.empty(), false);
        LeafCall positive =
                new LeafCall(5, "small", 0, 100 * SECOND, 0, OptionalLong.empty(), OptionalLong.empty(), false);

        assertThat(CriticalPath.of(execution(0, 100, negative, positive)).nanosByModel())
                .containsOnly(Map.entry("small", 100 * SECOND));
    }

    @Test
    void toolsAreOther() {
        CriticalPath path = CriticalPath.of(execution(0, 100, call("a", 0, 40), call(null, 40, 100)));

        assertThat(path.nanosByModel()).containsOnly(Map.entry("a", 40 * SECOND));
        assertThat(path.otherNanos()).isEqualTo(60 * SECOND);
    }

    @Test
    void aToolHidesTheCallsBesideIt() {
        CriticalPath path = CriticalPath.of(execution(0, 100, call("a", 0, 90), call(null, 0, 100)));

        assertThat(path.nanosByModel()).isEmpty();
        assertThat(path.otherNanos()).isEqualTo(100 * SECOND);
    }

    @Test
    void backOffIsOther() {
        LeafCall retried = new LeafCall(
                9, "a", 10 * SECOND, 90 * SECOND, 30 * SECOND, OptionalLong.empty(), OptionalLong.empty(), false);
        // the cursor goes to the call's start, back-off included: b ended within it
        CriticalPath path = CriticalPath.of(execution(0, 100, retried, call("b", 0, 20)));

        assertThat(path.nanosByModel()).containsOnly(Map.entry("a", 50 * SECOND));
        assertThat(path.otherNanos()).isEqualTo(50 * SECOND);
    }

    @Test
    void theWalkStaysInsideTheExecution() {
        CriticalPath path = CriticalPath.of(execution(
                100,
                200,
                call("before", 10, 90),
                call("into", 80, 130),
                call("within", 150, 160),
                call("beyond", 170, 201)));

        assertThat(path.nanosByModel()).containsOnly(Map.entry("into", 30 * SECOND), Map.entry("within", 10 * SECOND));
        assertThat(path.otherNanos()).isEqualTo(60 * SECOND);
    }

    @Test
    void callsThatEndAtTheVeryStartOrEndBelongToIt() {
        CriticalPath path = CriticalPath.of(execution(100, 200, call("start", 50, 100), call("end", 190, 200)));

        assertThat(path.nanosByModel()).containsOnly(Map.entry("start", 0L), Map.entry("end", 10 * SECOND));
        assertThat(path.otherNanos()).isEqualTo(90 * SECOND);
    }

    @Test
    void callsWithoutDurationAreTakenOnce() {
        CriticalPath path = CriticalPath.of(execution(0, 10, call("a", 5, 5), call("b", 5, 5), call("c", 0, 4)));

        assertThat(path.calls()).hasSize(3);
        assertThat(path.nanosByModel())
                .containsOnly(Map.entry("a", 0L), Map.entry("b", 0L), Map.entry("c", 4 * SECOND));
        assertThat(path.otherNanos()).isEqualTo(6 * SECOND);
    }

    @Test
    void aSpanThatEndsALittleAfterItsExecutionIsChargedUpToTheEnd() {
        LeafCall critic = new LeafCall(
                7,
                "critic",
                4 * SECOND,
                10 * SECOND + 49_000_000,
                0,
                OptionalLong.empty(),
                OptionalLong.empty(),
                false);

        CriticalPath path = CriticalPath.of(execution(0, 10, call("a", 1, 4), critic));

        assertThat(path.nanosByModel()).containsOnly(Map.entry("a", 3 * SECOND), Map.entry("critic", 6 * SECOND));
        assertThat(path.otherNanos()).isEqualTo(SECOND);
    }

    @Test
    void aSpanThatEndsALittleAfterTheNextStepBeganIsChargedUpToThere() {
        LeafCall planner = new LeafCall(
                7, "planner", 0, 4 * SECOND + 100_000, 0, OptionalLong.empty(), OptionalLong.empty(), false);

        CriticalPath path = CriticalPath.of(execution(0, 10, planner, call("critic", 4, 10)));

        assertThat(path.nanosByModel()).containsOnly(Map.entry("planner", 4 * SECOND), Map.entry("critic", 6 * SECOND));
        assertThat(path.otherNanos()).isZero();
    }

    @Test
    void aLongCallMayBeLateByTwoPerCentOfItself() {
        CriticalPath within = CriticalPath.of(execution(0, 100, call("a", 0, 102)));
        CriticalPath beyond = CriticalPath.of(execution(0, 100, call("a", 0, 103)));

        assertThat(within.nanosByModel()).containsOnly(Map.entry("a", 100 * SECOND));
        assertThat(beyond.nanosByModel()).isEmpty();
        assertThat(beyond.otherNanos()).isEqualTo(100 * SECOND);
    }

    @Test
    void ofALateCallAndOneInTimeTheOneWhoseEndIsNearerIsTaken() {
        LeafCall late = new LeafCall(
                7, "late", 0, 10 * SECOND + 30_000_000, 0, OptionalLong.empty(), OptionalLong.empty(), false);
        LeafCall inTime = new LeafCall(
                8, "inTime", 0, 10 * SECOND - 20_000_000, 0, OptionalLong.empty(), OptionalLong.empty(), false);
        LeafCall asNear = new LeafCall(
                9, "asNear", 0, 10 * SECOND - 30_000_000, 0, OptionalLong.empty(), OptionalLong.empty(), false);

        assertThat(CriticalPath.of(execution(0, 10, late, inTime)).nanosByModel())
                .containsOnlyKeys("inTime");
        // as near: the one that ended first
        assertThat(CriticalPath.of(execution(0, 10, late, asNear)).nanosByModel())
                .containsOnlyKeys("asNear");
    }

    @Test
    void aCallThatStartedAtTheCursorIsNoLateEndOfWhatCameBefore() {
        // b begins where c begins: it runs beside c, not before it
        LeafCall beside = new LeafCall(
                7, "beside", 4 * SECOND, 4 * SECOND + 10_000_000, 0, OptionalLong.empty(), OptionalLong.empty(), false);

        CriticalPath path = CriticalPath.of(execution(0, 10, call("a", 0, 4), beside, call("c", 4, 10)));

        assertThat(path.nanosByModel()).containsOnlyKeys("a", "c");
    }

    @Test
    void pathAndOtherAddUpToTheDurationAndMatchTheWalkSpelledOut() {
        Random random = new Random(20261121);
        for (int i = 0; i < (FULL ? 200_000 : 20_000); i++) {
            Complete execution = randomExecution(random);
            CriticalPath path = CriticalPath.of(execution);
            long modelNanos = path.nanosByModel().values().stream()
                    .mapToLong(Long::longValue)
                    .sum();
            assertThat(modelNanos + path.otherNanos()).isEqualTo(execution.durationNanos());
            Map<String, Long> spelledOut = walkSpelledOut(execution);
            assertThat(path.otherNanos()).isEqualTo(spelledOut.remove("other"));
            assertThat(path.nanosByModel()).isEqualTo(spelledOut);
        }
    }

    /** The rule as it is worded: search for the next call anew at every step. */
    private static Map<String, Long> walkSpelledOut(Complete execution) {
        Map<String, Long> charged = new HashMap<>();
        charged.put("other", 0L);
        Set<LeafCall> taken = new HashSet<>();
        long start = execution.startEpochNanos();
        long cursor = execution.endEpochNanos();
        while (true) {
            LeafCall best = null;
            for (LeafCall call : execution.calls()) {
                long end = call.endEpochNanos();
                double tolerance = Math.max(0.05 * SECOND, 0.02 * (end - call.startEpochNanos()));
                boolean inTime = end <= cursor || (call.startEpochNanos() < cursor && end - cursor <= tolerance);
                if (end >= start && inTime && !taken.contains(call) && comesFirst(call, best, cursor)) {
                    best = call;
                }
            }
            if (best == null) {
                charged.merge("other", cursor - start, Long::sum);
                return charged;
            }
            taken.add(best);
            charged.merge("other", Math.max(0, cursor - best.endEpochNanos()), Long::sum);
            // millisecond by millisecond, from the root's start on, up to the cursor
            long from = Math.max(best.startEpochNanos(), start);
            for (long nano = from; nano < Math.min(best.endEpochNanos(), cursor); nano += 1_000_000) {
                boolean backingOff = nano < best.startEpochNanos() + best.backoffNanos();
                charged.merge(best.model() == null || backingOff ? "other" : best.model(), 1_000_000L, Long::sum);
            }
            if (best.model() != null) {
                charged.merge(best.model(), 0L, Long::sum);
            }
            cursor = Math.min(from, cursor);
        }
    }

    private static boolean comesFirst(LeafCall call, LeafCall best, long cursor) {
        if (best == null) {
            return true;
        }
        long distance = Math.abs(call.endEpochNanos() - cursor);
        long bestDistance = Math.abs(best.endEpochNanos() - cursor);
        if (distance != bestDistance) {
            return distance < bestDistance;
        }
        if (call.endEpochNanos() != best.endEpochNanos()) {
            return call.endEpochNanos() < best.endEpochNanos();
        }
        if (call.startEpochNanos() != best.startEpochNanos()) {
            return call.startEpochNanos() < best.startEpochNanos();
        }
        return Long.compareUnsigned(call.spanId(), best.spanId()) < 0;
    }

    private Complete randomExecution(Random random) {
        // sometimes nearly everything is within the tolerance, sometimes nearly nothing
        long unit = random.nextInt(3) == 0 ? 1_000_000 : random.nextInt(2) == 0 ? 17_000_000 : 60_000_000;
        long start = unit * random.nextInt(10);
        long end = start + unit * random.nextInt(40);
        int count = random.nextInt(9);
        List<LeafCall> calls = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            long callStart = unit * (random.nextInt(50) - 3);
            long callEnd = callStart + unit * random.nextInt(15);
            String model = random.nextInt(4) == 0 ? null : "m" + random.nextInt(3);
            long backoff = random.nextInt(3) == 0 ? unit * random.nextInt(20) : 0;
            // ids of either sign, never twice
            long id = (random.nextBoolean() ? Long.MIN_VALUE : 0) | nextSpanId++;
            calls.add(new LeafCall(
                    id, model, callStart, callEnd, backoff, OptionalLong.empty(), OptionalLong.empty(), false));
        }
        return inNanos(start, end, calls.toArray(LeafCall[]::new));
    }

    private LeafCall call(String model, long start, long end) {
        return new LeafCall(
                nextSpanId++,
                model,
                start * SECOND,
                end * SECOND,
                0,
                OptionalLong.empty(),
                OptionalLong.empty(),
                false);
    }

    private static Complete execution(long startSeconds, long endSeconds, LeafCall... calls) {
        return inNanos(startSeconds * SECOND, endSeconds * SECOND, calls);
    }

    private static Complete inNanos(long start, long end, LeafCall... calls) {
        return new Complete(
                new ExecutionId(new TraceId(0, 1), 1),
                "w",
                start,
                end,
                List.of(calls),
                OptionalDouble.empty(),
                OptionalDouble.empty());
    }
}
