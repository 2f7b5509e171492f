package dev.scepsy.samples.assistant;

import dev.langchain4j.agentic.Agent;
import dev.langchain4j.service.SystemMessage;
import dev.langchain4j.service.UserMessage;
import dev.langchain4j.service.V;

/** Writes the report. */
public interface Summariser {

    @Agent(name = "summariser", description = "Writes the report from the findings", outputKey = "report")
    @SystemMessage("""
            You write research reports for engineers in a hurry: the answer first, then what supports it, then what \
            remains uncertain. Half a page.""")
    @UserMessage("Question: {{question}}\n\nFindings:\n{{findings}}")
    String summarise(@V("question") String question, @V("findings") String findings);
}
