package dev.scepsy.planner.serve.engines;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class BucketsTest {

    private static final double INF = Double.POSITIVE_INFINITY;

    private static Buckets of(Map<Double, Double> cumulative) {
        return new Buckets(new TreeMap<>(cumulative));
    }

    @Test
    void aQuantileLiesOnAStraightLineWithinItsBucket() {
        Buckets buckets = of(Map.of(1.0, 10.0, 2.0, 30.0, INF, 40.0));

        assertThat(buckets.quantile(0.125)).hasValue(0.5);
        assertThat(buckets.quantile(0.5)).hasValue(1.5);
        assertThat(buckets.quantile(0.75)).hasValue(2.0);
        assertThat(buckets.quantile(0.99)).hasValue(2.0);
    }

    @Test
    void withoutObservationsThereIsNone() {
        assertThat(Buckets.NONE.quantile(0.5)).isEmpty();
        assertThat(of(Map.of(1.0, 0.0, INF, 0.0)).quantile(0.5)).isEmpty();
    }

    @Test
    void histogramsWithOtherBoundsAddUp() {
        Buckets sum = of(Map.of(1.0, 10.0, 3.0, 20.0, INF, 20.0)).plus(of(Map.of(2.0, 4.0, 3.0, 4.0, INF, 5.0)));

        assertThat(sum.cumulative())
                .containsExactlyEntriesOf(new TreeMap<>(Map.of(1.0, 10.0, 2.0, 14.0, 3.0, 24.0, INF, 25.0)));
        assertThat(sum.count()).isEqualTo(25);
        assertThat(sum.plus(Buckets.NONE)).isEqualTo(sum);
        assertThat(Buckets.NONE.plus(sum)).isEqualTo(sum);
    }

    @Test
    void whatCameSinceIsTheDifferencePerBound() {
        assertThat(of(Map.of(1.0, 10.0, INF, 12.0)).since(of(Map.of(1.0, 4.0, INF, 5.0))))
                .isEqualTo(of(Map.of(1.0, 6.0, INF, 7.0)));
    }
}
