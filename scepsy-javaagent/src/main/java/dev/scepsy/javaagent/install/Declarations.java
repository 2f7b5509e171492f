package dev.scepsy.javaagent.install;

import static net.bytebuddy.matcher.ElementMatchers.isEquals;
import static net.bytebuddy.matcher.ElementMatchers.isHashCode;
import static net.bytebuddy.matcher.ElementMatchers.isMethod;
import static net.bytebuddy.matcher.ElementMatchers.isPrivate;
import static net.bytebuddy.matcher.ElementMatchers.isPublic;
import static net.bytebuddy.matcher.ElementMatchers.isStatic;
import static net.bytebuddy.matcher.ElementMatchers.isSynthetic;
import static net.bytebuddy.matcher.ElementMatchers.isToString;
import static net.bytebuddy.matcher.ElementMatchers.not;

import dev.scepsy.javaagent.trace.WorkflowDeclaration;
import java.util.ArrayDeque;
import java.util.Collections;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.WeakHashMap;
import net.bytebuddy.description.annotation.AnnotationDescription;
import net.bytebuddy.description.annotation.AnnotationSource;
import net.bytebuddy.description.annotation.AnnotationValue;
import net.bytebuddy.description.method.MethodDescription;
import net.bytebuddy.description.type.TypeDefinition;
import net.bytebuddy.description.type.TypeDescription;
import net.bytebuddy.matcher.ElementMatcher;
import org.jspecify.annotations.Nullable;

/**
 * Which methods of a class are workflows: those that say so, and those that carry out or override what a type above says, however
 * far above. Types are read only where the annotation can be seen. Thread-safe.
 */
final class Declarations {

    private static final String PROXY = "java.lang.reflect.Proxy";

    /** An annotated type's entries are the public methods it declares itself. */
    private static final ElementMatcher<MethodDescription> ENTRIES = isMethod()
            .and(isPublic())
            .and(not(isStatic()
                    .or(isSynthetic())
                    .or(isToString())
                    .or(isHashCode())
                    .or(isEquals())));

    /** What can stand for a method of a class above, or one of a class below for it. */
    private static final ElementMatcher<MethodDescription> INHERITED =
            isMethod().and(not(isStatic().or(isPrivate())));

    private final Map<ClassLoader, Boolean> visible = Collections.synchronizedMap(new WeakHashMap<>());

    /**
     * Declarations by method name and descriptor; a method's own wins, then the nearest class's above, then interfaces'.
     *
     * @param classFile of the same class
     */
    Map<String, WorkflowDeclaration> of(TypeDescription type, byte[] classFile, ClassLoader loader) {
        Map<String, WorkflowDeclaration> found = new HashMap<>();
        for (MethodDescription.InDefinedShape method : type.getDeclaredMethods()) {
            WorkflowDeclaration own = Weaver.WITH_CODE.matches(method) ? saidOf(method) : null;
            if (own != null) {
                found.put(Weaver.signature(method), own);
            }
        }
        // A dynamic proxy only passes calls on: to an AI service or agent, which reads the annotation itself, or to a
        // class.
        if (hasAncestors(type) && isVisible(loader)) {
            Map<String, WorkflowDeclaration> inherited = inherited(type);
            for (MethodDescription.InDefinedShape method : type.getDeclaredMethods()) {
                WorkflowDeclaration declared = inherited.get(Weaver.signature(method));
                if (declared != null && Weaver.WITH_CODE.and(INHERITED).matches(method)) {
                    found.putIfAbsent(Weaver.signature(method), declared);
                }
            }
        }
        if (found.isEmpty()) {
            return found;
        }
        found.keySet().removeIf(Declarations::isKotlinsOwnHalf);
        moveFromBridges(found, type, classFile);
        return found;
    }

    /** What a method carries, or what its type does where that applies to it. */
    private static @Nullable WorkflowDeclaration saidOf(MethodDescription.InDefinedShape method) {
        AnnotationDescription own = annotationOf(method);
        if (own != null) {
            return read(own, method.getName());
        }
        TypeDescription type = method.getDeclaringType();
        AnnotationDescription ofType = method.isAbstract() || ENTRIES.matches(method) ? annotationOf(type) : null;
        return ofType == null ? null : read(ofType, Weaver.simpleName(type.getInternalName()));
    }

    private static @Nullable AnnotationDescription annotationOf(AnnotationSource annotated) {
        for (AnnotationDescription annotation : annotated.getDeclaredAnnotations()) {
            if (annotation.getAnnotationType().getName().equals(WorkflowDeclaration.ANNOTATION)) {
                return annotation;
            }
        }
        return null;
    }

    private static WorkflowDeclaration read(AnnotationDescription annotation, String otherwise) {
        return WorkflowDeclaration.of(
                value(annotation, "name"),
                value(annotation, "targetPerSecond"),
                value(annotation, "weight"),
                otherwise);
    }

    /** Null where it is left to the annotation's default. */
    private static @Nullable Object value(AnnotationDescription annotation, String member) {
        AnnotationValue<?, ?> value = annotation.getValue(member);
        return value.getState().isResolved() ? value.resolve() : null;
    }

    /** Kotlin splits open suspend functions, and those with default arguments, and copies annotations to both halves. */
    private static boolean isKotlinsOwnHalf(String method) {
        String name = method.substring(0, method.indexOf('('));
        return name.endsWith("$suspendImpl") || name.endsWith("$default");
    }

    /** What is said of a bridge method (of a type parameter's erasure) holds for the method that it calls, once. */
    private static void moveFromBridges(
            Map<String, WorkflowDeclaration> found, TypeDescription type, byte[] classFile) {
        Set<String> own = new HashSet<>();
        boolean bridged = false;
        for (MethodDescription.InDefinedShape method : type.getDeclaredMethods()) {
            own.add(Weaver.signature(method));
            bridged |= method.isBridge();
        }
        if (!bridged) {
            return;
        }
        Bridges.in(classFile).forEach((bridge, target) -> {
            WorkflowDeclaration declared = found.get(bridge);
            if (declared != null && own.contains(target)) {
                found.remove(bridge);
                found.putIfAbsent(target, declared);
            }
        });
    }

    private static Map<String, WorkflowDeclaration> inherited(TypeDescription type) {
        Map<String, WorkflowDeclaration> inherited = new HashMap<>();
        Deque<TypeDescription> open = new ArrayDeque<>();
        addAncestors(type, open);
        Set<String> seen = new HashSet<>();
        while (!open.isEmpty()) {
            TypeDescription above = open.remove();
            if (!isSilent(above) && seen.add(above.getName())) {
                for (MethodDescription.InDefinedShape method : above.getDeclaredMethods()) {
                    WorkflowDeclaration said = method.isAbstract() || INHERITED.matches(method) ? saidOf(method) : null;
                    if (said != null) {
                        inherited.putIfAbsent(Weaver.signature(method), said);
                    }
                }
                addAncestors(above, open);
            }
        }
        return inherited;
    }

    private static void addAncestors(TypeDescription type, Deque<TypeDescription> open) {
        TypeDefinition superClass = type.getSuperClass();
        if (superClass != null) {
            open.addFirst(superClass.asErasure());
        }
        open.addAll(type.getInterfaces().asErasures());
    }

    private static boolean hasAncestors(TypeDescription type) {
        TypeDefinition superClass = type.getSuperClass();
        if (superClass != null && superClass.getTypeName().equals(PROXY)) {
            return false;
        }
        for (TypeDescription above : type.getInterfaces().asErasures()) {
            if (!isSilent(above)) {
                return true;
            }
        }
        return superClass != null && !isSilent(superClass.asErasure());
    }

    /** Types that never carry the annotation. */
    private static boolean isSilent(TypeDescription type) {
        return type.getName().startsWith("java.") || type.getName().startsWith("dev.langchain4j.");
    }

    private boolean isVisible(ClassLoader loader) {
        Boolean known = visible.get(loader);
        if (known == null) {
            known = ClassSight.classFile(WorkflowDeclaration.ANNOTATION.replace('.', '/'), loader) != null;
            visible.put(loader, known);
        }
        return known;
    }
}
