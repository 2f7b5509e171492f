package dev.scepsy.spring.assistant;

import dev.langchain4j.service.spring.AiService;
import dev.scepsy.langchain4j.Workflow;

/** A service whose interface names a workflow itself. */
@AiService
public interface Planner {

    @Workflow(name = "planning")
    String plan(String question);
}
