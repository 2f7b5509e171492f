package dev.scepsy.samples.quarkus;

/** An AI service; LangChain4j makes its implementation. */
public interface Assistant {
    String answer(String question);
}
