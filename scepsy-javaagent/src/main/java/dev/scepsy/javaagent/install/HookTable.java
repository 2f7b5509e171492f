package dev.scepsy.javaagent.install;

import dev.scepsy.javaagent.trace.Hook;
import dev.scepsy.javaagent.trace.Module;
import dev.scepsy.javaagent.trace.Tracer;
import java.util.Arrays;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BiFunction;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Hooks by site number: the targets' first, then those of annotated methods; and, as a function, the capture of work that
 * goes to another thread. Filled before the woven code can run.
 */
public final class HookTable implements BiFunction<Object, Class<?>, Object> {

    private static final int CAPACITY = 1024;

    private final BiFunction<@Nullable Object, Object[], @Nullable Object>[] slots;
    private final Function<String, Module> modules;
    private final Tracer tracer;
    private final ClassLoader application;
    private References references;
    private final AtomicInteger next = new AtomicInteger(Target.values().length);

    @SuppressWarnings({"unchecked", "rawtypes"})
    HookTable(Function<String, Module> modules, Tracer tracer, ClassLoader application) {
        this.tracer = tracer;
        this.modules = modules;
        this.application = application;
        this.references = new References("", application);
        this.slots = new BiFunction[CAPACITY];
    }

    /** The hooks put from now on are those of this class. */
    public void from(Class<?> group) {
        references = new References(group.getSimpleName(), application);
    }

    /** Puts a hook that looks at its first call whether LangChain4j is as it needs it. */
    public void put(Target target, Hook.Entry entry) {
        Module module = modules.apply(target.module());
        Hook hook = new Hook(module, entry);
        References needed = references;
        int site = target.ordinal();
        slots[site] = (self, arguments) -> {
            boolean fits = module.isOff() || needed.areMet(module);
            slots[site] = fits ? hook : null;
            return fits ? hook.apply(self, arguments) : null;
        };
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

    /**
     * Adds the body of a lambda that implements a target's type: its last arguments are the method's, the ones before are
     * what it captured, and it has no receiver of its own.
     */
    int add(Target target, Lambda lambda, int arguments) {
        int site = next.getAndIncrement();
        if (site >= CAPACITY) {
            return -1;
        }
        slots[site] = (self, all) -> {
            BiFunction<@Nullable Object, Object[], @Nullable Object> hook = slots[target.ordinal()];
            if (hook == null) {
                return null;
            }
            int captured = all.length - arguments;
            Object[] own = Arrays.copyOfRange(all, captured, all.length);
            Object token = hook.apply(lambda, own);
            System.arraycopy(own, 0, all, captured, arguments);
            return token;
        };
        return site;
    }

    /** Captures work; a task for an executor comes with the type's array. */
    @Override
    public Object apply(Object work, Class<?> type) {
        try {
            return type.isArray() ? tracer.captureTask(work, type.getComponentType()) : tracer.capture(work, type);
        } catch (RuntimeException | LinkageError failure) {
            modules.apply("capture").failed(failure);
            return work;
        }
    }

    BiFunction<@Nullable Object, Object[], @Nullable Object>[] slots() {
        return slots;
    }
}
