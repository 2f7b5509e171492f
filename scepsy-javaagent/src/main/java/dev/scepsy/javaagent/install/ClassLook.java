package dev.scepsy.javaagent.install;

import dev.scepsy.javaagent.trace.WorkflowDeclaration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.objectweb.asm.AnnotationVisitor;
import org.objectweb.asm.ClassReader;
import org.objectweb.asm.ClassVisitor;
import org.objectweb.asm.MethodVisitor;
import org.objectweb.asm.Opcodes;

/**
 * What the decision needs to know of a class file: its place in the hierarchy, its methods that have code, and its
 * {@code @Workflow} declarations.
 *
 * @param superName internal name; null for interfaces' Object only in theory
 * @param interfaces internal names
 * @param methods declared, not abstract, not native
 * @param promised the declarations that abstract methods carry, or their type, by name and descriptor
 */
record ClassLook(
        String name,
        @Nullable String superName,
        List<String> interfaces,
        List<Method> methods,
        Map<String, WorkflowDeclaration> promised) {

    private static final String ANNOTATION = "L" + WorkflowDeclaration.ANNOTATION.replace('.', '/') + ";";

    /**
     * A declared method.
     *
     * @param workflow its declaration, or its type's where that applies to it; null for most
     * @param access its flags, as in the class file
     */
    record Method(String name, String descriptor, @Nullable WorkflowDeclaration workflow, int access) {

        /** How it is told from others. */
        String signature() {
            return name + descriptor;
        }

        boolean isBridge() {
            return (access & Opcodes.ACC_BRIDGE) != 0;
        }

        /** Whether it can stand for one of a class above, or one of a class below for it. */
        boolean isInherited() {
            return (access & (Opcodes.ACC_STATIC | Opcodes.ACC_PRIVATE)) == 0 && !name.startsWith("<");
        }
    }

    /** What classes below inherit: the declarations of methods that they carry out, or do in another way. */
    Map<String, WorkflowDeclaration> handedDown() {
        Map<String, WorkflowDeclaration> all = new HashMap<>(promised);
        for (Method method : methods) {
            if (method.workflow != null && method.isInherited()) {
                all.put(method.signature(), method.workflow);
            }
        }
        return all;
    }

    static ClassLook at(byte[] classFile) {
        return at(ClassFiles.reader(classFile));
    }

    static ClassLook at(ClassReader reader) {
        if (!ClassConstants.has(reader, ANNOTATION)) {
            return of(ClassMembers.of(reader));
        }
        Reading reading = new Reading();
        reader.accept(reading, ClassReader.SKIP_CODE | ClassReader.SKIP_DEBUG | ClassReader.SKIP_FRAMES);
        return reading.look();
    }

    /** Of a class without declarations of its own. */
    private static ClassLook of(ClassMembers members) {
        List<Method> withCode = new ArrayList<>();
        for (ClassMembers.Member method : members.methods()) {
            if ((method.access() & (Opcodes.ACC_ABSTRACT | Opcodes.ACC_NATIVE)) == 0) {
                withCode.add(new Method(method.name(), method.descriptor(), null, method.access()));
            }
        }
        return new ClassLook(members.name(), members.superName(), members.interfaces(), withCode, Map.of());
    }

    private static final class Reading extends ClassVisitor {

        private String name = "";
        private @Nullable String superName;
        private List<String> interfaces = List.of();
        private final List<Method> methods = new ArrayList<>();
        private final Map<String, WorkflowDeclaration> promised = new HashMap<>();
        private @Nullable WorkflowDeclaration ofType;

        private Reading() {
            super(ClassFiles.API);
        }

        @Override
        public void visit(
                int version,
                int access,
                String name,
                @Nullable String signature,
                @Nullable String superName,
                String @Nullable [] interfaces) {
            this.name = name;
            this.superName = superName;
            this.interfaces = interfaces == null ? List.of() : List.of(interfaces);
        }

        @Override
        public @Nullable AnnotationVisitor visitAnnotation(String descriptor, boolean visible) {
            if (!descriptor.equals(ANNOTATION)) {
                return null;
            }
            String simpleName = name.substring(Math.max(name.lastIndexOf('/'), name.lastIndexOf('$')) + 1);
            return new Declaration(simpleName) {
                @Override
                public void visitEnd() {
                    ofType = declaration();
                }
            };
        }

        @Override
        public @Nullable MethodVisitor visitMethod(
                int access,
                String name,
                String descriptor,
                @Nullable String signature,
                String @Nullable [] exceptions) {
            if ((access & Opcodes.ACC_ABSTRACT) != 0) {
                return promise(name, descriptor);
            }
            if ((access & Opcodes.ACC_NATIVE) != 0) {
                return null;
            }
            WorkflowDeclaration inherited = isEntry(access, name, descriptor) ? ofType : null;
            int index = methods.size();
            methods.add(new Method(name, descriptor, inherited, access));
            return new MethodVisitor(ClassFiles.API) {
                @Override
                public @Nullable AnnotationVisitor visitAnnotation(String annotation, boolean visible) {
                    if (!annotation.equals(ANNOTATION)) {
                        return null;
                    }
                    return new Declaration(name) {
                        @Override
                        public void visitEnd() {
                            methods.set(index, new Method(name, descriptor, declaration(), access));
                        }
                    };
                }
            };
        }

        private MethodVisitor promise(String name, String descriptor) {
            if (ofType != null) {
                promised.put(name + descriptor, ofType);
            }
            return new MethodVisitor(ClassFiles.API) {
                @Override
                public @Nullable AnnotationVisitor visitAnnotation(String annotation, boolean visible) {
                    return !annotation.equals(ANNOTATION)
                            ? null
                            : new Declaration(name) {
                                @Override
                                public void visitEnd() {
                                    promised.put(name + descriptor, declaration());
                                }
                            };
                }
            };
        }

        /** An annotated type's entries are the public methods it declares itself. */
        private static boolean isEntry(int access, String name, String descriptor) {
            boolean ofObject = ((name.equals("toString") || name.equals("hashCode")) && descriptor.startsWith("()"))
                    || (name.equals("equals") && descriptor.equals("(Ljava/lang/Object;)Z"));
            return (access & Opcodes.ACC_PUBLIC) != 0
                    && (access & (Opcodes.ACC_STATIC | Opcodes.ACC_SYNTHETIC)) == 0
                    && !name.startsWith("<")
                    && !ofObject;
        }

        private ClassLook look() {
            return new ClassLook(name, superName, interfaces, List.copyOf(methods), Map.copyOf(promised));
        }
    }

    private abstract static class Declaration extends AnnotationVisitor {

        private String name;
        private double targetPerSecond = Double.NaN;
        private double weight = 1;

        private Declaration(String otherwise) {
            super(ClassFiles.API);
            this.name = otherwise;
        }

        @Override
        public void visit(String member, Object value) {
            if (member.equals("name") && value instanceof String text && !text.isBlank()) {
                name = text;
            } else if (member.equals("targetPerSecond") && value instanceof Double number) {
                targetPerSecond = number;
            } else if (member.equals("weight") && value instanceof Double number) {
                weight = number;
            }
        }

        WorkflowDeclaration declaration() {
            return new WorkflowDeclaration(name, targetPerSecond, weight);
        }
    }
}
