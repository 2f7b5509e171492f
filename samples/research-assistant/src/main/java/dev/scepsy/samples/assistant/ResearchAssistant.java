package dev.scepsy.samples.assistant;

import dev.langchain4j.agentic.Agent;
import dev.langchain4j.agentic.AgenticServices;
import dev.langchain4j.agentic.UntypedAgent;
import dev.langchain4j.agentic.scope.AgenticScope;
import dev.langchain4j.model.chat.ChatModel;
import dev.scepsy.langchain4j.Workflow;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * Plans, investigates every narrow question at once, lets a critic ask for more at most three times, and summarises:
 * fan-out, branching and recurrence all depend on what the models say. Thread-safe: runs do not share state.
 */
public final class ResearchAssistant {

    private static final int REVIEWS = 3;

    private static final int MOST_OPINIONS = 10;

    private final UntypedAgent research;
    private volatile int opinions = 1;

    ResearchAssistant(Models models) {
        Library library = Library.embeddedBy(models.embedder());
        Investigator investigator = AgenticServices.agentBuilder(Investigator.class)
                .chatModel(models.executor())
                .retrievalAugmentor(library.retrieval(models.embedder(), models.reranker()))
                .tools(library)
                .build();
        research = AgenticServices.sequenceBuilder()
                .name("report")
                .subAgents(
                        agent(Planner.class, models.planner()),
                        investigateOpenQuestions(investigator),
                        reviewUntilAccepted(
                                new Panel(agent(Critic.class, models.critic()), () -> opinions), investigator),
                        agent(Summariser.class, models.summariser()))
                .outputKey("report")
                .build();
    }

    /** One run. Blocks until the report is written. */
    @Workflow(name = "research")
    public String research(String question) {
        return (String) research.invoke(Map.of("question", question));
    }

    /**
     * How often the critic is asked per review from now on: what a release that changes the workflow does, without the restart.
     *
     * @throws IllegalArgumentException unless {@code count} lies between 1 and 10
     */
    void askCritics(int count) {
        if (count < 1 || count > MOST_OPINIONS) {
            throw new IllegalArgumentException(
                    "The count (" + count + ") must lie between 1 and " + MOST_OPINIONS + ".");
        }
        opinions = count;
    }

    private static <T> T agent(Class<T> type, ChatModel model) {
        return AgenticServices.agentBuilder(type).chatModel(model).build();
    }

    /** One investigator per open question, all at once; what they find is added to the findings. */
    private static UntypedAgent investigateOpenQuestions(Investigator investigator) {
        return AgenticServices.parallelMapperBuilder()
                .name("investigation")
                .subAgents(investigator)
                .itemsProvider("openQuestions")
                .outputKey("newFindings")
                .output(ResearchAssistant::addFindings)
                .build();
    }

    private static UntypedAgent reviewUntilAccepted(Panel critics, Investigator investigator) {
        return AgenticServices.loopBuilder()
                .name("review")
                .subAgents(critics, new OpenQuestions(), investigateOpenQuestions(investigator))
                .maxIterations(REVIEWS)
                .exitCondition(scope -> scope.readState("verdict") instanceof Verdict verdict
                        && (verdict.accepted() || verdict.openQuestions().isEmpty()))
                .build();
    }

    /** No model: an object, so that it has a name in traces. */
    public static final class OpenQuestions {

        @Agent(name = "takeUpOpenQuestions", description = "Makes the critic's questions those to investigate")
        public void takeUp(AgenticScope scope) {
            if (scope.readState("verdict") instanceof Verdict verdict) {
                scope.writeState("openQuestions", verdict.openQuestions());
            }
        }
    }

    private static Object addFindings(AgenticScope scope) {
        List<?> found = scope.readState("newFindings") instanceof List<?> list ? list : List.of();
        List<String> findings = new ArrayList<>();
        if (scope.readState("findings") instanceof String earlier) {
            findings.add(earlier);
        }
        found.forEach(finding -> findings.add("- " + finding));
        scope.writeState("findings", String.join("\n", findings));
        return found;
    }
}
