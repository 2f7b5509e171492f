package dev.scepsy.planner.platform;

import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** What becomes of a plan on a platform. Immutable. */
public sealed interface Rendering {

    /**
     * @param files text by path, in the order in which they are read; paths are relative and have no {@code ..}
     * @param notes what is enforced, and what is left out, a line each
     */
    record Files(Map<String, String> files, List<String> notes) implements Rendering {
        public Files {
            files = Collections.unmodifiableMap(new LinkedHashMap<>(files));
            notes = List.copyOf(notes);
        }

        /** Whether {@code path} is a program, so that its file is to be executable. */
        public boolean isProgram(String path) {
            return path.endsWith(".sh");
        }
    }

    /**
     * The platform cannot express the plan.
     *
     * @param reasons why, a sentence each; at least one
     * @param remedies what would help, a sentence each
     */
    record Refused(List<String> reasons, List<String> remedies) implements Rendering {
        public Refused {
            reasons = List.copyOf(reasons);
            remedies = List.copyOf(remedies);
        }
    }

    /** Collects what a platform cannot express, so that all of it is said at once. */
    final class Obstacles {
        private final List<String> reasons = new ArrayList<>();
        private final List<String> remedies = new ArrayList<>();

        void add(String reason, String remedy) {
            if (!reasons.contains(reason)) {
                reasons.add(reason);
            }
            if (!remedies.contains(remedy)) {
                remedies.add(remedy);
            }
        }

        boolean any() {
            return !reasons.isEmpty();
        }

        Refused refused() {
            return new Refused(reasons, remedies);
        }
    }
}
