package dev.scepsy.javaagent.trace;

import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BiFunction;
import org.jspecify.annotations.Nullable;

/**
 * What happens when a woven method begins: (receiver, arguments) to a token or null. Whatever goes wrong inside is counted
 * and kept from the application. Counted is in a row, and by the class whose method it is: a class with which it goes wrong again
 * and again is left alone, and others are not.
 */
public final class Hook implements BiFunction<@Nullable Object, Object[], @Nullable Object> {

    static final int FAILURES_ALLOWED = 10;

    /** The hook's own work, which may fail. */
    @FunctionalInterface
    public interface Entry {
        @Nullable
        Token enter(@Nullable Object self, Object[] arguments) throws Throwable;
    }

    /** A receiver that stands for a class of the application without being of it. */
    public interface StandsForClass {

        /** Its name, for people. */
        String className();

        /** Its own count of failures. */
        AtomicInteger failures();
    }

    private final Module module;
    private final Tracer tracer;
    private final Entry entry;
    private final AtomicInteger ofNobody = new AtomicInteger();
    private volatile boolean troubled;

    /** Kept by the classes themselves, and refers to none. */
    private final ClassValue<AtomicInteger> inARow = new ClassValue<>() {
        @Override
        protected AtomicInteger computeValue(Class<?> type) {
            return new AtomicInteger();
        }
    };

    public Hook(Module module, Tracer tracer, Entry entry) {
        this.module = module;
        this.tracer = tracer;
        this.entry = entry;
    }

    @Override
    public @Nullable Object apply(@Nullable Object self, Object[] arguments) {
        if (module.isOff() || (troubled && count(self).get() >= FAILURES_ALLOWED)) {
            return null;
        }
        Operation before = tracer.currentHere();
        try {
            Token token = entry.enter(self, arguments);
            return token == null ? null : token.guardedBy(this, self);
        } catch (Throwable failure) {
            tracer.currentHere(before); // Whatever was made current is nobody's now.
            failed(self, failure);
            return null;
        }
    }

    /** A call has gone well from its beginning to its end. */
    void succeeded(@Nullable Object self) {
        if (troubled) {
            count(self).set(0);
        }
        module.succeeded();
    }

    void failed(@Nullable Object self, Throwable failure) {
        if (failure instanceof VirtualMachineError) {
            return; // The stack or the memory was at its end: nothing that this class or we could do better.
        }
        troubled = true;
        module.failed(failure);
        if (count(self).incrementAndGet() == FAILURES_ALLOWED) {
            module.leaves(nameOf(self), FAILURES_ALLOWED);
        }
    }

    private AtomicInteger count(@Nullable Object self) {
        return self == null
                ? ofNobody
                : self instanceof StandsForClass other ? other.failures() : inARow.get(self.getClass());
    }

    private static String nameOf(@Nullable Object self) {
        return self == null
                ? "a static method"
                : self instanceof StandsForClass other
                        ? other.className()
                        : self.getClass().getName();
    }
}
