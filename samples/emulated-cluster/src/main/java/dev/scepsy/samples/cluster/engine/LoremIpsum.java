package dev.scepsy.samples.cluster.engine;

import java.util.SplittableRandom;

/** Text of a plausible length that says nothing. */
final class LoremIpsum implements AnswerScript {
    private static final double MEDIAN_TOKENS = 150;
    private static final double SIGMA = 0.6;
    private static final int MOST_TOKENS = 4000;
    private static final String[] WORDS =
            ("lorem ipsum dolor sit amet consectetur adipiscing elit sed do eiusmod tempor incididunt ut labore et dolore"
                            + " magna aliqua enim ad minim veniam quis nostrud exercitation ullamco laboris nisi aliquip"
                            + " ex ea commodo consequat duis aute irure in reprehenderit voluptate velit esse cillum")
                    .split(" ");

    @Override
    public Answer answer(Prompt prompt) {
        SplittableRandom random = new SplittableRandom(prompt.seed());
        double drawn = MEDIAN_TOKENS * Math.exp(SIGMA * gaussian(random));
        int tokens = (int) Math.max(1, Math.min(MOST_TOKENS, Math.round(drawn)));
        StringBuilder text = new StringBuilder();
        while (text.length() < 4 * tokens) {
            text.append(WORDS[random.nextInt(WORDS.length)]).append(' ');
        }
        return Answer.text(text.toString().strip(), tokens);
    }

    // Box-Muller, written out so that a seed gives the same text on every Java version.
    private static double gaussian(SplittableRandom random) {
        double radius = Math.sqrt(-2 * Math.log(1 - random.nextDouble()));
        return radius * Math.cos(2 * Math.PI * random.nextDouble());
    }
}
