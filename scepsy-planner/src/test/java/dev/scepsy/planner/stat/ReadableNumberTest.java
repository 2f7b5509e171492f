package dev.scepsy.planner.stat;

import static org.assertj.core.api.Assertions.assertThat;

import java.math.BigDecimal;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ReadableNumberTest {

    @ParameterizedTest
    @CsvSource({
        "32768, 4, 32768",
        "11576, 4, 11576",
        "32768.4, 4, 32768",
        "9999.96, 4, 10000",
        "1234567890123, 6, 1234567890123",
        "3.14159, 3, 3.14",
        "0.000012345, 4, 0.00001235",
        "81559, 4, 81559",
        "5, 4, 5",
        "100, 4, 100",
        "0, 4, 0",
        "-12345.6, 4, -12346",
        "1e300, 4, 1"
    })
    void wholePartsAreWrittenInFullAndFractionsRounded(double value, int digits, String text) {
        assertThat(ReadableNumber.of(value, digits)).startsWith(text).doesNotContain("E");
        if (value < 1e300) {
            assertThat(ReadableNumber.of(value, digits)).isEqualTo(text);
        }
    }

    @Test
    void whatIsNoNumberIsSaidInWords() {
        assertThat(ReadableNumber.of(Double.POSITIVE_INFINITY, 4)).isEqualTo("infinite");
        assertThat(ReadableNumber.of(Double.NaN, 4)).isEqualTo("unknown");
    }

    @Test
    void everyCountUpToAllThatADoubleHoldsIsExact() {
        Random random = new Random(11);
        for (int i = 0; i < 2000; i++) {
            long count = (long) (Math.pow(2, 53 * random.nextDouble()));
            assertThat(new BigDecimal(ReadableNumber.of(count, 1 + random.nextInt(6))).longValueExact())
                    .isEqualTo(count);
        }
    }
}
