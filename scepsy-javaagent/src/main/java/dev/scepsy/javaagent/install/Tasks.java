package dev.scepsy.javaagent.install;

import dev.scepsy.javaagent.bridge.Bridge;
import dev.scepsy.javaagent.trace.Tracer;
import java.lang.reflect.Field;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ForkJoinTask;
import java.util.concurrent.Future;
import org.jspecify.annotations.Nullable;

/**
 * What happens to work at a hand-over. A task that tells when it runs (its class is woven, or it is a lambda of a woven class) is
 * handed over as it is, with its operation beside it. Any other is exchanged where nobody can see that, else it is left alone.
 */
final class Tasks {

    private static final ClassValue<Boolean> TELLING = new ClassValue<>() {
        @Override
        protected Boolean computeValue(Class<?> type) {
            try {
                return type.isHidden() ? isWovenLambda(type) : hasWovenBody(type);
            } catch (LinkageError unseen) {
                return false;
            }
        }
    };

    /**
     * Classes of the JDK, and those of the application's that extend one and declare no method that could be handed work: what such
     * an object is given goes straight to the JDK's code.
     */
    private static final ClassValue<Boolean> DISCREET = new ClassValue<>() {
        @Override
        protected Boolean computeValue(Class<?> type) {
            try {
                Class<?> at = type;
                while (at.getClassLoader() != null) {
                    if (mayBeHandedWork(at) || at.getSuperclass() == null) {
                        return false;
                    }
                    at = at.getSuperclass();
                }
                return at == type || at != Object.class;
            } catch (LinkageError unseen) {
                return false;
            }
        }
    };

    private Tasks() {}

    private static boolean mayBeHandedWork(Class<?> type) {
        for (Method method : type.getDeclaredMethods()) {
            if ((method.getModifiers() & (Modifier.PRIVATE | Modifier.STATIC)) != 0) {
                continue; // It overrides nothing; the bodies of lambdas are such.
            }
            for (Class<?> parameter : method.getParameterTypes()) {
                if (parameter.getName().startsWith("java.util.function.")
                        || parameter == Runnable.class
                        || parameter == Callable.class
                        || parameter == Collection.class
                        || Future.class.isAssignableFrom(parameter)) {
                    return true;
                }
            }
        }
        return false;
    }

    /** @param place one of {@link HandOver}'s */
    static Object handedOver(Tracer tracer, Object work, @Nullable Object receiver, String type, int place) {
        if (tracer.current() == null && place != HandOver.THREAD && place != HandOver.THREAD_OF_FACTORY) {
            return work;
        }
        switch (place) {
            case HandOver.THREAD, HandOver.THREAD_OF_FACTORY -> {
                return tracer.inThread((Runnable) work, place == HandOver.THREAD);
            }
            case HandOver.SEVERAL, HandOver.SEVERAL_AS_FUTURES -> {
                return all(tracer, work, receiver, place == HandOver.SEVERAL_AS_FUTURES);
            }
            default -> {
                if (place == HandOver.UNSEEN && isDiscreet(receiver)) {
                    return tracer.capture(work, type);
                }
                if (TELLING.get(work.getClass()) || work instanceof Thread) {
                    tracer.handOver(work);
                    return work;
                }
                return place == HandOver.AS_FUTURE && isDiscreet(receiver) ? tracer.capture(work, type) : work;
            }
        }
    }

    /** Looks only into collections of the JDK: what another does when it is asked is its own affair. */
    private static Object all(Tracer tracer, Object tasks, @Nullable Object receiver, boolean asFutures) {
        if (tasks instanceof Object[] array) {
            for (Object task : array) {
                if (task != null && TELLING.get(task.getClass())) {
                    tracer.handOver(task);
                }
            }
            return tasks;
        }
        if (!(tasks instanceof Collection<?> collection) || !isOfTheJdk(tasks)) {
            return tasks;
        }
        List<Object> exchanged = new ArrayList<>();
        boolean changed = false;
        for (Object task : collection) {
            if (task == null) {
                return tasks; // The executor will say what it thinks of that.
            }
            Object given = task;
            boolean telling = TELLING.get(given.getClass());
            if (telling) {
                tracer.handOver(given);
            }
            boolean exchange = !telling && asFutures && given instanceof Callable<?> && isDiscreet(receiver);
            Object instead = exchange ? tracer.capture(given, HandOver.CALLABLE) : given;
            changed |= instead != given;
            exchanged.add(instead);
        }
        return changed ? exchanged : tasks;
    }

    private static boolean isOfTheJdk(Object collection) {
        return collection.getClass().getClassLoader() == null;
    }

    private static boolean isDiscreet(@Nullable Object receiver) {
        return receiver == null || DISCREET.get(receiver.getClass());
    }

    private static boolean isWovenLambda(Class<?> type) {
        Field[] captured = type.getDeclaredFields();
        return captured.length == 1 && captured[0].getType().getName().equals(Bridge.class.getName());
    }

    private static boolean hasWovenBody(Class<?> type) {
        if (ForkJoinTask.class.isAssignableFrom(type)) {
            return isWoven(type, "compute") || isWoven(type, "exec");
        }
        return (Runnable.class.isAssignableFrom(type) && isWoven(type, "run"))
                || (Callable.class.isAssignableFrom(type) && isWoven(type, "call"));
    }

    private static boolean isWoven(Class<?> type, String method) {
        for (Class<?> at = type; at != null; at = at.getSuperclass()) {
            try {
                Class<?> declaring = at.getDeclaredMethod(method).getDeclaringClass();
                return LateWeaving.isOrGetsWoven(declaring);
            } catch (NoSuchMethodException above) {
                // Inherited.
            }
        }
        return false;
    }
}
