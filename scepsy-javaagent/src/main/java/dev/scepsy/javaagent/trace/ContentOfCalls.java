package dev.scepsy.javaagent.trace;

import org.jspecify.annotations.Nullable;

/** Shows what goes into an operation's method and what comes out, where somebody asked for it. */
@FunctionalInterface
public interface ContentOfCalls {

    /** The operation's method begins, with these arguments. */
    void entered(Operation operation, @Nullable Object @Nullable [] arguments);
}
