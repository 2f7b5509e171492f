package dev.scepsy.javaagent.trace;

import java.util.function.BiFunction;
import org.jspecify.annotations.Nullable;

/**
 * A woven call in progress: restores the thread's current operation when the method ends, then does the hook's part. Returns
 * the method's own result unless the hook puts another in its place.
 */
public abstract class Token implements BiFunction<@Nullable Object, @Nullable Throwable, @Nullable Object> {

    private final Tracer tracer;
    private final @Nullable Object before;
    private @Nullable Hook hook;
    private @Nullable Object self;

    /** Makes the operation current until the method ends. */
    protected Token(Tracer tracer, @Nullable Operation operation) {
        this.tracer = tracer;
        this.before = tracer.makeCurrent(operation);
    }

    Token guardedBy(Hook hook, @Nullable Object self) {
        this.hook = hook;
        this.self = self;
        return this;
    }

    @Override
    public final @Nullable Object apply(@Nullable Object result, @Nullable Throwable error) {
        try {
            tracer.restore(before);
            Object returned = exit(result, error);
            if (hook != null) {
                hook.succeeded(self);
            }
            return returned;
        } catch (Throwable failure) {
            if (hook != null) {
                hook.failed(self, failure);
            }
            return result;
        }
    }

    /** The method has ended: with a result (null for void), or with an error. */
    protected abstract @Nullable Object exit(@Nullable Object result, @Nullable Throwable error) throws Throwable;
}
