package dev.scepsy.planner.measure;

import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;

/**
 * Decides how many tokens an answer had, and keeps count of servers that do not say it or say what cannot be. A piece with
 * content holds at least one token, and nobody generates more than was asked for; a prompt is within a factor of two of its
 * wanted length. What contradicts this is replaced: by the asked length where the answer was cut there, by the number of
 * pieces otherwise. Confined to one thread.
 */
final class UsageAudit {

    private static final double PLAUSIBLE_FACTOR = 2;

    /** Prompts shorter than this consist mostly of their frame. */
    private static final int SHORT_PROMPT = 32;

    /** Tokens of one answer: as reported where that is possible. */
    record Counts(int inputTokens, int outputTokens) {}

    private int answers;
    private int outputMissing;
    private int outputImpossible;
    private int inputMissing;
    private int inputImpossible;
    private int shorter;
    private int wholeAnswers;

    Counts count(Answer answer, boolean generates) {
        answers++;
        return new Counts(input(answer), generates ? output(answer) : 0);
    }

    private int input(Answer answer) {
        int asked = answer.asked().inputTokens();
        if (answer.inputTokens().isEmpty()) {
            inputMissing++;
            return asked;
        }
        int reported = answer.inputTokens().getAsInt();
        boolean possible = asked < SHORT_PROMPT
                ? reported > 0
                : reported > asked / PLAUSIBLE_FACTOR && reported < asked * PLAUSIBLE_FACTOR;
        if (!possible) {
            inputImpossible++;
            return asked;
        }
        return reported;
    }

    private int output(Answer answer) {
        int asked = Math.max(1, answer.asked().outputTokens());
        int counted = answer.cutAtLength() ? asked : Math.max(1, Math.min(asked, answer.pieces()));
        OptionalInt reported = answer.outputTokens();
        int tokens = counted;
        if (reported.isEmpty()) {
            outputMissing++;
        } else if (reported.getAsInt() < answer.pieces() || reported.getAsInt() < 1 || reported.getAsInt() > asked) {
            outputImpossible++;
        } else {
            tokens = reported.getAsInt();
        }
        shorter += tokens < asked ? 1 : 0;
        wholeAnswers += answer.pieces() <= 1 && tokens > 8 ? 1 : 0;
        return tokens;
    }

    /** What users should know, with the counts; empty where everything was in order. */
    List<String> findings() {
        List<String> findings = new ArrayList<>();
        add(
                findings,
                outputMissing,
                "came without a count of generated tokens: the asked length is used where the"
                        + " answer was cut there, else the number of pieces with content");
        add(
                findings,
                outputImpossible,
                "reported a number of generated tokens that cannot be (fewer than the pieces with content, or more"
                        + " than asked): the asked length is used where the answer was cut there, else the number of"
                        + " pieces");
        add(findings, inputMissing, "came without a count of prompt tokens: the asked length is used");
        add(
                findings,
                inputImpossible,
                "reported a number of prompt tokens that their prompts cannot have: the asked" + " length is used");
        add(findings, shorter, "ended before the asked length: the profile holds for the lengths that were generated");
        add(findings, wholeAnswers, "came in one piece: no time to the first token is known of them");
        return findings;
    }

    private void add(List<String> findings, int count, String what) {
        if (count > 0) {
            findings.add(count + " of " + answers + " answers " + what + ".");
        }
    }
}
