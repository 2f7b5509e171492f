package dev.scepsy.javaagent.advice;

import dev.scepsy.javaagent.bridge.Bridge;
import net.bytebuddy.asm.Advice;
import net.bytebuddy.implementation.bytecode.assign.Assigner;
import org.jspecify.annotations.Nullable;

/** Around a method whose hook may put another object in an argument's place (a handler, a callable). */
public final class ReplacingAdvice {

    private ReplacingAdvice() {}

    @Advice.OnMethodEnter(suppress = Throwable.class)
    static @Nullable Object enter(
            @Site int site,
            @Advice.This(optional = true) @Nullable Object self,
            @Advice.AllArguments(readOnly = false, typing = Assigner.Typing.DYNAMIC) Object[] arguments) {
        Object[] replaceable =
                arguments; // Reading the parameter makes an array, assigning it writes all arguments back.
        Object token = Bridge.enter(site, self, replaceable);
        arguments = replaceable;
        return token;
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
