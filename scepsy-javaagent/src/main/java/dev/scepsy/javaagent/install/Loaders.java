package dev.scepsy.javaagent.install;

import dev.scepsy.javaagent.host.Privileged;
import dev.scepsy.javaagent.setting.Settings;
import dev.scepsy.javaagent.trace.Companions;
import dev.scepsy.javaagent.trace.Tracer;
import java.io.IOException;
import java.io.InputStream;
import java.lang.instrument.Instrumentation;
import java.lang.ref.WeakReference;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.security.PrivilegedAction;
import java.security.ProtectionDomain;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.WeakHashMap;
import java.util.function.Predicate;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Defines the bridge in every class loader that has woven code, and connects it to hooks that see what this loader sees. A parent is
 * never taken for what its child can see: a class that is defined in a loader is found there whatever that loader does with names,
 * and whether hooks can be shared is read from the classes themselves. Nothing is appended to the boot loader, so class data sharing
 * keeps working.
 *
 * <p>Thread-safe. Loaders, tables and companions are held weakly; no lock of ours is held while a loader of the application works.
 */
final class Loaders {

    private static final String BRIDGE = "dev.scepsy.javaagent.bridge.Bridge";
    private static final String HOOKS = "dev.scepsy.javaagent.hook.Hooks";
    private static final String COMPANIONS = "dev.scepsy.javaagent.join.ApplicationSpans";
    private static final String OPEN_TELEMETRY = HookClassLoader.OPEN_TELEMETRY + "api.GlobalOpenTelemetry";

    /** One class of each part of LangChain4j and of OpenTelemetry that hooks name: two loaders that see the same ones can share hooks. */
    private static final List<String> PARTS = List.of(
            "dev.langchain4j.model.chat.ChatModel",
            "dev.langchain4j.service.AiServices",
            "dev.langchain4j.http.client.HttpClient",
            "dev.langchain4j.agentic.AgenticServices",
            OPEN_TELEMETRY);

    private final Instrumentation instrumentation;
    private final Tracer tracer;
    private final Settings settings;
    private final boolean joinsApplication;
    private final Method defineClass;
    private final Map<ClassLoader, WeakReference<HookTable>> tables = Collections.synchronizedMap(new WeakHashMap<>());
    private final Map<ClassLoader, WeakReference<Companions>> companions =
            Collections.synchronizedMap(new WeakHashMap<>());

    Loaders(Instrumentation instrumentation, Tracer tracer, Settings settings, boolean joinsApplication) {
        this.joinsApplication = joinsApplication;
        this.instrumentation = instrumentation;
        this.tracer = tracer;
        this.settings = settings;
        instrumentation.redefineModule(
                Object.class.getModule(),
                Set.of(),
                Map.of(),
                Map.of("java.lang", Set.of(Loaders.class.getModule())),
                Set.of(),
                Map.of());
        try {
            this.defineClass = ClassLoader.class.getDeclaredMethod(
                    "defineClass", String.class, byte[].class, int.class, int.class, ProtectionDomain.class);
        } catch (NoSuchMethodException e) {
            throw new IllegalStateException(e);
        }
        defineClass.setAccessible(true);
    }

    /** The hooks that code of this loader reaches; defines its bridge where it has none yet. */
    HookTable tableFor(ClassLoader loader) throws ReflectiveOperationException, IOException {
        HookTable known = known(loader);
        if (known != null) {
            return known;
        }
        Class<?> bridge = define(loader);
        HookTable made = new HookTable(Modules.of(settings, loader), tracer, loader);
        Object connected =
                bridge.getMethod("connect", Supplier.class).invoke(null, new Link(this, made)); // The first one stays.
        HookTable table = connected instanceof Link first ? first.table : made;
        tables.put(loader, new WeakReference<>(table)); // The bridge holds it, and goes with its loader.
        return table;
    }

    private @Nullable HookTable known(ClassLoader loader) {
        WeakReference<HookTable> reference = tables.get(loader);
        return reference == null ? null : reference.get();
    }

    private Class<?> define(ClassLoader loader) throws ReflectiveOperationException, IOException {
        byte[] bytes = classFile(BRIDGE);
        try {
            return (Class<?>)
                    defineClass.invoke(loader, BRIDGE, bytes, 0, bytes.length, Loaders.class.getProtectionDomain());
        } catch (InvocationTargetException e) {
            if (e.getCause() instanceof LinkageError) { // Already there: another thread was faster.
                return Class.forName(BRIDGE, false, loader);
            }
            throw e;
        }
    }

    /** Makes the hooks when the first woven method runs: then LangChain4j's classes can be loaded. */
    private record Link(Loaders loaders, HookTable table)
            implements Supplier<Object[]>, PrivilegedAction<Object[]>, Predicate<@Nullable Object> {

        @Override
        public boolean test(@Nullable Object task) {
            return loaders.tracer.isConcerned(task);
        }

        @Override
        public Object[] get() {
            return Privileged.call(this);
        }

        @Override
        public Object[] run() {
            loaders.fill(table);
            return new Object[] {table.slots(), table};
        }
    }

    /** Lets a named module call the bridge of its loader. */
    void letRead(java.lang.Module module, ClassLoader loader) {
        java.lang.Module bridges = loader.getUnnamedModule();
        if (module.isNamed() && !module.canRead(bridges)) {
            instrumentation.redefineModule(module, Set.of(bridges), Map.of(), Map.of(), Set.of(), Map.of());
        }
    }

    /** What went wrong, loader by loader. */
    Stream<String> trouble() {
        List<HookTable> all;
        synchronized (tables) {
            all = tables.values().stream()
                    .map(WeakReference::get)
                    .filter(table -> table != null)
                    .toList();
        }
        return all.stream().flatMap(table -> table.modules().trouble());
    }

    private void fill(HookTable table) {
        ClassLoader loader = table.application();
        try {
            HookTable same = parentThatSeesTheSame(loader);
            if (same != null) {
                table.shareTargets(same);
                return;
            }
            table.beginsWith(tracerFor(table));
            ClassLoader both = new HookClassLoader(loader, Loaders.class.getClassLoader());
            table.filledBy(
                    (HookSet) Class.forName(HOOKS, true, both).getConstructor().newInstance());
        } catch (Throwable failure) {
            table.modules().named("hooks").failed(failure);
        }
    }

    /** A parent with hooks whose LangChain4j and OpenTelemetry are this loader's too: many small loaders then cost little. */
    private @Nullable HookTable parentThatSeesTheSame(ClassLoader loader) throws ReflectiveOperationException {
        for (ClassLoader at = loader.getParent(); at != null; at = at.getParent()) {
            HookTable table = known(at);
            if (table != null) {
                if (!seeTheSame(loader, at)) {
                    return null;
                }
                Class.forName(BRIDGE, true, at).getMethod("ready").invoke(null); // Its own hooks first.
                return table;
            }
        }
        return null;
    }

    private static boolean seeTheSame(ClassLoader one, ClassLoader other) {
        for (String name : PARTS) {
            if (ClassSight.type(name, one) != ClassSight.type(name, other)) {
                return false;
            }
        }
        return true;
    }

    /** With an OpenTelemetry API in the application's sight, its operations join what is set there. */
    private Tracer tracerFor(HookTable table) {
        if (!joinsApplication) {
            return tracer;
        }
        Companions own = companionsKnownTo(table);
        return own != null ? tracer.joining(own) : tracer.joiningWhatIsAround(() -> around(table));
    }

    /** Looked for once. */
    private @Nullable Companions companionsKnownTo(HookTable table) {
        Optional<Companions> known = table.companions();
        if (known == null) {
            known = Optional.ofNullable(companionsOf(table));
            table.companions(known);
        }
        return known.orElse(null);
    }

    /** Those of the OpenTelemetry that a loader sees; one for all that see it. */
    private @Nullable Companions companionsOf(HookTable table) {
        Class<?> global = ClassSight.type(OPEN_TELEMETRY, table.application());
        ClassLoader owner = global == null ? null : global.getClassLoader();
        if (owner == null) {
            return null; // The application has none: our own SDK exports.
        }
        synchronized (companions) {
            WeakReference<Companions> reference = companions.get(owner);
            Companions known = reference == null ? null : reference.get();
            if (known != null) {
                return known;
            }
        }
        try {
            ClassLoader both = new HookClassLoader(owner, Loaders.class.getClassLoader());
            Companions made = (Companions)
                    Class.forName(COMPANIONS, true, both).getConstructor().newInstance();
            synchronized (companions) {
                WeakReference<Companions> reference = companions.get(owner);
                Companions faster = reference == null ? null : reference.get();
                if (faster != null) {
                    return faster;
                }
                companions.put(owner, new WeakReference<>(made));
                return made;
            }
        } catch (Throwable failure) {
            table.modules().named("opentelemetry").failed(failure);
            return null;
        }
    }

    /** LangChain4j that several applications share sees none of their OpenTelemetries: the thread's context loader tells whose work it is. */
    private @Nullable Companions around(HookTable table) {
        ClassLoader context = Thread.currentThread().getContextClassLoader();
        if (context == null || context == table.application() || context == ClassLoader.getSystemClassLoader()) {
            return null;
        }
        try {
            HookTable there = tableFor(context);
            return companionsKnownTo(there);
        } catch (ReflectiveOperationException | IOException | RuntimeException | LinkageError unknown) {
            return null;
        }
    }

    private static byte[] classFile(String name) throws IOException {
        String resource = name.replace('.', '/') + ".class";
        try (InputStream in = Loaders.class.getClassLoader().getResourceAsStream(resource)) {
            if (in == null) {
                throw new IOException("the agent's jar lacks " + resource);
            }
            return in.readAllBytes();
        }
    }
}
