package dev.scepsy.javaagent.advice;

import dev.scepsy.javaagent.bridge.Bridge;
import net.bytebuddy.asm.Advice;
import org.jspecify.annotations.Nullable;

/** Around the method that runs a task: the operation that it was handed over under is at work meanwhile. */
public final class TaskAdvice {

    private TaskAdvice() {}

    @Advice.OnMethodEnter(suppress = Throwable.class)
    static @Nullable Object enter(@Advice.This Object task) {
        return Bridge.begin(task);
    }

    @Advice.OnMethodExit(onThrowable = Throwable.class, suppress = Throwable.class)
    static void exit(@Advice.Enter @Nullable Object token, @Advice.Thrown @Nullable Throwable error) {
        if (token != null) {
            Bridge.exit(token, null, error);
        }
    }
}
