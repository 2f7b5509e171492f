package dev.scepsy.javaagent.install;

import dev.scepsy.javaagent.trace.WorkflowDeclaration;
import java.util.ArrayDeque;
import java.util.Collections;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.WeakHashMap;
import org.jspecify.annotations.Nullable;

/**
 * Which methods of a class are workflows: those that say so, and those that carry out what an interface says. Interfaces are
 * read only where the annotation can be seen. Thread-safe.
 */
final class Declarations {

    private static final String ANNOTATION = WorkflowDeclaration.ANNOTATION.replace('.', '/');

    private static final String PROXY = "java/lang/reflect/Proxy";

    private final Map<ClassLoader, Boolean> visible = Collections.synchronizedMap(new WeakHashMap<>());

    /** Reads a class file; null when there is none. */
    @FunctionalInterface
    interface Reader {
        @Nullable
        ClassLook read(String name, ClassLoader loader);
    }

    /** Declarations by method name and descriptor; a method's own wins. */
    Map<String, WorkflowDeclaration> of(ClassLook look, ClassLoader loader, Reader reader) {
        Map<String, WorkflowDeclaration> found = new HashMap<>();
        for (ClassLook.Method method : look.methods()) {
            WorkflowDeclaration own = method.workflow();
            if (own != null) {
                found.put(method.name() + method.descriptor(), own);
            }
        }
        // A dynamic proxy only passes calls on: to an AI service or agent, which reads the annotation itself, or to a
        // class.
        if (!look.interfaces().isEmpty() && !PROXY.equals(look.superName()) && isVisible(loader)) {
            Map<String, WorkflowDeclaration> promised = promised(look, loader, reader);
            for (ClassLook.Method method : look.methods()) {
                WorkflowDeclaration declared = promised.get(method.name() + method.descriptor());
                if (declared != null) {
                    found.putIfAbsent(method.name() + method.descriptor(), declared);
                }
            }
        }
        return found;
    }

    private static Map<String, WorkflowDeclaration> promised(ClassLook look, ClassLoader loader, Reader reader) {
        Map<String, WorkflowDeclaration> promised = new HashMap<>();
        Deque<String> open = new ArrayDeque<>(look.interfaces());
        Set<String> seen = new HashSet<>();
        while (!open.isEmpty()) {
            String name = open.poll();
            if (name.startsWith("java/") || name.startsWith("dev/langchain4j/") || !seen.add(name)) {
                continue;
            }
            ClassLook above = reader.read(name, loader);
            if (above != null) {
                above.promised().forEach(promised::putIfAbsent);
                open.addAll(above.interfaces());
            }
        }
        return promised;
    }

    private boolean isVisible(ClassLoader loader) {
        Boolean known = visible.get(loader);
        if (known == null) {
            known = ClassSight.classFile(ANNOTATION, loader) != null;
            visible.put(loader, known);
        }
        return known;
    }
}
