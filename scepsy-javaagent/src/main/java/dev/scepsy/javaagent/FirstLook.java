package dev.scepsy.javaagent;

import java.io.File;
import java.lang.instrument.ClassFileTransformer;
import java.lang.instrument.Instrumentation;
import java.security.ProtectionDomain;
import org.jspecify.annotations.Nullable;

/**
 * The only thing {@code premain} registers. Lets a class through untouched unless it is LangChain4j's or mentions it; the
 * first that does starts the installer in the isolated class loader, which from then on decides.
 *
 * <p>Cost for any other class: a prefix comparison and a walk over its constant pool, no parsing, no class loading.
 */
final class FirstLook implements ClassFileTransformer {

    private static final String INSTALLER = "dev.scepsy.javaagent.install.Installer";

    private final File agentJar;
    private final Instrumentation instrumentation;
    private final ThreadLocal<Boolean> busy = new ThreadLocal<>();
    private volatile @Nullable ClassFileTransformer installer;
    private volatile boolean failed;

    FirstLook(File agentJar, Instrumentation instrumentation) {
        this.agentJar = agentJar;
        this.instrumentation = instrumentation;
    }

    @Override
    public byte @Nullable [] transform(
            Module module,
            @Nullable ClassLoader loader,
            @Nullable String className,
            @Nullable Class<?> redefined,
            @Nullable ProtectionDomain domain,
            byte[] classFile) {
        if (loader == null || className == null || failed || loader instanceof AgentClassLoader) {
            return null;
        }
        try {
            if (!className.startsWith("dev/langchain4j/") && !ConstantPool.mentionsLangChain4j(classFile)) {
                return null;
            }
            if (busy.get() != null) { // A class loaded by our own work: never instrument that.
                return null;
            }
            busy.set(Boolean.TRUE);
            try {
                return installer().transform(module, loader, className, redefined, domain, classFile);
            } finally {
                busy.remove();
            }
        } catch (Throwable failure) {
            fail(failure);
            return null;
        }
    }

    /** For an agent attached at run time: has the JVM pass the classes again that were loaded before. */
    void lookAtLoadedClasses() {
        for (Class<?> loaded : instrumentation.getAllLoadedClasses()) {
            ClassLoader loader = loaded.getClassLoader();
            if (loader == null
                    || loader == ClassLoader.getPlatformClassLoader()
                    || loader instanceof AgentClassLoader
                    || !instrumentation.isModifiableClass(loaded)) {
                continue;
            }
            try { // One by one: one class that cannot be woven must not keep the others from it.
                instrumentation.retransformClasses(loaded);
            } catch (Throwable refused) {
                ScepsyAgent.say("left alone: " + loaded.getName() + " (" + refused + ")");
            }
        }
    }

    private ClassFileTransformer installer() throws ReflectiveOperationException {
        ClassFileTransformer current = installer;
        if (current != null) {
            return current;
        }
        synchronized (this) {
            if (installer == null) {
                ClassLoader isolated = new AgentClassLoader(agentJar);
                installer = (ClassFileTransformer) Class.forName(INSTALLER, true, isolated)
                        .getConstructor(Instrumentation.class)
                        .newInstance(instrumentation);
            }
            return installer;
        }
    }

    private void fail(Throwable failure) {
        if (installer == null && !failed) {
            failed = true; // The installer cannot start: asking again for every class would only cost.
            ScepsyAgent.say("not started, the application runs without it: " + failure);
        }
    }
}
