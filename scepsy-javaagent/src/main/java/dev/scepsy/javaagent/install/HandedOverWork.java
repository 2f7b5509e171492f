package dev.scepsy.javaagent.install;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.objectweb.asm.MethodVisitor;
import org.objectweb.asm.Opcodes;
import org.objectweb.asm.Type;

/**
 * Work that a class hands to another thread, or puts after a future, takes the current operation along: the call sites
 * themselves are rewritten, in LangChain4j's classes and in those of the application that use LangChain4j. Right for every
 * executor, and no class of the JDK is touched.
 */
final class HandedOverWork {

    private static final String BRIDGE = "dev/scepsy/javaagent/bridge/Bridge";
    private static final Set<String> FUTURES =
            Set.of("java/util/concurrent/CompletableFuture", "java/util/concurrent/CompletionStage");
    private static final List<String> CONTINUATIONS = List.of(
            "supplyAsync",
            "runAsync",
            "then",
            "handle",
            "whenComplete",
            "exceptionally",
            "applyToEither",
            "acceptEither",
            "runAfter",
            "completeAsync");
    private static final Set<String> EXECUTORS = Set.of(
            "java/util/concurrent/ExecutorService",
            "java/util/concurrent/ScheduledExecutorService",
            "java/util/concurrent/ThreadPoolExecutor",
            "java/util/concurrent/ForkJoinPool");
    private static final Set<String> HAND_OVER = Set.of("execute", "submit", "fork");
    private static final Set<String> HAND_OVER_ALL = Set.of("invokeAll", "invokeAny");
    private static final Set<String> THREAD = Set.of("<init>", "startVirtualThread", "start", "unstarted");

    private static final String RUNNABLE = "Ljava/lang/Runnable;";
    private static final String CALLABLE = "Ljava/util/concurrent/Callable;";
    private static final String COLLECTION = "Ljava/util/Collection;";
    private static final String EXECUTOR = "Ljava/util/concurrent/Executor;";
    private static final String SCHEDULER = "java/util/concurrent/ScheduledExecutorService";
    private static final String STRING = "Ljava/lang/String;";
    private static final Set<String> FUNCTIONS = Set.of(
            RUNNABLE,
            "Ljava/util/function/Supplier;",
            "Ljava/util/function/Function;",
            "Ljava/util/function/BiFunction;",
            "Ljava/util/function/Consumer;",
            "Ljava/util/function/BiConsumer;");

    private HandedOverWork() {}

    /** Cheap and generous: whether the class names such a type at all. */
    static boolean mayBeIn(byte[] classFile) {
        String text = new String(classFile, StandardCharsets.ISO_8859_1);
        return text.contains("java/util/concurrent/Comp")
                || text.contains(RUNNABLE)
                || text.contains(CALLABLE)
                || text.contains("invokeA");
    }

    /** A method's visitor that rewrites such call sites. */
    static MethodVisitor capturing(MethodVisitor visitor) {
        return new MethodVisitor(ClassFiles.API, visitor) {
            @Override
            public void visitMethodInsn(int opcode, String owner, String name, String descriptor, boolean isInterface) {
                if (owner.equals(SCHEDULER) && name.equals("schedule")) {
                    super.visitMethodInsn(
                            Opcodes.INVOKESTATIC,
                            BRIDGE,
                            name,
                            "(L" + SCHEDULER + ";" + descriptor.substring(1),
                            false);
                    return;
                }
                Place place = placeOf(owner, name, Type.getArgumentTypes(descriptor));
                if (place != null) {
                    capture(place);
                }
                super.visitMethodInsn(opcode, owner, name, descriptor, isInterface);
            }

            /** The work is on top of the stack, or under one more argument: exchange it there. */
            private void capture(Place place) {
                if (place.underAnother) {
                    visitInsn(Opcodes.SWAP);
                }
                String work = place.type;
                super.visitMethodInsn(Opcodes.INVOKESTATIC, BRIDGE, place.with, "(" + work + ")" + work, false);
                if (place.underAnother) {
                    visitInsn(Opcodes.SWAP);
                }
            }
        };
    }

    /** Which argument is the work, and by which method of the bridge it is captured. */
    private record Place(String type, String with, boolean underAnother) {}

    private static @Nullable Place placeOf(String owner, String name, Type[] arguments) {
        if (arguments.length == 0) {
            return null;
        }
        String last = arguments[arguments.length - 1].getDescriptor();
        if (FUTURES.contains(owner) && CONTINUATIONS.stream().anyMatch(name::startsWith)) {
            boolean executor = last.equals(EXECUTOR) && arguments.length > 1;
            String work = executor ? arguments[arguments.length - 2].getDescriptor() : last;
            return FUNCTIONS.contains(work) ? new Place(work, "capture", executor) : null;
        }
        String first = arguments[0].getDescriptor();
        if (arguments.length == 1 && HAND_OVER.contains(name) && (first.equals(RUNNABLE) || first.equals(CALLABLE))) {
            return new Place(first, "task", false); // Whatever takes that is an executor, by whatever name.
        }
        if (arguments.length == 1 && HAND_OVER_ALL.contains(name) && first.equals(COLLECTION)) {
            return EXECUTORS.contains(owner) ? new Place(first, "tasks", false) : null;
        }
        if (name.equals("submit") && arguments.length == 2 && first.equals(RUNNABLE)) {
            return new Place(first, "task", true); // submit(Runnable, result)
        }
        boolean thread = owner.equals("java/lang/Thread") || owner.startsWith("java/lang/Thread$Builder");
        if (thread && THREAD.contains(name)) {
            if (last.equals(RUNNABLE)) {
                return new Place(last, "capture", false);
            }
            boolean named = last.equals(STRING) && arguments.length > 1;
            return named && arguments[arguments.length - 2].getDescriptor().equals(RUNNABLE)
                    ? new Place(RUNNABLE, "capture", true)
                    : null;
        }
        return owner.equals("java/util/concurrent/ThreadFactory") && name.equals("newThread")
                ? new Place(RUNNABLE, "capture", false)
                : null;
    }
}
