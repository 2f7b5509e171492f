package dev.scepsy.samples.demo;

import java.util.List;
import java.util.Random;

/** A question for the research assistant. The same seed asks the same questions. */
record Question(String text, int seed) {

    private static final List<String> SUBJECTS = List.of(
            "heat pumps in old buildings",
            "battery storage on the grid",
            "railway signalling by radio",
            "desalination by membranes",
            "timber towers",
            "container ports",
            "weather radar",
            "satellite navigation in cities");
    private static final List<String> FORMS = List.of(
            "What have operators learned about %s?",
            "Why do reports on %s disagree with the logs?",
            "What did %s cost to run after the third year, and why?",
            "Which failures of %s could have been foreseen?",
            "How should a town judge proposals for %s?");

    /** The {@code index}-th question of a sequence. */
    static Question of(long sequence, int index) {
        Random random = new Random(sequence * 1_000_003 + index);
        String subject = SUBJECTS.get(random.nextInt(SUBJECTS.size()));
        return new Question(
                FORMS.get(random.nextInt(FORMS.size())).formatted(subject), (int) (sequence * 10_000 + index));
    }

    String json() {
        return "{\"question\": \"" + text + "\", \"seed\": " + seed + "}";
    }
}
