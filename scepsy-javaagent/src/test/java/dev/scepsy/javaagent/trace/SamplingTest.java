package dev.scepsy.javaagent.trace;

import static org.assertj.core.api.Assertions.assertThat;

import dev.scepsy.javaagent.setting.Settings;
import java.util.HashMap;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SamplingTest {

    /** Thresholds as the specification's table has them: (1 - p) x 2^56 in hex, zeros at the end left out. */
    @ParameterizedTest
    @CsvSource({
        "0.5, th:8",
        "0.25, th:c",
        "0.125, th:e",
        "0.0625, th:f",
        "0.9375, th:1",
        "0.99609375, th:01",
        "0.01, th:fd70a3d70a3d7",
        "1, ''",
        "0, ''"
    })
    void theProbabilityIsWrittenAsOpenTelemetryWritesIt(String ratio, String state) {
        assertThat(of("traceidratio", ratio).state()).isEqualTo(state);
    }

    @Test
    void aTracesLast56BitsDecideWhateverStandsBeforeThem() {
        Sampling half = of("parentbased_traceidratio", "0.5");

        assertThat(half.keeps(0x80_0000_0000_0000L)).isTrue();
        assertThat(half.keeps(0x7f_ffff_ffff_ffffL)).isFalse();
        assertThat(half.keeps(0xff7f_ffff_ffff_ffffL)).isFalse();
        assertThat(half.keeps(-1)).isTrue();
    }

    @Test
    void aTenthOfManyIsKeptAndAllOrNothingWhereThatIsSaid() {
        SplittableRandom random = new SplittableRandom(1);
        Sampling tenth = of("traceidratio", "0.1");
        long kept = random.longs(100_000).filter(tenth::keeps).count();

        assertThat(kept).isBetween(9_600L, 10_400L); // Four standard deviations.
        assertThat(random.longs(100).allMatch(of("always_on", "0.1")::keeps)).isTrue();
        assertThat(random.longs(100).anyMatch(of("always_off", "0.1")::keeps)).isFalse();
        assertThat(of("always_on", "0.1").state()).isEmpty();
    }

    private static Sampling of(String sampler, String ratio) {
        Map<String, String> settings = new HashMap<>();
        settings.put("otel.traces.sampler", sampler);
        settings.put("otel.traces.sampler.arg", ratio);
        return Sampling.of(Settings.of(settings::get, name -> null));
    }
}
