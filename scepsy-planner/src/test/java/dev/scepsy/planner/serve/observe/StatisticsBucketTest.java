package dev.scepsy.planner.serve.observe;

import static org.assertj.core.api.Assertions.assertThat;

import dev.scepsy.planner.execution.Execution;
import dev.scepsy.planner.execution.ExecutionId;
import dev.scepsy.planner.execution.LeafCall;
import dev.scepsy.planner.share.ExecutionShares;
import dev.scepsy.planner.share.MergeableStatistics;
import dev.scepsy.planner.span.Origin;
import dev.scepsy.planner.span.TraceId;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalDouble;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;

class StatisticsBucketTest {

    private final StatisticsBucket bucket = new StatisticsBucket(PackedStatistics.NONE);
    private final List<ExecutionShares> all = new ArrayList<>();

    @Test
    void howManyWaitIsBoundedAndTheSumIsTheSame() {
        for (int i = 0; i < 5_000; i++) {
            add();
            assertThat(bucket.view().since()).hasSizeLessThan(512);
        }
        assertSum();
    }

    @Test
    void whatWasPackedWhileAViewWasWorkedOnCountsOnce() {
        add(300);
        StatisticsBucket.View early = bucket.view();
        byte[] bytes = PackedStatistics.of(early.statistics());
        add(300);
        bucket.pack(early, bytes);
        assertSum();
        bucket.saved(early);
        assertThat(bucket.isUnsaved()).isTrue();
        StatisticsBucket.View late = bucket.view();
        bucket.pack(late, PackedStatistics.of(late.statistics()));
        bucket.saved(late);
        assertThat(bucket.isUnsaved()).isFalse();
        assertThat(bucket.view().since()).isEmpty();
        assertSum();
    }

    private void assertSum() {
        assertThat(PackedStatistics.of(bucket.view().statistics()))
                .isEqualTo(PackedStatistics.of(MergeableStatistics.of(all)));
    }

    private void add(int count) {
        for (int i = 0; i < count; i++) {
            add();
        }
    }

    private void add() {
        int number = all.size();
        long start = Bench.nanos(Bench.START) + number;
        ExecutionShares execution = ExecutionShares.withAgents(new Execution.Complete(
                new ExecutionId(new TraceId(1, number + 1), 1),
                "rag",
                start,
                start + 2_000_000_000L + number,
                List.of(new LeafCall(
                        2,
                        "model-" + number % 3,
                        start,
                        start + 1_000_000_000L + 1_000L * number,
                        0,
                        OptionalLong.of(number),
                        OptionalLong.of(number / 2),
                        false)),
                OptionalDouble.empty(),
                OptionalDouble.empty(),
                new Origin("shop", null, null)));
        all.add(execution);
        bucket.add(execution);
    }
}
