package dev.scepsy.javaagent.install;

import dev.scepsy.javaagent.host.Privileged;
import dev.scepsy.javaagent.host.Stderr;
import dev.scepsy.javaagent.trace.Companions;
import dev.scepsy.javaagent.trace.ContentOfCalls;
import dev.scepsy.javaagent.trace.Hook;
import dev.scepsy.javaagent.trace.Module;
import dev.scepsy.javaagent.trace.Operation;
import dev.scepsy.javaagent.trace.Tracer;
import java.security.PrivilegedAction;
import java.util.Arrays;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BiFunction;
import org.jspecify.annotations.Nullable;

/**
 * Hooks by site number: the targets' first, then those of annotated methods; and, as a function, the capture of work that
 * goes to another thread. One per class loader that has woven code; filled when that first runs. Refers to its loader, and is held by
 * the bridge there.
 */
public final class HookTable implements BiFunction<@Nullable Object, Object[], @Nullable Object> {

    private static final int CAPACITY = 1024;

    private final BiFunction<@Nullable Object, Object[], @Nullable Object>[] slots;
    private final Modules modules;
    private final ClassLoader application;
    /** Hooks are made by one thread at a time: what they know of streams and services is known once. */
    private final ReentrantLock making = new ReentrantLock();

    private volatile @Nullable ContentOfCalls content;
    private final AtomicInteger next = new AtomicInteger(Target.values().length);
    private References references;
    private volatile Tracer tracer;
    private volatile @Nullable Optional<Companions> companions;

    @SuppressWarnings({"unchecked", "rawtypes"})
    HookTable(Modules modules, Tracer tracer, ClassLoader application) {
        this.tracer = tracer;
        this.modules = modules;
        this.application = application;
        this.references = new References("", application);
        this.slots = new BiFunction[CAPACITY];
    }

    ClassLoader application() {
        return application;
    }

    Modules modules() {
        return modules;
    }

    /** What this loader's operations begin with; final once its first woven code runs. */
    Tracer tracer() {
        return tracer;
    }

    void beginsWith(Tracer tracer) {
        this.tracer = tracer;
    }

    /** The OpenTelemetry that this loader sees; null while nobody has looked. Kept here, so that it goes with the loader. */
    @Nullable
    Optional<Companions> companions() {
        return companions;
    }

    void companions(Optional<Companions> found) {
        companions = found;
    }

    /** Puts a hook that looks at its first call whether LangChain4j is as it needs it. */
    public void put(Target target, Hook.Entry entry) {
        Module module = modules.named(target.module());
        slots[target.ordinal()] = new Unproven(target.ordinal(), module, new Hook(module, tracer, entry), references);
    }

    /** Stands for a hook until the first method runs that it is for; then makes all hooks of its group. */
    private final class Unmade
            implements BiFunction<@Nullable Object, Object[], @Nullable Object>, PrivilegedAction<Boolean> {

        private final Target target;
        private final HookSet hooks;

        private Unmade(Target target, HookSet hooks) {
            this.target = target;
            this.hooks = hooks;
        }

        @Override
        public @Nullable Object apply(@Nullable Object self, Object[] arguments) {
            int site = target.ordinal();
            if (slots[site] == this && !made()) {
                return null;
            }
            BiFunction<@Nullable Object, Object[], @Nullable Object> hook = slots[site];
            return hook == null ? null : hook.apply(self, arguments);
        }

        /** False where another thread is at it for longer than anybody should wait, or this one is, further up its stack. */
        private boolean made() {
            if (making.isHeldByCurrentThread() || !Patience.locked(making)) {
                return false;
            }
            try {
                if (slots[target.ordinal()] == this) {
                    Privileged.call(this);
                }
                return true;
            } finally {
                making.unlock();
            }
        }

        @Override
        public Boolean run() {
            String group = hooks.groupOf(target);
            references = references.ofGroup(group);
            try {
                hooks.make(group, HookTable.this, tracer);
            } catch (LinkageError absent) {
                // That part of LangChain4j is not on this class path, so its methods are not woven either.
            } catch (RuntimeException failure) {
                modules.named("hooks").failed(failure);
            }
            for (Target other : Target.values()) {
                if (slots[other.ordinal()] instanceof Unmade left
                        && hooks.groupOf(left.target).equals(group)) {
                    slots[other.ordinal()] = null;
                }
            }
            return true;
        }
    }

    /** Stands for a hook until it is known whether LangChain4j is as the hook needs it. */
    private final class Unproven implements BiFunction<@Nullable Object, Object[], @Nullable Object> {

        private final int site;
        private final Module module;
        private final Hook hook;
        private final References needed;

        private Unproven(int site, Module module, Hook hook, References needed) {
            this.site = site;
            this.module = module;
            this.hook = hook;
            this.needed = needed;
        }

        @Override
        public @Nullable Object apply(@Nullable Object self, Object[] arguments) {
            boolean fits = module.isOff() || needed.areMet(module);
            slots[site] = fits ? hook : null;
            return fits ? hook.apply(self, arguments) : null;
        }
    }

    /** Takes over the targets' hooks of a loader that sees the same classes. */
    void shareTargets(HookTable other) {
        System.arraycopy(other.slots, 0, slots, 0, Target.values().length);
        tracer = other.tracer;
        content = other.content;
    }

    /** The targets' hooks, each group of which is made when the first method runs that it is for. */
    void filledBy(HookSet hooks) {
        content = hooks;
        for (Target target : Target.values()) {
            slots[target.ordinal()] = new Unmade(target, hooks);
        }
    }

    /** An annotated method begins. */
    void entered(Operation operation, Object[] arguments) {
        ContentOfCalls showing = content;
        if (showing != null) {
            try {
                showing.entered(operation, arguments);
            } catch (LinkageError absent) {
                content = null; // An application without LangChain4j's messages has no content to show.
            }
        }
    }

    /** Adds one that no target has; gives its site number; empty when the table is full, which is said once. */
    OptionalInt add(String module, Hook.Entry entry) {
        return put(new Hook(modules.named(module), tracer, entry));
    }

    /**
     * Adds the body of a lambda that implements a target's type: its last arguments are the method's, the ones before are
     * what it captured, and it has no receiver of its own.
     */
    OptionalInt add(Target target, Lambda lambda, int arguments) {
        return put((self, all) -> {
            BiFunction<@Nullable Object, Object[], @Nullable Object> hook = slots[target.ordinal()];
            if (hook == null) {
                return null;
            }
            int captured = all.length - arguments;
            Object[] own = Arrays.copyOfRange(all, captured, all.length);
            Object token = hook.apply(lambda, own);
            System.arraycopy(own, 0, all, captured, arguments);
            return token;
        });
    }

    /**
     * Adds a method that is a target's by its name and signature, of a class whose ancestors could not be read: whether the target
     * covers it shows when it runs.
     */
    OptionalInt addSuspected(Target target) {
        String type = target.type().replace('/', '.');
        ClassValue<Boolean> covered = new ClassValue<>() {
            @Override
            protected Boolean computeValue(Class<?> receiver) {
                return isSubtype(receiver, type);
            }
        };
        return put((self, arguments) -> {
            BiFunction<@Nullable Object, Object[], @Nullable Object> hook = slots[target.ordinal()];
            return hook == null || self == null || !covered.get(self.getClass()) ? null : hook.apply(self, arguments);
        });
    }

    private OptionalInt put(BiFunction<@Nullable Object, Object[], @Nullable Object> hook) {
        int site = next.getAndIncrement();
        if (site >= CAPACITY) {
            Stderr.once(
                    "hooks", CAPACITY + " methods of one class loader are traced; further ones are left as they are");
            return OptionalInt.empty();
        }
        slots[site] = hook;
        return OptionalInt.of(site);
    }

    private static boolean isSubtype(@Nullable Class<?> type, String name) {
        if (type == null) {
            return false;
        }
        return type.getName().equals(name)
                || isSubtype(type.getSuperclass(), name)
                || Arrays.stream(type.getInterfaces()).anyMatch(above -> isSubtype(above, name));
    }

    /**
     * Work is handed over, or, without anything more about it, begins to run.
     *
     * @param how receiver, type and place of the hand-over, or nothing
     */
    @Override
    public @Nullable Object apply(@Nullable Object work, Object[] how) {
        try {
            if (work == null) {
                return null;
            }
            return how.length == 0
                    ? tracer.runs(work)
                    : Tasks.handedOver(tracer, work, how[0], (String) how[1], (Integer) how[2]);
        } catch (RuntimeException | LinkageError failure) {
            modules.named("capture").failed(failure);
            return how.length == 0 ? null : work;
        }
    }

    BiFunction<@Nullable Object, Object[], @Nullable Object>[] slots() {
        return slots;
    }
}
