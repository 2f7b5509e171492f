package dev.scepsy.planner.topology;

import dev.scepsy.planner.allocation.GpuFraction;

/** How a node lets engines share one GPU, and therefore which fractions f exist on it. Immutable. */
public sealed interface Sharing {

    /** Mechanism that enforces shares. */
    enum Mode {
        NONE,
        MPS,
        TIME_SLICING,
        HAMI,
        KAI,
        DRA
    }

    Mode mode();

    /** Whether f &lt; 1 may be combined with t &gt; 1 on this node. */
    boolean tensorParallel();

    /** Whether a shard may take exactly {@code fraction} of a GPU here. */
    boolean allows(GpuFraction fraction);

    /** No sharing: f = 1 only. */
    record Exclusive() implements Sharing {
        @Override
        public Mode mode() {
            return Mode.NONE;
        }

        @Override
        public boolean tensorParallel() {
            return false;
        }

        @Override
        public boolean allows(GpuFraction fraction) {
            return fraction.isWhole();
        }
    }

    /** Shares on the grid k·step for whole k, and 1. */
    record Grid(Mode mode, GpuFraction step, boolean tensorParallel) implements Sharing {
        @Override
        public boolean allows(GpuFraction fraction) {
            // fraction / step is a whole number
            return fraction.isWhole()
                    || Math.multiplyExact(fraction.numerator(), step.denominator())
                                    % Math.multiplyExact(fraction.denominator(), step.numerator())
                            == 0;
        }
    }

    /** Device-plugin replicas: every share on the node is exactly 1/parts. */
    record EqualParts(Mode mode, int parts, boolean tensorParallel) implements Sharing {
        @Override
        public boolean allows(GpuFraction fraction) {
            return fraction.equals(GpuFraction.oneOf(parts));
        }
    }
}
