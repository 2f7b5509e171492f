package dev.scepsy.spring.assistant;

import dev.langchain4j.service.spring.AiService;

/** Made by LangChain4j's starter, which finds model and tools among the beans. */
@AiService
public interface Assistant {

    String answer(String question);
}
