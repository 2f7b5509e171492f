package dev.scepsy.javaagent.trace;

import java.util.concurrent.Callable;
import java.util.function.Supplier;

/** Work that runs on another thread under the operation it was handed over in. */
final class CapturedWork {

    private CapturedWork() {}

    static Object of(Tracer tracer, Operation operation, Object work) {
        if (work instanceof Supplier<?> supplier) {
            return (Supplier<Object>) () -> {
                Object before = tracer.makeCurrent(operation);
                try {
                    return supplier.get();
                } finally {
                    tracer.restore(before);
                }
            };
        }
        if (work instanceof Callable<?> callable) {
            return (Callable<Object>) () -> {
                Object before = tracer.makeCurrent(operation);
                try {
                    return callable.call();
                } finally {
                    tracer.restore(before);
                }
            };
        }
        if (work instanceof Runnable runnable) {
            return (Runnable) () -> {
                Object before = tracer.makeCurrent(operation);
                try {
                    runnable.run();
                } finally {
                    tracer.restore(before);
                }
            };
        }
        return work;
    }
}
