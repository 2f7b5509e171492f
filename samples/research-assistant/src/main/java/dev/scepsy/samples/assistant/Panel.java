package dev.scepsy.samples.assistant;

import dev.langchain4j.agentic.Agent;
import dev.langchain4j.service.V;
import java.util.function.IntSupplier;

/** No model: asks the critic as often as the team has decided, one opinion after the other; the last one counts. */
public final class Panel {

    private final Critic critic;
    private final IntSupplier opinions;

    Panel(Critic critic, IntSupplier opinions) {
        this.critic = critic;
        this.opinions = opinions;
    }

    @Agent(name = "panel", description = "Asks the critic for opinions", outputKey = "verdict")
    public Verdict review(@V("question") String question, @V("findings") String findings) {
        Verdict verdict = critic.review(question, findings);
        for (int asked = 1; asked < opinions.getAsInt(); asked++) {
            verdict = critic.review(question, findings);
        }
        return verdict;
    }
}
