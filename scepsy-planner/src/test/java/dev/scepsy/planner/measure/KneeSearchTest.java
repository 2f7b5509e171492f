package dev.scepsy.planner.measure;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.OptionalDouble;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** The search finds the knee of replicas whose truth is known, with few points. */
class KneeSearchTest {

    private static final double LONELY = 2;

    @Test
    void aRateThatTookLongerThanAHigherOneIsDoubtful() {
        RatePoint backlog = point(5.07, 5.07, true, 8.9);
        RatePoint higher = point(6, 6, true, 3);
        List<RatePoint> all = List.of(point(1, 1, true, 2.1), backlog, higher, point(7, 6.2, false, 1));

        assertThat(all).filteredOn(point -> KneeSearch.isDoubtful(point, all)).containsExactly(backlog);
        assertThat(KneeSearch.isDoubtful(point(5, 5, true, 4.4), all)).isFalse();
    }

    /** A replica that sustains {@code capacity} and whose latency rises as an M/M/1 queue's over part of its time. */
    private static RatePoint measure(double rate, double capacity) {
        double load = rate / capacity;
        boolean sustained = load <= 1;
        double latency = LONELY * (sustained ? 0.8 + 0.2 / Math.max(0.05, 1 - load) : 20);
        return point(rate, Math.min(rate, capacity), sustained, latency);
    }

    private static RatePoint point(double rate, double achieved, boolean sustained, double latency) {
        return new RatePoint(
                rate,
                achieved,
                sustained,
                sustained ? "sustained" : "not",
                100,
                0,
                latency,
                latency,
                latency,
                OptionalDouble.empty(),
                OptionalDouble.empty(),
                1,
                100,
                100,
                1,
                0);
    }

    private static List<RatePoint> search(KneeSearch search, double capacity) {
        List<RatePoint> points = new ArrayList<>();
        for (OptionalDouble rate = search.next(LONELY, points); rate.isPresent(); rate = search.next(LONELY, points)) {
            points.add(measure(rate.getAsDouble(), capacity));
            assertThat(points).hasSizeLessThan(40);
        }
        return points;
    }

    @Test
    void beginsWithHalfARequestInFlight() {
        assertThat(new KneeSearch(0.1, 400, 20).next(LONELY, List.of())).hasValue(0.25);
    }

    @Test
    void bracketsTheKneeOfAnyCapacityWithFewPoints() {
        SplittableRandom random = new SplittableRandom(7);
        int most = 0;
        for (int i = 0; i < 500; i++) {
            double capacity = Math.exp(random.nextDouble(Math.log(0.02), Math.log(300)));
            List<RatePoint> points = search(new KneeSearch(0.1, 400, 40), capacity);

            double knee = KneeSearch.knee(points).orElseThrow();
            assertThat(knee).as("capacity %s: %s", capacity, points).isBetween(capacity / 1.1, capacity);
            assertThat(KneeSearch.lowestOverloaded(points)).isGreaterThan(capacity);
            most = Math.max(most, points.size());
        }
        assertThat(most).isLessThanOrEqualTo(16);
    }

    @Test
    void aReplicaThatIsNeverOverloadedIsTriedUpToTheHighestRate() {
        List<RatePoint> points = search(new KneeSearch(0.1, 40, 20), 1e9);

        assertThat(KneeSearch.knee(points)).hasValue(40);
        assertThat(points).hasSizeLessThan(8);
    }

    @Test
    void aReplicaThatSustainsNothingEndsTheSearch() {
        List<RatePoint> points = search(new KneeSearch(0.1, 40, 20), 1e-9);

        assertThat(KneeSearch.knee(points)).isEmpty();
        assertThat(points).hasSizeLessThan(8);
    }

    @Test
    void whatItAsksNextDependsOnThePointsAlone() {
        KneeSearch search = new KneeSearch(0.1, 400, 20);
        List<RatePoint> points = search(search, 3.3);

        for (int i = 0; i < points.size(); i++) {
            assertThat(search.next(LONELY, points.subList(0, i)))
                    .hasValue(points.get(i).offeredPerSecond());
        }
    }

    @Test
    void aRateThatFailedBelowOneThatHeldIsBelieved() {
        List<RatePoint> points =
                List.of(point(1, 1, true, 2), point(4, 4, true, 3), point(2, 1.9, false, 9), point(8, 4, false, 9));

        assertThat(KneeSearch.knee(points)).hasValue(1);
    }
}
