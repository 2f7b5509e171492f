package dev.scepsy.samples.assistant;

import dev.langchain4j.model.output.structured.Description;
import java.util.List;

/** What the critic says: accepted, or which questions are open. */
public record Verdict(
        @Description("whether the findings answer the question")
        boolean accepted,

        @Description("the questions still open; empty when accepted")
        List<String> openQuestions) {}
