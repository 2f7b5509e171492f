package dev.scepsy.planner.detect;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class RateAgreementTest {

    @Test
    void aFifthApartIsAllowed() {
        assertThat(RateAgreement.of("m", 10, 8.1, 3_600)).isEmpty();
        assertThat(RateAgreement.of("m", 10, 7.9, 3_600)).hasValueSatisfying(apart -> {
            assertThat(apart.sentence()).contains("spans are missing").contains("No proposal");
            assertThat(apart.evidence()).containsEntry("enginesPerSecond", 10.0);
        });
        assertThat(RateAgreement.of("m", 7.9, 10, 3_600))
                .hasValueSatisfying(apart -> assertThat(apart.sentence()).contains("calls go to other engines"));
    }

    @Test
    void fewRequestsMayDifferByChance() {
        assertThat(RateAgreement.of("m", 0.1, 0.05, 60)).isEmpty();
        assertThat(RateAgreement.of("m", 0, 0, 60)).isEmpty();
    }
}
