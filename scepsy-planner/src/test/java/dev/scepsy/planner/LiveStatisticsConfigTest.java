package dev.scepsy.planner;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class LiveStatisticsConfigTest {

    @Test
    void defaultsAreAsDocumented() {
        assertThat(LiveStatisticsConfig.defaults())
                .isEqualTo(new LiveStatisticsConfig(
                        LiveStatisticsConfig.Mode.OBSERVE,
                        Optional.empty(),
                        Duration.ofHours(1),
                        10_000,
                        30,
                        Duration.ofSeconds(5),
                        Duration.ofMinutes(15),
                        200_000,
                        65_536,
                        Duration.ofSeconds(10),
                        1));
    }

    @Test
    void everySettingIsTaken() {
        LiveStatisticsConfig config = LiveStatisticsConfig.builder()
                .mode(LiveStatisticsConfig.Mode.PUSH)
                .out(Path.of("out"))
                .window(Duration.ofMinutes(2))
                .maxWindowExecutions(3)
                .requiredExecutions(4)
                .settleAfter(Duration.ZERO)
                .openFor(Duration.ofMinutes(6))
                .maxOpenSpans(7)
                .bufferCapacity(8)
                .publishEvery(Duration.ofMillis(9))
                .seed(10)
                .build();

        assertThat(config)
                .isEqualTo(new LiveStatisticsConfig(
                        LiveStatisticsConfig.Mode.PUSH,
                        Optional.of(Path.of("out")),
                        Duration.ofMinutes(2),
                        3,
                        4,
                        Duration.ZERO,
                        Duration.ofMinutes(6),
                        7,
                        8,
                        Duration.ofMillis(9),
                        10));
    }

    @Test
    void valuesOutsideTheirRangeAreNamed() {
        LiveStatisticsConfig.Builder builder = LiveStatisticsConfig.builder();
        assertThatIllegalArgumentException()
                .isThrownBy(() -> builder.window(Duration.ZERO).build())
                .withMessageContaining("window");
        assertThatIllegalArgumentException()
                .isThrownBy(
                        () -> LiveStatisticsConfig.builder().bufferCapacity(0).build())
                .withMessageContaining("bufferCapacity");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> LiveStatisticsConfig.builder()
                        .settleAfter(Duration.ofSeconds(-1))
                        .build())
                .withMessageContaining("settleAfter");
    }
}
