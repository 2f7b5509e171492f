package dev.scepsy.samples.demo;

import dev.scepsy.samples.cluster.engine.Answer;
import dev.scepsy.samples.cluster.engine.AnswerScript;
import dev.scepsy.samples.cluster.engine.Prompt;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/**
 * What the emulated models say to the research assistant. Every choice is drawn from the prompt's seed, so the same
 * question takes the same way through the application, however the cluster is laid out: two to five narrow questions, a
 * tool call in one investigation of four, a critic that accepts six times in ten, answers of log-normal length.
 */
final class ScriptedAnswers implements AnswerScript {

    private static final double TOOL_SHARE = 0.25;
    private static final double ACCEPTED_SHARE = 0.6;
    private static final int VERDICT_TOKENS = 60;

    private static final List<String> NARROW = List.of(
            "What was measured in the third year and later about %s?",
            "Which sites were left out of the survey of %s, and does it matter?",
            "How far do the daily logs and the reports disagree on %s?",
            "What had to be rebuilt or retrained around %s?",
            "How wide is the spread of costs reported for %s?");
    private static final List<String> TERMS = List.of("logs", "spare parts", "third year", "kilowatt hours", "survey");
    private static final List<String> SENTENCES = List.of(
            "The passages agree that figures settle from the third year on.",
            "One survey counts the sites that closed early and finds twice the spread.",
            "Half of the early stoppages were mistakes in handling, which training removed.",
            "Where logs and reports differ, the logs are the better witness.",
            "Costs are in prices of the year and cannot be added without care.",
            "Nothing in the passages speaks for a difference between regions.",
            "Sites enlarged in a hurry are the exception and should be judged alone.",
            "This rests on two independent groups, which is little but not nothing.");

    @Override
    public Answer answer(Prompt prompt) {
        SplittableRandom random = new SplittableRandom(prompt.seed());
        return switch (prompt.model()) {
            case "planner" -> Answer.text(String.join("\n", questions(2 + random.nextInt(4), prompt, random)));
            case "executor" -> investigation(prompt, random);
            case "critic" -> verdict(prompt, random);
            default -> Answer.text(prose(logNormal(random, 260, 0.3), random));
        };
    }

    private static Answer investigation(Prompt prompt, SplittableRandom random) {
        boolean hasCounted = !prompt.last("tool").isEmpty();
        if (!hasCounted && random.nextDouble() < TOOL_SHARE) {
            String term = TERMS.get(random.nextInt(TERMS.size()));
            return Answer.toolCall("countPassages", "{\"term\": \"" + term + "\"}");
        }
        return Answer.text(prose(logNormal(random, 160, 0.5), random));
    }

    private static Answer verdict(Prompt prompt, SplittableRandom random) {
        if (random.nextDouble() < ACCEPTED_SHARE) {
            return Answer.text("{\"accepted\": true, \"openQuestions\": []}", VERDICT_TOKENS);
        }
        String open = String.join("\", \"", questions(1 + random.nextInt(2), prompt, random));
        return Answer.text("{\"accepted\": false, \"openQuestions\": [\"" + open + "\"]}", VERDICT_TOKENS);
    }

    /** Different questions about what the user's own question is about. */
    private static List<String> questions(int count, Prompt prompt, SplittableRandom random) {
        String asked = prompt.last("user")
                .replace("Question: ", "")
                .lines()
                .findFirst()
                .orElse("");
        String subject = asked.replace("\"", "").replace("?", "");
        List<String> forms = new ArrayList<>(NARROW);
        List<String> questions = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            questions.add(forms.remove(random.nextInt(forms.size())).formatted("'" + subject + "'"));
        }
        return questions;
    }

    private static String prose(int tokens, SplittableRandom random) {
        StringBuilder text = new StringBuilder();
        while (text.length() < 4 * tokens) {
            text.append(SENTENCES.get(random.nextInt(SENTENCES.size()))).append(' ');
        }
        return text.substring(0, 4 * tokens).strip();
    }

    private static int logNormal(SplittableRandom random, double median, double sigma) {
        double radius = Math.sqrt(-2 * Math.log(1 - random.nextDouble()));
        double gaussian = radius * Math.cos(2 * Math.PI * random.nextDouble());
        return (int) Math.max(20, Math.round(median * Math.exp(sigma * gaussian)));
    }
}
