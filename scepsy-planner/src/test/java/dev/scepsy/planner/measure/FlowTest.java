package dev.scepsy.planner.measure;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** When a window of arrivals and ends is a measurement. */
class FlowTest {

    @ParameterizedTest
    @CsvSource({
        "300, 300, 15, STEADY",
        // 15 in flight vary by some 6
        "300, 294, 15, STEADY",
        "300, 270, 15, GROWING",
        // 51 in flight at the start and 20 at the end, where 15 are expected: 9 s a request at a rate that takes 3
        "300, 331, 15, DRAINING",
        "300, 310, 15, STEADY",
        "20, 23, 1, STEADY",
        "20, 40, 1, DRAINING",
        "0, 0, 0, STEADY"
    })
    void aBacklogThatDrainsIsNoMoreAMeasurementThanOneThatGrows(int came, int ended, double inFlight, Flow flow) {
        assertThat(Flow.of(came, ended, inFlight)).isEqualTo(flow);
    }
}
