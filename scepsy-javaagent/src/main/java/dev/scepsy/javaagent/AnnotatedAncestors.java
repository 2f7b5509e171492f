package dev.scepsy.javaagent;

import java.io.IOException;
import java.io.InputStream;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.WeakHashMap;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Whether a class extends or implements, over however many steps, a type that declares a workflow: such a class need not name
 * LangChain4j itself. Types are read as class files, once each, and only where the annotation can be seen at all. Thread-safe.
 */
final class AnnotatedAncestors {

    private static final String ANNOTATION = "dev/scepsy/langchain4j/Workflow.class";
    private static final Map<String, Boolean> NONE = Map.of();

    private final Map<ClassLoader, Map<String, Boolean>> known = Collections.synchronizedMap(new WeakHashMap<>());
    private final ThreadLocal<Boolean> asking = new ThreadLocal<>();

    /** Looks at the types that the class names as its own, and at theirs. */
    boolean areAmongThoseOf(byte[] classFile, ClassLoader loader) {
        if (asking.get() != null) { // A class that a resource look-up of ours has loaded.
            return false;
        }
        Map<String, Boolean> here = known.get(loader);
        if (here == NONE || areSilent(ConstantPool.ancestors(classFile))) {
            return false;
        }
        asking.set(Boolean.TRUE);
        try {
            if (here == null) {
                here = loader.getResource(ANNOTATION) == null ? NONE : new ConcurrentHashMap<>();
                known.put(loader, here);
            }
            return here != NONE && anyOf(classFile, loader, here);
        } catch (Throwable thrown) {
            known.put(loader, NONE); // A loader that answers so is not asked again, and nobody else is concerned.
            return false;
        } finally {
            asking.remove();
        }
    }

    private static boolean areSilent(List<String> names) {
        for (String name : names) {
            if (!isSilent(name)) {
                return false;
            }
        }
        return true;
    }

    /** Types that never carry the annotation. */
    private static boolean isSilent(String name) {
        return name.startsWith("java/") || name.startsWith("dev/langchain4j/");
    }

    private static boolean anyOf(byte[] classFile, ClassLoader loader, Map<String, Boolean> here) throws IOException {
        for (String name : ConstantPool.ancestors(classFile)) {
            if (isSilent(name)) {
                continue;
            }
            Boolean annotated = here.get(name);
            if (annotated == null) {
                annotated = isAnnotated(name, loader, here);
                here.put(name, annotated);
            }
            if (annotated) {
                return true;
            }
        }
        return false;
    }

    private static boolean isAnnotated(String name, ClassLoader loader, Map<String, Boolean> here) throws IOException {
        try (InputStream in = loader.getResourceAsStream(name + ".class")) {
            if (in == null) {
                return false;
            }
            byte[] classFile = in.readAllBytes();
            return ConstantPool.mentionsWorkflow(classFile) || anyOf(classFile, loader, here);
        }
    }
}
