package dev.scepsy.planner.serve.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.scepsy.planner.serve.journal.StatisticsStore.Settled;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class FoldedBlockTest {

    private static final Instant NOON = Instant.parse("2026-03-02T12:00:00Z");
    private static final String ID = "00112233445566778899aabbccddeeff-0123456789abcdef";

    @Test
    void whatIsWrittenIsReadHoweverOddTheIds() {
        List<Settled> settled = List.of(
                new Settled(ID, NOON.plusNanos(123_456_789)),
                new Settled("ffffffffffffffffffffffffffffffff-8000000000000000", NOON),
                // not what hex digits are written as here: kept letter by letter
                new Settled(ID.toUpperCase(java.util.Locale.ROOT), NOON),
                new Settled(ID.replace('-', '0'), NOON),
                new Settled("", NOON),
                new Settled("half \ud83d nul \u0000", NOON));
        List<FoldedBlock> blocks = FoldedBlock.of(settled);
        assertThat(blocks).hasSize(1);
        assertThat(blocks.get(0).executions()).isEqualTo(settled.size());
        assertThat(blocks.get(0).settled(Long.MIN_VALUE)).isEqualTo(settled);
        assertThat(blocks.get(0).settled(Stored.nanos(NOON) + 1))
                .containsExactly(settled.get(0))
                .isNotEmpty();
    }

    @Test
    void blocksAreOfOneMinuteAndLieInARow() {
        Random random = new Random(7);
        List<Settled> settled = new ArrayList<>();
        for (int i = 0; i < 10_000; i++) {
            settled.add(new Settled(
                    String.format("%016x%016x-%016x", random.nextLong(), random.nextLong(), random.nextLong()),
                    NOON.plusSeconds(random.nextInt(120))));
        }
        List<FoldedBlock> blocks = FoldedBlock.of(settled);
        List<Settled> read = new ArrayList<>();
        for (FoldedBlock block : blocks) {
            assertThat(block.content().length).isLessThanOrEqualTo(60_000);
            assertThat(block.settled(Long.MIN_VALUE))
                    .hasSize(block.executions())
                    .allSatisfy(one -> assertThat(FoldedBlock.minuteOf(Stored.nanos(one.end())))
                            .isEqualTo(block.minuteNanos()));
            read.addAll(block.settled(Long.MIN_VALUE));
        }
        assertThat(read).containsExactlyInAnyOrderElementsOf(settled);
        // 33 bytes each, and six blocks at least a minute begins
        assertThat(blocks).hasSizeBetween(6, 8);
    }

    @Test
    void theSameExecutionsHaveTheSameKey() {
        FoldedBlock one = FoldedBlock.of(List.of(new Settled(ID, NOON))).get(0);
        assertThat(FoldedBlock.of(List.of(new Settled(ID, NOON))).get(0).key()).isEqualTo(one.key());
        assertThat(FoldedBlock.of(List.of(new Settled(ID, NOON.plusNanos(1))))
                        .get(0)
                        .key())
                .isNotEqualTo(one.key());
    }

    @Test
    void ofNoneNothingIsMadeAndANewerFormIsRefused() {
        assertThat(FoldedBlock.of(List.of())).isEmpty();
        assertThatThrownBy(() -> new FoldedBlock(0, 1, new byte[] {2}).settled(0))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("form 2");
        // before what nanoseconds reach
        assertThat(FoldedBlock.of(List.of(new Settled(ID, Instant.MIN)))).hasSize(1);
    }
}
