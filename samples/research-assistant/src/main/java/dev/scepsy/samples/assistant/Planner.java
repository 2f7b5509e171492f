package dev.scepsy.samples.assistant;

import dev.langchain4j.agentic.Agent;
import dev.langchain4j.service.SystemMessage;
import dev.langchain4j.service.UserMessage;
import dev.langchain4j.service.V;
import java.util.List;

/** Splits a question into two to five that can be investigated independently. */
public interface Planner {

    @Agent(
            name = "planner",
            description = "Splits a research question into independent ones",
            outputKey = "openQuestions")
    @SystemMessage("""
            You plan research. Split the question into two to five narrower questions that can be answered independently \
            from a library of engineering notes. A simple question needs two, a broad one five. Each must make sense on \
            its own: repeat the subject, name the period or the quantity asked for, and do not number them.""")
    @UserMessage("{{question}}")
    List<String> plan(@V("question") String question);
}
