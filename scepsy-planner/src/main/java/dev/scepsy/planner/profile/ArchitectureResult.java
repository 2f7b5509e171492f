package dev.scepsy.planner.profile;

import java.util.List;

/** What a model's configuration says about its architecture. */
public sealed interface ArchitectureResult {

    /**
     * Everything serving cost depends on was found.
     *
     * @param warnings one sentence each on what was estimated or taken on trust
     */
    record Known(ModelArchitecture architecture, List<String> warnings) implements ArchitectureResult {
        public Known {
            warnings = List.copyOf(warnings);
        }
    }

    /** The configuration cannot be understood; one sentence per problem. */
    record Unknown(List<String> problems) implements ArchitectureResult {
        public Unknown {
            problems = List.copyOf(problems);
        }
    }
}
