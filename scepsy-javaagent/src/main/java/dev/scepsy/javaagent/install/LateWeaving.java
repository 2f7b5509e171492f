package dev.scepsy.javaagent.install;

import java.lang.instrument.ClassFileTransformer;
import java.lang.instrument.Instrumentation;
import java.security.ProtectionDomain;
import java.util.Collections;
import java.util.Map;
import java.util.WeakHashMap;
import org.jspecify.annotations.Nullable;

/**
 * Weaves classes of tasks that have nothing to do with LangChain4j themselves, when the first of their objects is handed over inside
 * an operation. Once each; classes are held weakly. Thread-safe.
 */
final class LateWeaving implements ClassFileTransformer {

    private static volatile @Nullable LateWeaving ofThisJvm;

    private final Instrumentation instrumentation;
    private final Weaver weaver;
    private final Map<Class<?>, Boolean> wanted = Collections.synchronizedMap(new WeakHashMap<>());
    private boolean registered;

    LateWeaving(Instrumentation instrumentation, Weaver weaver) {
        this.instrumentation = instrumentation;
        this.weaver = weaver;
    }

    void begin() {
        ofThisJvm = this;
    }

    /** Whether this class is woven, by now. One at a time: a class counts as woven before the JVM has taken it over. */
    static boolean isOrGetsWoven(Class<?> type) {
        LateWeaving late = ofThisJvm;
        if (late == null) {
            return WovenClasses.contains(type);
        }
        synchronized (late) {
            return WovenClasses.contains(type) || late.wovenNow(type);
        }
    }

    private boolean wovenNow(Class<?> type) {
        ClassLoader loader = type.getClassLoader();
        String named = loader == null ? null : loader.getName();
        if (loader == null
                || loader == ClassLoader.getPlatformClassLoader()
                || (named != null && named.startsWith("scepsy"))
                || !instrumentation.isModifiableClass(type)) {
            return false;
        }
        if (!registered) {
            registered = true;
            instrumentation.addTransformer(this, true);
        }
        try {
            wanted.put(type, true);
            instrumentation.retransformClasses(type);
            return WovenClasses.contains(type);
        } catch (Exception | LinkageError refused) {
            wanted.remove(type);
            return false;
        }
    }

    @Override
    public byte @Nullable [] transform(
            Module module,
            ClassLoader loader,
            String className,
            @Nullable Class<?> redefined,
            @Nullable ProtectionDomain domain,
            byte[] classFile) {
        if (redefined == null || !wanted.containsKey(redefined)) {
            return null;
        }
        try {
            return weaver.weave(module, loader, className, classFile);
        } catch (Throwable failure) {
            return null; // It stays as it is.
        }
    }
}
