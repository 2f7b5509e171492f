package dev.scepsy.javaagent.install;

import java.util.HashMap;
import java.util.Map;
import net.bytebuddy.jar.asm.ClassReader;
import net.bytebuddy.jar.asm.ClassVisitor;
import net.bytebuddy.jar.asm.Handle;
import net.bytebuddy.jar.asm.MethodVisitor;
import net.bytebuddy.jar.asm.Type;
import org.jspecify.annotations.Nullable;

/**
 * Lambdas and references to own methods that implement a target's type. The JVM shows no agent the classes it makes for them,
 * but their bodies are methods of the class that has them.
 */
final class Lambdas {

    private static final String METAFACTORY = "java/lang/invoke/LambdaMetafactory";

    private Lambdas() {}

    /** A lambda's body, as name and descriptor, to what it implements. */
    record Body(Target target, int arguments) {}

    /** Bodies by method name and descriptor. */
    static Map<String, Body> in(ClassReader reader, ClassConstants constants) {
        boolean any = false;
        for (ClassConstants.Made made : constants.made()) {
            any |= Target.mayBeLambda(made.type());
        }
        if (!any) {
            return Map.of();
        }
        Map<String, Body> found = new HashMap<>();
        String owner = reader.getClassName();
        reader.accept(
                new ClassVisitor(ClassFiles.API) {
                    @Override
                    public MethodVisitor visitMethod(
                            int access,
                            String name,
                            String descriptor,
                            @Nullable String signature,
                            String @Nullable [] exceptions) {
                        return new Finding(owner, found);
                    }
                },
                ClassReader.SKIP_DEBUG | ClassReader.SKIP_FRAMES);
        return found;
    }

    private static final class Finding extends MethodVisitor {

        private final String owner;
        private final Map<String, Body> found;

        private Finding(String owner, Map<String, Body> found) {
            super(ClassFiles.API);
            this.owner = owner;
            this.found = found;
        }

        @Override
        public void visitInvokeDynamicInsn(String name, String descriptor, Handle bootstrap, Object... arguments) {
            if (!bootstrap.getOwner().equals(METAFACTORY)
                    || !(arguments[0] instanceof Type method)
                    || !(arguments[1] instanceof Handle body)
                    || !body.getOwner().equals(owner)) {
                return;
            }
            String type = Type.getReturnType(descriptor).getInternalName();
            for (Target target : Target.values()) {
                if (target.type().equals(type)
                        && target.coversSubtypes()
                        && target.names(name, method.getDescriptor())) {
                    found.put(body.getName() + body.getDesc(), new Body(target, method.getArgumentTypes().length));
                }
            }
        }
    }
}
