package dev.scepsy.planner.measure;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.time.Duration;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.Set;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** Addresses, lengths, prompts, dialects, and what becomes of a run's answers. */
class RequestsTest {

    @Test
    void anAddressWithoutAPathGetsOneAndAFullOneIsCut() {
        assertThat(base("http://127.0.0.1:8000")).isEqualTo("http://127.0.0.1:8000/v1");
        assertThat(base("127.0.0.1:8000/")).isEqualTo("http://127.0.0.1:8000/v1");
        assertThat(base("https://host/openai/v1/")).isEqualTo("https://host/openai/v1");
        assertThat(base("http://host:1/v1/chat/completions")).isEqualTo("http://host:1/v1");
        assertThatThrownBy(() -> base("ftp://host")).hasMessageContaining("http or https");
        assertThatThrownBy(() -> base("http://me:secret@host")).hasMessageNotContaining("secret");
        assertThatThrownBy(() -> base("http://a b")).hasMessageContaining("http://127.0.0.1:8000/v1");
    }

    private static String base(String address) {
        return Endpoint.of(address, Api.CHAT, "m", Optional.empty(), Duration.ofSeconds(1))
                .base()
                .toString();
    }

    @Test
    void logNormalLengthsHaveTheirMeanAndTheir99thPercentile() {
        LengthSource.Spread spread = new LengthSource.Spread(
                new LengthSource.Distribution(900, OptionalDouble.of(4000)),
                new LengthSource.Distribution(180, OptionalDouble.empty()));
        SplittableRandom random = new SplittableRandom(3);
        int[] inputs = new int[200_000];
        for (int i = 0; i < inputs.length; i++) {
            RequestLengths lengths = spread.draw(random);
            inputs[i] = lengths.inputTokens();
            assertThat(lengths.outputTokens()).isEqualTo(180);
        }
        Arrays.sort(inputs);

        assertThat(Arrays.stream(inputs).average().orElseThrow()).isCloseTo(900, within(18.0));
        assertThat((double) inputs[(int) (0.99 * inputs.length)]).isCloseTo(4000, within(160.0));
    }

    @Test
    void promptsHaveTheWantedLengthAndShareNothingUnlessAsked() {
        Prompts prompts = new Prompts(1.5, 7, 0);
        SplittableRandom random = new SplittableRandom(1);
        Set<String> beginnings = new HashSet<>();
        for (int i = 0; i < 1000; i++) {
            String text = prompts.text(307, random);
            assertThat(text.split(" ")).hasSize(200);
            beginnings.add(String.join(" ", List.of(text.split(" ")).subList(0, 8)));
        }
        assertThat(beginnings).hasSize(1000);

        Prompts shared = prompts.withShared(150);
        String one = shared.text(307, random);
        String other = shared.text(307, random);
        assertThat(one.split(" ")).hasSize(200);
        assertThat(String.join(" ", List.of(one.split(" ")).subList(0, 100)))
                .isEqualTo(String.join(" ", List.of(other.split(" ")).subList(0, 100)));
        assertThat(one).isNotEqualTo(other);
        assertThat(prompts.text(1, random)).isNotEmpty();
    }

    @Test
    void theDialectDropsWhatTheServerNamesElseOneAfterTheOther() {
        Dialect full = Dialect.full();
        Dialect without = full.after("Unknown field 'stream_options'").orElseThrow();
        assertThat(without.has(Dialect.Parameter.STREAM_OPTIONS)).isFalse();
        assertThat(without.has(Dialect.Parameter.IGNORE_EOS)).isTrue();

        Dialect dialect = full;
        for (int i = 0; i < Dialect.Parameter.values().length; i++) {
            dialect = dialect.after("no").orElseThrow();
        }
        assertThat(dialect.after("no")).isEmpty();
        assertThat(dialect.losses()).hasSize(4);
    }

    @Test
    void aRunIsTheRequestsOfItsWindow() {
        // three requests of 1, 2 and 3 s sent at 0, 1 and 2 s, and one before the window
        List<Answer> answers =
                List.of(answer(-5, 1), answer(0, 1), answer(1, 2), answer(2, 3), failed(2.5), answer(9, 1));
        LoadRun run = new LoadRun(1, answers, 0, 4_000_000_000L, "", 4, 0);

        RatePoint point = run.statistics(new UsageAudit(), true);

        assertThat(point.requests()).isEqualTo(4);
        assertThat(point.failed()).isEqualTo(1);
        assertThat(point.meanLatencySeconds()).isCloseTo(2, within(1e-9));
        assertThat(point.p99LatencySeconds()).isCloseTo(3, within(1e-9));
        assertThat(point.sustained()).isFalse();
        assertThat(point.verdict()).contains("1 of 4 requests failed: why");
        // ended within: those sent at 0 and 1
        assertThat(point.achievedPerSecond()).isCloseTo(0.5, within(1e-9));
        // in flight 1, 1, 2 and 1 for a second each, the failed one none: (1 + 1 + 4 + 1) / 5
        assertThat(point.requestsInFlight()).isCloseTo(7 / 5.0, within(1e-6));
        // first token after a quarter, then 3 more tokens
        assertThat(point.meanFirstTokenSeconds().orElseThrow()).isCloseTo(0.5, within(1e-9));
        assertThat(point.meanPerTokenSeconds().orElseThrow()).isCloseTo(2 * 0.75 / 3, within(1e-9));
    }

    private static Answer answer(double sent, double seconds) {
        return new Answer(
                new RequestLengths(10, 4),
                nanos(sent),
                nanos(sent + seconds / 4),
                nanos(sent + seconds),
                nanos(sent + seconds),
                4,
                OptionalInt.of(10),
                OptionalInt.of(4),
                true,
                null);
    }

    private static Answer failed(double sent) {
        return new Answer(
                new RequestLengths(10, 4),
                nanos(sent),
                0,
                0,
                nanos(sent),
                0,
                OptionalInt.empty(),
                OptionalInt.empty(),
                false,
                new Failure(Failure.Kind.BROKEN, "why"));
    }

    private static long nanos(double seconds) {
        return Math.round(seconds * 1e9);
    }
}
