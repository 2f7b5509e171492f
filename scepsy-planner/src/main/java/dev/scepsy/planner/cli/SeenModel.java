package dev.scepsy.planner.cli;

import dev.scepsy.planner.span.Span;
import java.util.OptionalLong;
import java.util.SortedSet;
import java.util.TreeSet;

/**
 * What traces show of one model. Not thread-safe.
 */
final class SeenModel {

    private final String name;
    private final SortedSet<String> otherNames = new TreeSet<>();
    private long calls;
    private long longestInput;
    private long longestOutput;
    private long longestTogether;

    SeenModel(String name) {
        this.name = name;
    }

    void add(Span call) {
        OptionalLong input = call.genAi().inputTokens();
        OptionalLong output = call.genAi().outputTokens();
        calls++;
        String called = call.genAi().model();
        if (called != null && !called.equals(name)) {
            otherNames.add(called);
        }
        longestInput = Math.max(longestInput, input.orElse(0));
        longestOutput = Math.max(longestOutput, output.orElse(0));
        longestTogether = Math.max(longestTogether, input.orElse(0) + output.orElse(0));
    }

    String name() {
        return name;
    }

    /** Other names that calls used for it. */
    SortedSet<String> otherNames() {
        return otherNames;
    }

    long calls() {
        return calls;
    }

    long longestInput() {
        return longestInput;
    }

    long longestOutput() {
        return longestOutput;
    }

    /** Prompt and answer of one call together, tokens; 0 when no call reports any. */
    long longestTogether() {
        return longestTogether;
    }
}
