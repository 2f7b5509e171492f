package dev.scepsy.planner.transition;

import java.util.List;
import java.util.Set;

/** Whether there is a legal way, and which. Immutable. */
public sealed interface TransitionResult {

    /**
     * A way on which every prefix is legal and whose end is the target.
     *
     * @param steps in order; empty when nothing has to change
     * @param limited nodes on which starts may wait for processors or memory that stops give back
     */
    record Path(List<Step> steps, Set<String> limited) implements TransitionResult {
        public Path {
            steps = List.copyOf(steps);
            limited = Set.copyOf(limited);
        }

        /** The steps in groups that may be carried out at the same time, see {@link Waves}. */
        public List<List<Step>> waves() {
            return Waves.of(steps, limited);
        }
    }

    /**
     * No way was found.
     *
     * @param proven whether there is none for sure; false: the work budget ended first
     * @param reasons what stops each change, for people
     * @param remedies what would make a way, cheapest first; may be empty
     */
    record NoPath(boolean proven, List<String> reasons, List<Remedy> remedies) implements TransitionResult {
        public NoPath {
            reasons = List.copyOf(reasons);
            remedies = List.copyOf(remedies);
        }
    }

    /** Something that was tried and found to make a way. */
    sealed interface Remedy {

        /** Letting these models be without any replica for a while ({@code --allow-gap}). */
        record AllowGap(Set<String> models) implements Remedy {
            public AllowGap {
                models = Set.copyOf(models);
            }

            @Override
            public String toString() {
                return models.stream()
                        .sorted()
                        .map(model -> "--allow-gap " + model)
                        .collect(java.util.stream.Collectors.joining(" "));
            }
        }

        /** So many more GPUs, free during the change, on a node like {@code likeNode}. */
        record SpareGpus(int gpus, String gpuType, String likeNode) implements Remedy {
            @Override
            public String toString() {
                return gpus + " spare GPU" + (gpus == 1 ? "" : "s") + " (" + gpuType + ") on a node like " + likeNode;
            }
        }
    }
}
