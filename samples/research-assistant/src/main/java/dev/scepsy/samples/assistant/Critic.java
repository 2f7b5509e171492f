package dev.scepsy.samples.assistant;

import dev.langchain4j.agentic.Agent;
import dev.langchain4j.service.SystemMessage;
import dev.langchain4j.service.UserMessage;
import dev.langchain4j.service.V;

/** Judges whether the findings answer the question, or what is still to be investigated. */
public interface Critic {

    @Agent(name = "critic", description = "Judges whether findings answer the question", outputKey = "verdict")
    @SystemMessage("""
            You review research. Accept the findings if together they answer the question. Otherwise name one or two \
            questions that are still open, each narrow enough to be investigated on its own.""")
    @UserMessage("Question: {{question}}\n\nFindings:\n{{findings}}")
    Verdict review(@V("question") String question, @V("findings") String findings);
}
