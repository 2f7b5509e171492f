package dev.scepsy.javaagent.install;

import dev.scepsy.javaagent.trace.Hook;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Stands for an object that a lambda or method reference made: what its work is known by.
 *
 * @param modelName the simple name of the class that has the lambda
 * @param failures of the hooks that were called for it, in a row
 */
public record Lambda(String modelName, AtomicInteger failures) implements Hook.StandsForClass {

    Lambda(String modelName) {
        this(modelName, new AtomicInteger());
    }

    @Override
    public String className() {
        return modelName;
    }
}
