package dev.scepsy.planner.simulate;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Sequences by the round in which they end, of equal ones the first admitted first: a binary heap on plain arrays. Both
 * keys are those of the moment a sequence was added. Mutable, confined to its engine.
 */
final class FinishQueue {

    private long[] rounds = new long[64];
    private long[] admissions = new long[64];
    private @Nullable Sequence[] sequences = new Sequence[64];
    private int size;

    /** The first round of all, {@link Long#MAX_VALUE} when empty. */
    long nextRound() {
        return size == 0 ? Long.MAX_VALUE : rounds[0];
    }

    void add(Sequence sequence) {
        if (size == rounds.length) {
            rounds = Arrays.copyOf(rounds, 2 * size);
            admissions = Arrays.copyOf(admissions, 2 * size);
            sequences = Arrays.copyOf(sequences, 2 * size);
        }
        long round = sequence.finishRound;
        long admission = sequence.admission;
        int at = size++;
        while (at > 0 && isBefore(round, admission, (at - 1) / 2)) {
            move((at - 1) / 2, at);
            at = (at - 1) / 2;
        }
        put(at, round, admission, sequence);
    }

    /** Takes out the first one; call it only when there is one. */
    Sequence poll() {
        Sequence first = sequences[0];
        if (first == null) {
            throw new IllegalStateException("Nothing is left to finish.");
        }
        long round = rounds[--size];
        long admission = admissions[size];
        Sequence moved = sequences[size];
        sequences[size] = null;
        int at = 0;
        while (2 * at + 1 < size) {
            int child = 2 * at + 1;
            if (child + 1 < size && isBefore(rounds[child + 1], admissions[child + 1], child)) {
                child++;
            }
            if (!(rounds[child] < round || (rounds[child] == round && admissions[child] < admission))) {
                break;
            }
            move(child, at);
            at = child;
        }
        if (size > 0) {
            put(at, round, admission, moved);
        }
        return first;
    }

    private boolean isBefore(long round, long admission, int other) {
        return round < rounds[other] || (round == rounds[other] && admission < admissions[other]);
    }

    private void move(int from, int to) {
        put(to, rounds[from], admissions[from], sequences[from]);
    }

    private void put(int at, long round, long admission, @Nullable Sequence sequence) {
        rounds[at] = round;
        admissions[at] = admission;
        sequences[at] = sequence;
    }
}
