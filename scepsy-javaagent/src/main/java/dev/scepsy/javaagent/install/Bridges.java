package dev.scepsy.javaagent.install;

import java.util.HashMap;
import java.util.Map;
import net.bytebuddy.jar.asm.ClassReader;
import net.bytebuddy.jar.asm.ClassVisitor;
import net.bytebuddy.jar.asm.MethodVisitor;
import net.bytebuddy.jar.asm.Opcodes;
import org.jspecify.annotations.Nullable;

/** Which method each of a class's bridge methods calls: the compiler makes them where type parameters are erased otherwise. */
final class Bridges {

    private Bridges() {}

    /** By name and descriptor. */
    static Map<String, String> in(byte[] classFile) {
        Map<String, String> found = new HashMap<>();
        ClassFiles.reader(classFile)
                .accept(
                        new ClassVisitor(ClassFiles.API) {
                            @Override
                            public @Nullable MethodVisitor visitMethod(
                                    int access,
                                    String name,
                                    String descriptor,
                                    @Nullable String signature,
                                    String @Nullable [] exceptions) {
                                return (access & Opcodes.ACC_BRIDGE) == 0
                                        ? null
                                        : new Calling(found, name, name + descriptor);
                            }
                        },
                        ClassReader.SKIP_DEBUG | ClassReader.SKIP_FRAMES);
        return found;
    }

    private static final class Calling extends MethodVisitor {

        private final Map<String, String> found;
        private final String name;
        private final String bridge;

        private Calling(Map<String, String> found, String name, String bridge) {
            super(ClassFiles.API);
            this.found = found;
            this.name = name;
            this.bridge = bridge;
        }

        @Override
        public void visitMethodInsn(int opcode, String owner, String called, String descriptor, boolean isInterface) {
            if (called.equals(name)) {
                found.put(bridge, called + descriptor);
            }
        }
    }
}
