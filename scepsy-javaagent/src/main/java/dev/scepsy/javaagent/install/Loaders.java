package dev.scepsy.javaagent.install;

import dev.scepsy.javaagent.trace.Companions;
import dev.scepsy.javaagent.trace.Module;
import dev.scepsy.javaagent.trace.Tracer;
import java.io.IOException;
import java.io.InputStream;
import java.lang.instrument.Instrumentation;
import java.lang.ref.WeakReference;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.security.ProtectionDomain;
import java.util.Map;
import java.util.Set;
import java.util.WeakHashMap;
import java.util.function.Function;
import java.util.function.Supplier;

/**
 * Defines the bridge in every class loader that needs one, and connects it to that loader's hooks. Nothing is appended to the
 * boot loader, so class data sharing keeps working. Thread-safe; loaders are held weakly.
 */
final class Loaders {

    private static final String BRIDGE = "dev.scepsy.javaagent.bridge.Bridge";
    private static final String HOOKS = "dev.scepsy.javaagent.hook.Hooks";
    private static final String COMPANIONS = "dev.scepsy.javaagent.join.ApplicationSpans";
    private static final String OPEN_TELEMETRY = HookClassLoader.OPEN_TELEMETRY + "api.GlobalOpenTelemetry";

    private final Instrumentation instrumentation;
    private final Tracer tracer;
    private final Function<String, Module> modules;
    private final boolean joinsApplication;
    private final Method defineClass;
    private final Map<ClassLoader, WeakReference<HookTable>> tables = new WeakHashMap<>();

    Loaders(
            Instrumentation instrumentation,
            Tracer tracer,
            Function<String, Module> modules,
            boolean joinsApplication) {
        this.joinsApplication = joinsApplication;
        this.instrumentation = instrumentation;
        this.tracer = tracer;
        this.modules = modules;
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

    /** The hooks that code of this loader reaches; defines its bridge when no loader above has one. */
    synchronized HookTable tableFor(ClassLoader loader) throws ReflectiveOperationException, IOException {
        for (ClassLoader at = loader; at != null; at = at.getParent()) {
            WeakReference<HookTable> reference = tables.get(at);
            HookTable table = reference == null ? null : reference.get();
            if (table != null) {
                return table;
            }
        }
        HookTable table = new HookTable(modules, tracer, loader);
        connect(define(loader), table);
        tables.put(loader, new WeakReference<>(table)); // The bridge holds it, and goes with its loader.
        return table;
    }

    private Class<?> define(ClassLoader loader) throws ReflectiveOperationException, IOException {
        byte[] bytes = classFile(BRIDGE);
        try {
            return (Class<?>) defineClass.invoke(loader, BRIDGE, bytes, 0, bytes.length, null);
        } catch (InvocationTargetException e) {
            if (e.getCause() instanceof LinkageError) { // Already there: another copy of this agent.
                return Class.forName(BRIDGE, false, loader);
            }
            throw e;
        }
    }

    /** The hooks are made when the first woven method runs: then LangChain4j's classes can be loaded. */
    private void connect(Class<?> bridge, HookTable table) throws ReflectiveOperationException {
        Supplier<Object[]> link = () -> {
            fill(table, bridge.getClassLoader());
            return new Object[] {table.slots(), table};
        };
        bridge.getMethod("connect", Supplier.class).invoke(null, link);
    }

    /** Lets a named module call the bridge of its loader. */
    void letRead(java.lang.Module module, ClassLoader loader) {
        java.lang.Module bridges = loader.getUnnamedModule();
        if (module.isNamed() && !module.canRead(bridges)) {
            instrumentation.redefineModule(module, Set.of(bridges), Map.of(), Map.of(), Set.of(), Map.of());
        }
    }

    private void fill(HookTable table, ClassLoader loader) {
        try {
            ClassLoader both = new HookClassLoader(loader, Loaders.class.getClassLoader());
            HookSet hooks =
                    (HookSet) Class.forName(HOOKS, true, both).getConstructor().newInstance();
            hooks.register(table, tracer);
            if (joinsApplication) {
                join(loader, both);
            }
        } catch (Throwable failure) {
            modules.apply("hooks").failed(failure);
        }
    }

    /** With an OpenTelemetry API on the application's class path, our spans join what is set there. */
    private void join(ClassLoader application, ClassLoader both) {
        try {
            Class.forName(OPEN_TELEMETRY, false, application);
            tracer.join((Companions)
                    Class.forName(COMPANIONS, true, both).getConstructor().newInstance());
        } catch (ClassNotFoundException absent) {
            // The application has none: our own SDK exports.
        } catch (Throwable failure) {
            modules.apply("opentelemetry").failed(failure);
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
