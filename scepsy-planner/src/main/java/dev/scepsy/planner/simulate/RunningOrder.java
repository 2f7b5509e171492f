package dev.scepsy.planner.simulate;

import org.jspecify.annotations.Nullable;

/** Running sequences in the order of their admission, linked through themselves. Mutable, confined to its engine. */
final class RunningOrder {

    private @Nullable Sequence first;
    private @Nullable Sequence last;
    private int size;
    private long admissions;

    void add(Sequence sequence) {
        sequence.admission = admissions++;
        sequence.running = true;
        sequence.earlier = last;
        if (last == null) {
            first = sequence;
        } else {
            last.later = sequence;
        }
        last = sequence;
        size++;
    }

    void remove(Sequence sequence) {
        Sequence earlier = sequence.earlier;
        Sequence later = sequence.later;
        if (earlier == null) {
            first = later;
        } else {
            earlier.later = later;
        }
        if (later == null) {
            last = earlier;
        } else {
            later.earlier = earlier;
        }
        sequence.earlier = null;
        sequence.later = null;
        sequence.running = false;
        size--;
    }

    @Nullable
    Sequence first() {
        return first;
    }

    @Nullable
    Sequence last() {
        return last;
    }

    int size() {
        return size;
    }
}
