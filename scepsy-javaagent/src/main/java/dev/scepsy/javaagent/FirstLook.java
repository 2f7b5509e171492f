package dev.scepsy.javaagent;

import java.io.InputStream;
import java.lang.instrument.ClassFileTransformer;
import java.lang.instrument.Instrumentation;
import java.security.ProtectionDomain;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The only thing {@code premain} registers. Lets a class through untouched unless it is LangChain4j's or mentions it; the
 * first that does starts the installer in the isolated class loader, which from then on decides.
 *
 * <p>Cost for any other class: a prefix comparison and a walk over its constant pool, no parsing, no class loading.
 */
public final class FirstLook implements ClassFileTransformer {

    private static final String LOADER_OF_HOOKS = "dev.scepsy.javaagent.install.HookClassLoader";

    private static final int ATTEMPTS = 3;

    /** Where other libraries hand over what belongs to a pipeline: one class of each. */
    private static final Set<String> PIPELINES = Set.of(
            "reactor/core/scheduler/Schedulers",
            "io/reactivex/rxjava3/plugins/RxJavaPlugins",
            "io/smallrye/mutiny/infrastructure/Infrastructure",
            "kotlinx/coroutines/CoroutineContextKt");

    /** Makes what decides about classes; called once. */
    @FunctionalInterface
    public interface Start {
        ClassFileTransformer installer() throws ReflectiveOperationException;
    }

    private final Start start;
    private final AnnotatedAncestors annotatedAncestors = new AnnotatedAncestors();
    private final ThreadLocal<Boolean> busy = new ThreadLocal<>();
    private volatile @Nullable ClassFileTransformer installer;
    private volatile boolean failed;
    private int attempts;

    public FirstLook(Start start) {
        this.start = start;
    }

    @Override
    public byte @Nullable [] transform(
            Module module,
            @Nullable ClassLoader loader,
            @Nullable String className,
            @Nullable Class<?> redefined,
            @Nullable ProtectionDomain domain,
            byte[] classFile) {
        if (loader == null || className == null || failed || isOurs(loader)) {
            return null;
        }
        try {
            if (busy.get() != null) { // A class loaded by our own work: never instrument that.
                return null;
            }
            if (!className.startsWith("dev/langchain4j/")
                    && !PIPELINES.contains(className)
                    && (redefined == null || installer == null) // What is passed again may be wanted by the installer.
                    && !ConstantPool.mentionsLangChain4j(classFile)
                    && !annotatedAncestors.areAmongThoseOf(classFile, loader)) {
                return null;
            }
            busy.set(Boolean.TRUE);
            try {
                ClassFileTransformer decides = installer();
                return decides == null
                        ? null
                        : Rights.areOurs()
                                ? decides.transform(module, loader, className, redefined, domain, classFile)
                                : Rights.call(() ->
                                        decides.transform(module, loader, className, redefined, domain, classFile));
            } finally {
                busy.remove();
            }
        } catch (Throwable failure) {
            return null; // It stays as it is, and nobody else is concerned.
        }
    }

    /**
     * For an agent attached at run time: has the JVM pass the classes again that were loaded before and have to do with
     * LangChain4j. Which ones is read from their class files, because passing all of them would stop the application for
     * many seconds.
     */
    void lookAtLoadedClasses(Instrumentation instrumentation) {
        List<Class<?>> wanted = new ArrayList<>();
        for (Class<?> loaded : instrumentation.getAllLoadedClasses()) {
            ClassLoader loader = loaded.getClassLoader();
            if (loader != null
                    && loader != ClassLoader.getPlatformClassLoader()
                    && !isOurs(loader)
                    && instrumentation.isModifiableClass(loaded)
                    && concernsUs(loader, loaded)) {
                wanted.add(loaded);
            }
        }
        if (wanted.isEmpty()) {
            return;
        }
        try {
            instrumentation.retransformClasses(wanted.toArray(Class<?>[]::new));
        } catch (Throwable refused) { // One class that cannot be woven must not keep the others from it.
            wanted.forEach(one -> lookAt(instrumentation, one));
        }
    }

    private static void lookAt(Instrumentation instrumentation, Class<?> loaded) {
        try {
            instrumentation.retransformClasses(loaded);
        } catch (Throwable refused) {
            ScepsyAgent.say("left alone: " + loaded.getName() + " (" + refused + ")");
        }
    }

    private boolean concernsUs(ClassLoader loader, Class<?> loaded) {
        if (loaded.isArray() || loaded.isHidden()) {
            return false;
        }
        if (loaded.getName().startsWith("dev.langchain4j.")
                || PIPELINES.contains(loaded.getName().replace('.', '/'))) {
            return true;
        }
        try (InputStream in = loader.getResourceAsStream(loaded.getName().replace('.', '/') + ".class")) {
            byte[] classFile = in == null ? new byte[0] : in.readAllBytes();
            return classFile.length > 0
                    && (ConstantPool.mentionsLangChain4j(classFile)
                            || annotatedAncestors.areAmongThoseOf(classFile, loader));
        } catch (Throwable unreadable) {
            return false;
        }
    }

    private static boolean isOurs(ClassLoader loader) {
        return loader instanceof AgentClassLoader || loader.getClass().getName().equals(LOADER_OF_HOOKS);
    }

    /** Null where it cannot start. */
    private @Nullable ClassFileTransformer installer() {
        ClassFileTransformer current = installer;
        if (current != null || failed) {
            return current;
        }
        synchronized (this) {
            if (installer == null && !failed) {
                try {
                    installer = Rights.areOurs() ? start.installer() : Rights.call(start::installer);
                } catch (Throwable failure) {
                    // Little stack or memory may be of the moment; whatever else it is, asking for every class would
                    // only cost.
                    if (!(failure instanceof VirtualMachineError) || ++attempts == ATTEMPTS) {
                        failed = true;
                        ScepsyAgent.notStarted(failure);
                    }
                }
            }
            return installer;
        }
    }
}
