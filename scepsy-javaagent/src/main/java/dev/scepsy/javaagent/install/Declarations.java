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
 * Which methods of a class are workflows: those that say so, and those that carry out or override what a type above says, however
 * far above. Types are read only where the annotation can be seen. Thread-safe.
 */
final class Declarations {

    private static final String ANNOTATION = WorkflowDeclaration.ANNOTATION.replace('.', '/');

    private static final String PROXY = "java/lang/reflect/Proxy";

    private final Map<ClassLoader, Boolean> visible = Collections.synchronizedMap(new WeakHashMap<>());

    /** Reads a class file; null when there is none. */
    @FunctionalInterface
    interface Reader {
        @Nullable
        ClassLook read(String name);
    }

    /**
     * Declarations by method name and descriptor; a method's own wins, then the nearest class's above, then interfaces'.
     *
     * @param classFile of the same class
     */
    Map<String, WorkflowDeclaration> of(ClassLook look, byte[] classFile, ClassLoader loader, Reader reader) {
        Map<String, WorkflowDeclaration> found = new HashMap<>();
        for (ClassLook.Method method : look.methods()) {
            WorkflowDeclaration own = method.workflow();
            if (own != null) {
                found.put(method.signature(), own);
            }
        }
        // A dynamic proxy only passes calls on: to an AI service or agent, which reads the annotation itself, or to a
        // class.
        if (!PROXY.equals(look.superName()) && hasAncestors(look) && isVisible(loader)) {
            Map<String, WorkflowDeclaration> inherited = inherited(look, reader);
            for (ClassLook.Method method : look.methods()) {
                WorkflowDeclaration declared = inherited.get(method.signature());
                if (declared != null && method.isInherited()) {
                    found.putIfAbsent(method.signature(), declared);
                }
            }
        }
        if (found.isEmpty()) {
            return found;
        }
        found.keySet().removeIf(Declarations::isKotlinsOwnHalf);
        if (look.methods().stream().anyMatch(ClassLook.Method::isBridge)) {
            moveFromBridges(found, look, Bridges.in(classFile));
        }
        return found;
    }

    /** Kotlin splits open suspend functions, and those with default arguments, and copies annotations to both halves. */
    private static boolean isKotlinsOwnHalf(String method) {
        String name = method.substring(0, method.indexOf('('));
        return name.endsWith("$suspendImpl") || name.endsWith("$default");
    }

    /** What is said of a bridge method (of a type parameter's erasure) holds for the method that it calls, once. */
    private static void moveFromBridges(
            Map<String, WorkflowDeclaration> found, ClassLook look, Map<String, String> bridges) {
        Set<String> own = new HashSet<>();
        look.methods().forEach(method -> own.add(method.signature()));
        bridges.forEach((bridge, target) -> {
            WorkflowDeclaration declared = found.get(bridge);
            if (declared != null && own.contains(target)) {
                found.remove(bridge);
                found.putIfAbsent(target, declared);
            }
        });
    }

    private static Map<String, WorkflowDeclaration> inherited(ClassLook look, Reader reader) {
        Map<String, WorkflowDeclaration> inherited = new HashMap<>();
        Deque<String> open = new ArrayDeque<>();
        addAncestors(look, open);
        Set<String> seen = new HashSet<>();
        while (!open.isEmpty()) {
            String name = open.poll();
            if (!isSilent(name) && seen.add(name)) {
                ClassLook above = reader.read(name);
                if (above != null) {
                    above.handedDown().forEach(inherited::putIfAbsent);
                    addAncestors(above, open);
                }
            }
        }
        return inherited;
    }

    private static void addAncestors(ClassLook look, Deque<String> open) {
        if (look.superName() != null) {
            open.addFirst(look.superName());
        }
        open.addAll(look.interfaces());
    }

    private static boolean hasAncestors(ClassLook look) {
        for (String name : look.interfaces()) {
            if (!isSilent(name)) {
                return true;
            }
        }
        return look.superName() != null && !isSilent(look.superName());
    }

    /** Types that never carry the annotation. */
    private static boolean isSilent(String name) {
        return name.startsWith("java/") || name.startsWith("dev/langchain4j/");
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
