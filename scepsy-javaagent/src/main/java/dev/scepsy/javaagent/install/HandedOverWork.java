package dev.scepsy.javaagent.install;

import java.nio.charset.StandardCharsets;
import java.util.Set;
import net.bytebuddy.asm.AsmVisitorWrapper;
import net.bytebuddy.description.method.MethodDescription;
import net.bytebuddy.description.type.TypeDescription;
import net.bytebuddy.implementation.Implementation;
import net.bytebuddy.jar.asm.MethodVisitor;
import net.bytebuddy.jar.asm.Opcodes;
import net.bytebuddy.matcher.ElementMatchers;
import net.bytebuddy.pool.TypePool;
import net.bytebuddy.utility.OpenedClassReader;
import org.jspecify.annotations.Nullable;

/**
 * Work that a class hands to another thread takes the current operation along: the call sites themselves are rewritten, in
 * LangChain4j's classes and in those of the application that use LangChain4j. Right for every executor, and no class of the
 * JDK is touched.
 */
final class HandedOverWork {

    private static final String BRIDGE = "dev/scepsy/javaagent/bridge/Bridge";
    private static final String FUTURE = "java/util/concurrent/CompletableFuture";
    private static final Set<String> STATIC = Set.of("supplyAsync", "runAsync");
    private static final Set<String> EXECUTORS = Set.of(
            "java/util/concurrent/Executor",
            "java/util/concurrent/ExecutorService",
            "java/util/concurrent/ScheduledExecutorService",
            "java/util/concurrent/ThreadPoolExecutor",
            "java/util/concurrent/ForkJoinPool");
    private static final Set<String> HAND_OVER = Set.of("execute", "submit");
    private static final String RUNNABLE = "Ljava/lang/Runnable;";
    private static final String CALLABLE = "Ljava/util/concurrent/Callable;";

    private HandedOverWork() {}

    /** Cheap and generous: whether the class names such a type at all. */
    static boolean mayBeIn(byte[] classFile) {
        String text = new String(classFile, StandardCharsets.ISO_8859_1);
        return (text.contains(FUTURE) && (text.contains("supplyAsync") || text.contains("runAsync")))
                || (text.contains("java/util/concurrent/") && (text.contains("submit") || text.contains("execute")))
                || (text.contains("java/lang/Thread") && text.contains("(Ljava/lang/Runnable;"));
    }

    static AsmVisitorWrapper capturing() {
        return new AsmVisitorWrapper.ForDeclaredMethods().invokable(ElementMatchers.any(), HandedOverWork::visitor);
    }

    private static MethodVisitor visitor(
            TypeDescription type,
            MethodDescription method,
            MethodVisitor visitor,
            Implementation.Context context,
            TypePool pool,
            int writerFlags,
            int readerFlags) {
        return new MethodVisitor(OpenedClassReader.ASM_API, visitor) {
            @Override
            public void visitMethodInsn(int opcode, String owner, String name, String descriptor, boolean isInterface) {
                if (opcode == Opcodes.INVOKESTATIC && owner.equals(FUTURE) && STATIC.contains(name)) {
                    super.visitMethodInsn(opcode, BRIDGE, name, descriptor, false);
                    return;
                }
                String work = lastWork(opcode, owner, name, descriptor);
                if (work != null) { // The work is on top of the stack: exchange it there.
                    super.visitMethodInsn(Opcodes.INVOKESTATIC, BRIDGE, "capture", "(" + work + ")" + work, false);
                }
                super.visitMethodInsn(opcode, owner, name, descriptor, isInterface);
            }
        };
    }

    private static @Nullable String lastWork(int opcode, String owner, String name, String descriptor) {
        boolean executor = EXECUTORS.contains(owner)
                && HAND_OVER.contains(name)
                && (opcode == Opcodes.INVOKEINTERFACE || opcode == Opcodes.INVOKEVIRTUAL);
        boolean thread = owner.equals("java/lang/Thread")
                && (name.equals("<init>") || name.equals("startVirtualThread"))
                && descriptor.startsWith("(" + RUNNABLE + ")");
        boolean builder = owner.startsWith("java/lang/Thread$Builder")
                && (name.equals("start") || name.equals("unstarted"))
                && descriptor.startsWith("(" + RUNNABLE + ")");
        if (executor || thread || builder) {
            if (descriptor.startsWith("(" + RUNNABLE + ")")) {
                return RUNNABLE;
            }
            if (descriptor.startsWith("(" + CALLABLE + ")")) {
                return CALLABLE;
            }
        }
        return null;
    }
}
