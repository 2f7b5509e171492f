package dev.scepsy.javaagent.install;

import dev.scepsy.javaagent.trace.Hook;
import dev.scepsy.javaagent.trace.Module;
import dev.scepsy.javaagent.trace.Tracer;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BiFunction;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * Hooks by site number: the targets' first, then those of annotated methods; and, as an operator, the capture of work that
 * goes to another thread. Filled before the woven code can run.
 */
public final class HookTable implements UnaryOperator<Object> {

    private static final int CAPACITY = 1024;

    private final BiFunction<@Nullable Object, Object[], @Nullable Object>[] slots;
    private final Function<String, Module> modules;
    private final Tracer tracer;
    private final AtomicInteger next = new AtomicInteger(Target.values().length);

    @SuppressWarnings({"unchecked", "rawtypes"})
    HookTable(Function<String, Module> modules, Tracer tracer) {
        this.tracer = tracer;
        this.modules = modules;
        this.slots = new BiFunction[CAPACITY];
    }

    public void put(Target target, Hook.Entry entry) {
        slots[target.ordinal()] = new Hook(modules.apply(target.module()), entry);
    }

    /** Adds one that no target has; gives its site number, or -1 when the table is full. */
    int add(String module, Hook.Entry entry) {
        int site = next.getAndIncrement();
        if (site >= CAPACITY) {
            return -1;
        }
        slots[site] = new Hook(modules.apply(module), entry);
        return site;
    }

    @Override
    public Object apply(Object work) {
        try {
            return tracer.capture(work);
        } catch (RuntimeException | LinkageError failure) {
            modules.apply("capture").failed(failure);
            return work;
        }
    }

    BiFunction<@Nullable Object, Object[], @Nullable Object>[] slots() {
        return slots;
    }
}
