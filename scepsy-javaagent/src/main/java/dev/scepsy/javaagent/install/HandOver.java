package dev.scepsy.javaagent.install;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletionService;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.concurrent.ForkJoinTask;
import java.util.concurrent.FutureTask;
import java.util.concurrent.ThreadFactory;
import net.bytebuddy.jar.asm.Type;

/**
 * What one call hands over. Known by types: that of an argument (a task), that of the receiver (an executor, a thread, a future, a
 * stream); by the method's name only where the receiver is of a library's own making.
 *
 * @param argument its number; -1: the receiver
 * @param type its descriptor
 * @param place who may see it
 */
record HandOver(int argument, String type, int place) {

    /** An executor gets it as it is, with its queue, its hooks, its handlers. */
    static final int SEEN = 0;
    /** The same, but the JDK's own executors show nothing of it but a future. */
    static final int AS_FUTURE = 1;
    /** The JDK keeps it to itself, where the receiver is the JDK's. */
    static final int UNSEEN = 2;
    /** What a new thread runs. */
    static final int THREAD = 3;
    /** What a new thread runs, in a method that makes threads for others. */
    static final int THREAD_OF_FACTORY = 4;
    /** A collection or array of tasks. */
    static final int SEVERAL = 5;
    /** The same, of which the JDK's own executors show nothing but futures. */
    static final int SEVERAL_AS_FUTURES = 6;

    static final String CALLABLE = "Ljava/util/concurrent/Callable;";

    private static final String RUNNABLE = "Ljava/lang/Runnable;";
    private static final String THREAD_TYPE = "java/lang/Thread";
    private static final String BULK_MAP = "java/util/concurrent/ConcurrentHashMap";
    private static final String FUNCTIONS = "Ljava/util/function/";
    private static final String TIMER_TASK = "Ljava/util/TimerTask;";
    private static final String EXECUTOR = "Ljava/util/concurrent/Executor";
    private static final Set<String> FORK_JOIN = Set.of(
            "Ljava/util/concurrent/ForkJoinTask;",
            "Ljava/util/concurrent/RecursiveTask;",
            "Ljava/util/concurrent/RecursiveAction;",
            "Ljava/util/concurrent/CountedCompleter;");
    private static final Set<String> FUTURES =
            Set.of("java/util/concurrent/CompletableFuture", "java/util/concurrent/CompletionStage");
    private static final List<String> VERBS =
            List.of("execute", "submit", "schedule", "invokeA", "fork", "dispatch", "spawn", "start", "newThread");
    private static final List<String> NO_HAND_OVER =
            List.of("remove", "cancel", "contains", "equals", "new", "decorate", "before", "after", "reject");
    private static final List<String> REPEATING = List.of("FixedRate", "FixedDelay", "Periodic", "AtFixed");

    /**
     * @param owner internal name
     * @param factory whether the method around makes threads for others
     * @param parallel whether the class around has to do with parallel streams
     */
    static List<HandOver> of(
            String owner, String name, String descriptor, Types types, boolean factory, boolean parallel) {
        if (!mayHandOver(name, descriptor)) {
            return List.of();
        }
        Type[] arguments = Type.getArgumentTypes(descriptor);
        if (name.equals("<init>")) {
            return constructed(owner, arguments, types, factory);
        }
        if (arguments.length == 0) {
            boolean started = (name.equals("start") && isThread(owner, types))
                    || (name.equals("fork") && descriptor.startsWith("()L") && types.is(owner, ForkJoinTask.class));
            return started ? List.of(new HandOver(-1, "L" + owner + ";", SEEN)) : List.of();
        }
        if (owner.equals(THREAD_TYPE) || owner.startsWith("java/lang/Thread$Builder")) {
            return every(arguments, RUNNABLE, UNSEEN);
        }
        if (isFuture(owner, arguments, types) || (parallel && isParallel(owner, name, arguments))) {
            return functions(arguments);
        }
        return tasks(owner, name, descriptor, arguments, types);
    }

    /** What most calls can be told by: nothing among their arguments could be work. */
    private static boolean mayHandOver(String name, String descriptor) {
        if (descriptor.startsWith("()")) {
            return name.equals("start") || name.equals("fork");
        }
        return descriptor.contains(RUNNABLE)
                || descriptor.contains(FUNCTIONS)
                || descriptor.contains("Ljava/util/concurrent/")
                || descriptor.contains(TIMER_TASK)
                || name.startsWith("invokeA");
    }

    /** Whether a class that calls this method has to do with streams or bulk operations on several threads. */
    static boolean isParallel(String owner, String name, String descriptor) {
        return name.equals("parallel")
                || name.equals("parallelStream")
                || name.equals("parallelPrefix")
                || name.equals("parallelSetAll")
                || owner.equals("java/util/stream/StreamSupport")
                || (owner.equals(BULK_MAP) && descriptor.startsWith("(J"));
    }

    private static List<HandOver> constructed(String owner, Type[] arguments, Types types, boolean factory) {
        if (owner.equals(THREAD_TYPE)) {
            return every(arguments, RUNNABLE, factory ? THREAD_OF_FACTORY : THREAD);
        }
        if (arguments.length == 0) {
            return List.of();
        }
        List<HandOver> found = new ArrayList<>(every(arguments, CALLABLE, SEEN));
        found.addAll(every(arguments, RUNNABLE, SEEN));
        return found.isEmpty() || !types.is(owner, FutureTask.class) ? List.of() : found;
    }

    private static List<HandOver> tasks(String owner, String name, String descriptor, Type[] arguments, Types types) {
        boolean returns = !descriptor.endsWith(")V");
        boolean withExecutor = false;
        List<HandOver> found = new ArrayList<>();
        for (int i = 0; i < arguments.length; i++) {
            String type = arguments[i].getDescriptor();
            if (type.equals(RUNNABLE) || type.equals(CALLABLE)) {
                found.add(new HandOver(i, type, returns && !name.startsWith("fork") ? AS_FUTURE : SEEN));
            } else if (type.equals(TIMER_TASK) || FORK_JOIN.contains(type)) {
                found.add(new HandOver(i, type, SEEN));
            } else if (name.startsWith("invokeA") && (type.equals("Ljava/util/Collection;") || type.startsWith("["))) {
                found.add(new HandOver(i, type, returns ? SEVERAL_AS_FUTURES : SEVERAL));
            }
            withExecutor |= type.startsWith(EXECUTOR);
        }
        if (found.isEmpty() || (NO_HAND_OVER.stream().anyMatch(name::startsWith) && !name.equals("newThread"))) {
            return List.of();
        }
        if (repeats(owner, name, arguments)) {
            return List.of();
        }
        return withExecutor
                        || VERBS.stream().anyMatch(name::startsWith)
                        || name.endsWith("Async")
                        || isExecutor(owner, types)
                ? found
                : List.of();
    }

    /** What comes again and again is not the work of whoever arranged it. */
    private static boolean repeats(String owner, String name, Type[] arguments) {
        boolean timer = owner.equals("java/util/Timer") && arguments.length == 3 && arguments[2].equals(Type.LONG_TYPE);
        return timer || REPEATING.stream().anyMatch(name::contains);
    }

    private static boolean isThread(String owner, Types types) {
        return types.is(owner, Thread.class);
    }

    private static boolean isExecutor(String owner, Types types) {
        return types.is(owner, Executor.class)
                || types.is(owner, CompletionService.class)
                || types.is(owner, ThreadFactory.class)
                || types.is(owner, ForkJoinTask.class);
    }

    private static boolean isFuture(String owner, Type[] arguments, Types types) {
        return FUTURES.contains(owner) || (!functions(arguments).isEmpty() && types.is(owner, CompletionStage.class));
    }

    private static boolean isParallel(String owner, String name, Type[] arguments) {
        return owner.startsWith("java/util/stream/")
                || (owner.equals("java/util/Arrays") && name.startsWith("parallel"))
                || (owner.equals(BULK_MAP) && arguments[0].equals(Type.LONG_TYPE));
    }

    private static List<HandOver> functions(Type[] arguments) {
        List<HandOver> found = new ArrayList<>();
        for (int i = 0; i < arguments.length; i++) {
            String type = arguments[i].getDescriptor();
            if (type.startsWith(FUNCTIONS) || type.equals(RUNNABLE)) {
                found.add(new HandOver(i, type, UNSEEN));
            }
        }
        return found;
    }

    private static List<HandOver> every(Type[] arguments, String type, int place) {
        List<HandOver> found = new ArrayList<>();
        for (int i = 0; i < arguments.length; i++) {
            if (arguments[i].getDescriptor().equals(type)) {
                found.add(new HandOver(i, type, place));
            }
        }
        return found;
    }
}
