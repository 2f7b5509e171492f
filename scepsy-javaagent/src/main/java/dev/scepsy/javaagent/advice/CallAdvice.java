package dev.scepsy.javaagent.advice;

import dev.scepsy.javaagent.bridge.Bridge;
import net.bytebuddy.asm.Advice;
import net.bytebuddy.implementation.bytecode.assign.Assigner;
import org.jspecify.annotations.Nullable;

/** Around a method whose arguments a hook only reads. */
public final class CallAdvice {

    private CallAdvice() {}

    @Advice.OnMethodEnter(suppress = Throwable.class)
    static @Nullable Object enter(
            @Site int site,
            @Advice.This(optional = true) @Nullable Object self,
            @Advice.AllArguments Object[] arguments) {
        return Bridge.enter(site, self, arguments);
    }

    @Advice.OnMethodExit(onThrowable = Throwable.class, suppress = Throwable.class)
    static void exit(
            @Advice.Enter @Nullable Object token,
            @Advice.Return(readOnly = false, typing = Assigner.Typing.DYNAMIC) @Nullable Object result,
            @Advice.Thrown @Nullable Throwable error) {
        if (token != null) {
            result = Bridge.exit(token, result, error);
        }
    }
}
