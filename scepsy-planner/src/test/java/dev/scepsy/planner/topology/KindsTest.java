package dev.scepsy.planner.topology;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class KindsTest {

    @Test
    void equalMembersAreOneKindNumberedByTheFirstOfThem() {
        Kinds<String> kinds = Kinds.of(List.of("b", "a", "b", "c", "b", "a"));

        assertThat(kinds.size()).isEqualTo(3);
        assertThat(kinds.counts()).containsExactly(3, 2, 1);
        assertThat(IntStream.range(0, 3).mapToObj(kinds::key)).containsExactly("b", "a", "c");
        assertThat(IntStream.range(0, 3).map(kinds::first)).containsExactly(0, 1, 3);
        assertThat(IntStream.range(0, 6).map(kinds::kindOf)).containsExactly(0, 1, 0, 2, 0, 1);
    }

    @Test
    void membersWithoutAKeyAreOfNoKind() {
        Kinds<Integer> kinds = Kinds.of(5, member -> member % 2 == 0 ? Optional.empty() : Optional.of(member));

        assertThat(kinds.counts()).containsExactly(1, 1);
        assertThat(IntStream.range(0, 5).map(kinds::kindOf)).containsExactly(-1, 0, -1, 1, -1);
        assertThat(kinds.first(1)).isEqualTo(3);
    }

    @Test
    void noMembersAreNoKinds() {
        assertThat(Kinds.of(List.of()).size()).isZero();
    }
}
