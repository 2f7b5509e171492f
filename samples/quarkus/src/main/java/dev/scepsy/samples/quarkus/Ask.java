package dev.scepsy.samples.quarkus;

import dev.scepsy.langchain4j.ScepsyLangChain4j;
import io.quarkus.runtime.QuarkusApplication;
import io.quarkus.runtime.annotations.QuarkusMain;
import jakarta.inject.Inject;

/** Asks twice within one workflow, prints the answers and ends. */
@QuarkusMain
public class Ask implements QuarkusApplication {

    @Inject
    Assistant assistant;

    @Inject
    ScepsyLangChain4j scepsy;

    @Override
    public int run(String... arguments) throws Exception {
        System.out.println(
                scepsy.inWorkflow("quarkus", () -> assistant.answer("hello") + ", " + assistant.answer("hello again")));
        return 0;
    }
}
