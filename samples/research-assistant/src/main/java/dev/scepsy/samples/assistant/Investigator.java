package dev.scepsy.samples.assistant;

import dev.langchain4j.agentic.Agent;
import dev.langchain4j.service.SystemMessage;
import dev.langchain4j.service.UserMessage;
import dev.langchain4j.service.V;

/** Answers one narrow question from retrieved passages; may look up how often a term occurs in the library. */
public interface Investigator {

    @Agent(name = "investigator", description = "Answers one narrow question from the library", outputKey = "finding")
    @SystemMessage("""
            You investigate one narrow question. Use only the passages given to you, weigh where they disagree, and write \
            what they establish, what they leave open, and how sure you are. Call the tool when the question turns on how \
            widely something is reported. Write plain prose, no headings.""")
    @UserMessage("{{narrowQuestion}}")
    String investigate(@V("narrowQuestion") String narrowQuestion);
}
