package dev.scepsy.langchain4j.context;

import io.opentelemetry.context.Context;
import io.opentelemetry.context.ContextKey;
import java.util.Optional;

/**
 * The outermost workflow's run that work belongs to; travels in an OpenTelemetry {@link Context}. Immutable.
 *
 * @param workflow name of the outermost workflow
 * @param id hex id of the outermost workflow's span
 */
public record Execution(String workflow, String id) {

    private static final ContextKey<Execution> KEY = ContextKey.named("scepsy-execution");

    /** The execution that {@code context} belongs to; empty outside any workflow. */
    public static Optional<Execution> of(Context context) {
        return Optional.ofNullable(context.get(KEY));
    }

    /** {@code context}, belonging to this execution. */
    public Context in(Context context) {
        return context.with(KEY, this);
    }
}
