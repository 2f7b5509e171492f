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

    /**
     * Engine processes that CUDA MPS serves on one GPU at most, one for each shard (NVIDIA, Multi-Process Service, Volta MPS
     * client limits). Shares below 1/48 of an MPS GPU are refused, so shares that fit never exceed it.
     */
    int MOST_MPS_CLIENTS = 48;

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
            return fraction.isWhole() || (isMultiple(fraction) && !tooSmall(fraction));
        }

        /** Whether fraction / step is a whole number. */
        private boolean isMultiple(GpuFraction fraction) {
            return Math.multiplyExact(fraction.numerator(), step.denominator())
                            % Math.multiplyExact(fraction.denominator(), step.numerator())
                    == 0;
        }

        /** DRA claims are shared by MPS too. */
        private boolean tooSmall(GpuFraction fraction) {
            return (mode == Mode.MPS || mode == Mode.DRA)
                    && fraction.compareTo(GpuFraction.oneOf(MOST_MPS_CLIENTS)) < 0;
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
