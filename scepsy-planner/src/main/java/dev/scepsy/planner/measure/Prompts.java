package dev.scepsy.planner.measure;

import java.util.SplittableRandom;

/**
 * Prompt texts of a wanted length. Each starts with words of its own, so that no prefix cache can know it, except for the
 * shared beginning that was asked for. Immutable.
 *
 * @param tokensPerWord what one more word costs, as measured on the server; above 0
 * @param tokensPerPrompt what frames every prompt, as measured; 0 or more
 * @param sharedTokens length of the beginning that all prompts share
 */
record Prompts(double tokensPerWord, double tokensPerPrompt, int sharedTokens) {

    /** Short and common, so that most vocabularies have them as one token. */
    private static final String[] WORDS =
            ("time year people way day man thing woman life child world school state family student group country"
                            + " problem hand part place case week company system program question work government number night"
                            + " point home water room mother area money story fact month lot right study book eye job word"
                            + " business issue side kind head house service friend father power hour game line end member law car")
                    .split(" ");

    /** Before anything was measured: a common word and its space are about one token, a chat frame a few. */
    static final Prompts UNMEASURED = new Prompts(1, 4, 0);

    Prompts withShared(int tokens) {
        return new Prompts(tokensPerWord, tokensPerPrompt, tokens);
    }

    /** A text that comes to about {@code tokens} with its frame. */
    String text(int tokens, SplittableRandom random) {
        int shared = Math.min(sharedTokens, tokens);
        StringBuilder text = new StringBuilder();
        if (shared > 0) {
            words(words(shared), new SplittableRandom(0), text);
        }
        words(Math.max(1, words(tokens - tokensPerPrompt - shared)), random, text);
        return text.toString();
    }

    private int words(double tokens) {
        return (int) Math.max(0, Math.rint(tokens / tokensPerWord));
    }

    /** A text of {@code count} words. */
    static String ofWords(int count, SplittableRandom random) {
        StringBuilder text = new StringBuilder();
        words(count, random, text);
        return text.toString();
    }

    private static void words(int count, SplittableRandom random, StringBuilder text) {
        for (int i = 0; i < count; i++) {
            text.append(text.isEmpty() ? "" : " ").append(WORDS[random.nextInt(WORDS.length)]);
        }
    }
}
