package dev.scepsy.javaagent.hook;

import dev.scepsy.javaagent.trace.Operation;
import dev.scepsy.javaagent.trace.Token;
import dev.scepsy.javaagent.trace.Tracer;
import org.jspecify.annotations.Nullable;

/** The plainest token: the operation ends with its method. */
final class OperationToken extends Token {

    private final Operation operation;

    OperationToken(Tracer tracer, Operation operation) {
        super(tracer, operation);
        this.operation = operation;
    }

    @Override
    protected @Nullable Object exit(@Nullable Object result, @Nullable Throwable error) {
        operation.end(error);
        return result;
    }
}
