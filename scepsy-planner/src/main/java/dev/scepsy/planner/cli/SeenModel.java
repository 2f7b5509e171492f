package dev.scepsy.planner.cli;

import dev.scepsy.planner.span.Span;
import java.util.OptionalLong;

/**
 * What traces show of one model. Not thread-safe.
 */
final class SeenModel {

    private final String name;
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
        longestInput = Math.max(longestInput, input.orElse(0));
        longestOutput = Math.max(longestOutput, output.orElse(0));
        longestTogether = Math.max(longestTogether, input.orElse(0) + output.orElse(0));
    }

    String name() {
        return name;
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
