package dev.scepsy.javaagent.trace;

import java.util.function.BiFunction;
import org.jspecify.annotations.Nullable;

/**
 * What happens when a woven method begins: (receiver, arguments) to a token or null. Whatever goes wrong inside is counted
 * and kept from the application; a module that keeps failing is switched off.
 */
public final class Hook implements BiFunction<@Nullable Object, Object[], @Nullable Object> {

    /** The hook's own work, which may fail. */
    @FunctionalInterface
    public interface Entry {
        @Nullable
        Token enter(@Nullable Object self, Object[] arguments) throws Throwable;
    }

    private final Module module;
    private final Entry entry;

    public Hook(Module module, Entry entry) {
        this.module = module;
        this.entry = entry;
    }

    @Override
    public @Nullable Object apply(@Nullable Object self, Object[] arguments) {
        if (module.isOff()) {
            return null;
        }
        try {
            Token token = entry.enter(self, arguments);
            return token == null ? null : token.guardedBy(module);
        } catch (Throwable failure) {
            module.failed(failure);
            return null;
        }
    }
}
