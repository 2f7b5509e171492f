package dev.scepsy.samples.assistant;

import dev.langchain4j.agentic.Agent;
import dev.langchain4j.service.V;
import dev.langchain4j.service.output.OutputParsingException;
import java.util.List;
import java.util.function.IntSupplier;

/**
 * No model: asks the critic as often as the team has decided, one opinion after the other; the last one counts. An opinion that is not the JSON that was
 * asked for holds nothing up: models write such now and then, and the findings are accepted as they are.
 */
public final class Panel {

    private final Critic critic;
    private final IntSupplier opinions;

    Panel(Critic critic, IntSupplier opinions) {
        this.critic = critic;
        this.opinions = opinions;
    }

    @Agent(name = "panel", description = "Asks the critic for opinions", outputKey = "verdict")
    public Verdict review(@V("question") String question, @V("findings") String findings) {
        Verdict verdict = opinion(question, findings);
        for (int asked = 1; asked < opinions.getAsInt(); asked++) {
            verdict = opinion(question, findings);
        }
        return verdict;
    }

    private Verdict opinion(String question, String findings) {
        try {
            return critic.review(question, findings);
        } catch (RuntimeException e) {
            if (isUnreadable(e)) {
                return new Verdict(true, List.of());
            }
            throw e;
        }
    }

    /** LangChain4j's agents wrap what their models' parsers throw several times. */
    private static boolean isUnreadable(Throwable thrown) {
        for (Throwable cause = thrown; cause != null; cause = cause.getCause()) {
            if (cause instanceof OutputParsingException) {
                return true;
            }
        }
        return false;
    }
}
