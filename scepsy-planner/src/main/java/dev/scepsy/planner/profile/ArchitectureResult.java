package dev.scepsy.planner.profile;

import java.util.List;

/** What a model's configuration says about its architecture. */
public sealed interface ArchitectureResult {

    /** Everything serving cost depends on was found. */
    record Known(ModelArchitecture architecture) implements ArchitectureResult {}

    /** The configuration cannot be understood; one sentence per problem. */
    record Unknown(List<String> problems) implements ArchitectureResult {
        public Unknown {
            problems = List.copyOf(problems);
        }
    }
}
