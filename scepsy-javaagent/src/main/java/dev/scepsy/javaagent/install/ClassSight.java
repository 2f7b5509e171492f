package dev.scepsy.javaagent.install;

import java.io.InputStream;
import java.util.Collections;
import java.util.Map;
import java.util.WeakHashMap;
import org.jspecify.annotations.Nullable;

/**
 * What a class loader of the application lets us see. Such a loader may throw anything, log, or have no resources at all: it is then
 * not asked again, and nobody else is concerned. Thread-safe; loaders are held weakly.
 */
final class ClassSight {

    private static final Map<ClassLoader, Boolean> THROWING = Collections.synchronizedMap(new WeakHashMap<>());

    private ClassSight() {}

    /** A class file, by internal name; null where this loader shows none. */
    static byte @Nullable [] classFile(String name, ClassLoader loader) {
        if (THROWING.containsKey(loader)) {
            return null;
        }
        try (InputStream in = loader.getResourceAsStream(name + ".class")) {
            return in == null ? null : in.readAllBytes();
        } catch (java.io.IOException unreadable) {
            return null;
        } catch (Throwable thrown) {
            THROWING.put(loader, true);
            return null;
        }
    }

    /** The class as this loader sees it, not initialised; null where it sees none, or says so in its own way. */
    static @Nullable Class<?> type(String name, ClassLoader loader) {
        try {
            return Class.forName(name, false, loader);
        } catch (Throwable unseen) {
            return null;
        }
    }
}
