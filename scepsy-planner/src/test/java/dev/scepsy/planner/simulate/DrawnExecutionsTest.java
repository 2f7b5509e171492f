package dev.scepsy.planner.simulate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.scepsy.planner.share.CallClass;
import dev.scepsy.planner.share.ModelStatistics;
import dev.scepsy.planner.share.TokenStatistics;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

class DrawnExecutionsTest {

    @Test
    void eachRoleOfAModelDrawsLengthsAndStagesOfItsOwn() {
        CallClass planner = role("planner", 3, 3, 6000, 40);
        CallClass writer = role("writer", 6, 1, 200, 750);
        ModelStatistics model = new ModelStatistics(
                        "m",
                        9,
                        4,
                        2.2,
                        OptionalDouble.empty(),
                        OptionalDouble.empty(),
                        OptionalDouble.empty(),
                        tokens(2133),
                        tokens(513),
                        Optional.empty(),
                        Optional.empty())
                .with(List.of(planner, writer));
        DrawnExecutions drawn = new DrawnExecutions("w", 0, List.of(model), Set.of("m"));
        Random random = new Random(1);
        long longPrompts = 0;
        double answers = 0;
        for (int i = 0; i < 500; i++) {
            List<CallScript> calls = drawn.draw(random).calls();
            assertThat(calls).hasSize(9);
            for (CallScript call : calls) {
                assertThat(call.model()).contains("m");
                // nobody asks a long question and gets a long answer
                assertThat(call.inputTokens() > 2000 && call.outputTokens() > 300)
                        .isFalse();
                longPrompts += call.inputTokens() > 2000 ? 1 : 0;
                answers += call.outputTokens();
            }
        }
        assertThat(longPrompts).isEqualTo(1500);
        assertThat(answers / 4500).isCloseTo((3 * 40 + 6 * 750) / 9.0, within(20.0));
    }

    private static CallClass role(String name, double calls, double sequential, double input, double output) {
        return new CallClass(
                name,
                calls,
                1,
                sequential,
                OptionalDouble.empty(),
                OptionalDouble.empty(),
                OptionalDouble.empty(),
                tokens(input),
                tokens(output));
    }

    private static Optional<TokenStatistics> tokens(double mean) {
        return Optional.of(new TokenStatistics(mean, OptionalDouble.of(1.3 * mean)));
    }
}
