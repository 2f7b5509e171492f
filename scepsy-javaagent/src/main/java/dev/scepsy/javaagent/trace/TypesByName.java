package dev.scepsy.javaagent.trace;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Types of libraries that only the application has, known by their name. */
final class TypesByName {

    private TypesByName() {}

    /** The interface of that name that a class implements; null when it does not. */
    static @Nullable Class<?> interfaceOf(Class<?> type, String name) {
        Deque<Class<?>> open = new ArrayDeque<>();
        for (Class<?> at = type; at != null; at = at.getSuperclass()) {
            open.addAll(List.of(at.getInterfaces()));
        }
        for (Class<?> at = open.poll(); at != null; at = open.poll()) {
            if (at.getName().equals(name)) {
                return at;
            }
            open.addAll(List.of(at.getInterfaces()));
        }
        return null;
    }

    /** The super class of that name, or the class itself; null when there is none. */
    static @Nullable Class<?> superClassOf(Class<?> type, String name) {
        for (Class<?> at = type; at != null; at = at.getSuperclass()) {
            if (at.getName().equals(name)) {
                return at;
            }
        }
        return null;
    }
}
