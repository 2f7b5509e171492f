package dev.scepsy.javaagent.install;

import java.util.Collections;
import java.util.Map;
import java.util.Set;
import java.util.WeakHashMap;
import java.util.concurrent.ConcurrentHashMap;

/** Which classes were woven, by loader and name; loaders are held weakly. Thread-safe. */
public final class WovenClasses {

    private static final Map<ClassLoader, Set<String>> NAMES = Collections.synchronizedMap(new WeakHashMap<>());

    private WovenClasses() {}

    static void add(ClassLoader loader, String internalName) {
        Set<String> names;
        synchronized (NAMES) {
            names = NAMES.get(loader);
            if (names == null) {
                names = ConcurrentHashMap.newKeySet();
                NAMES.put(loader, names);
            }
        }
        names.add(internalName.replace('/', '.'));
    }

    /** Whether calls of the methods that this class declares itself are seen, where a hook is for them. */
    public static boolean contains(Class<?> type) {
        Set<String> names = NAMES.get(type.getClassLoader());
        return names != null && names.contains(type.getName());
    }
}
