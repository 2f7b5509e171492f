package dev.scepsy.javaagent.trace;

/** Where finished operations go. Called on the application's threads: must neither block nor throw. */
@FunctionalInterface
public interface FinishedOperations {

    void accept(Operation finished);
}
