package dev.scepsy.javaagent.install;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Whether types that a class names are of a sort, as the JDK and the application's class files say. For one class, by one thread. */
final class Types {

    private final ClassLoader loader;
    private final Map<String, Boolean> known = new HashMap<>();

    Types(ClassLoader loader) {
        this.loader = loader;
    }

    /** By internal names; the sort is a type of the JDK. */
    boolean is(String type, Class<?> sort) {
        return known.computeIfAbsent(type + " " + sort.getName(), key -> look(type, sort));
    }

    /** The same for a class of which only the class file is there. */
    boolean is(ClassLook look, Class<?> sort) {
        return look.interfaces().stream().anyMatch(above -> is(above, sort))
                || (look.superName() != null && is(look.superName(), sort));
    }

    private boolean look(String type, Class<?> sort) {
        Set<String> seen = new HashSet<>();
        Deque<String> open = new ArrayDeque<>();
        open.add(type);
        while (!open.isEmpty()) {
            String at = open.poll();
            if (!seen.add(at) || at.equals("java/lang/Object") || at.startsWith("[")) {
                continue;
            }
            if (at.startsWith("java/")) {
                Class<?> jdk = ClassSight.type(at.replace('/', '.'), ClassLoader.getPlatformClassLoader());
                if (jdk != null && sort.isAssignableFrom(jdk)) {
                    return true;
                }
                continue;
            }
            ClassLook look = read(at);
            if (look != null) {
                open.addAll(look.interfaces());
                if (look.superName() != null) {
                    open.add(look.superName());
                }
            }
        }
        return false;
    }

    private @Nullable ClassLook read(String name) {
        byte[] classFile = ClassSight.classFile(name, loader);
        return classFile == null ? null : ClassLook.at(classFile);
    }
}
