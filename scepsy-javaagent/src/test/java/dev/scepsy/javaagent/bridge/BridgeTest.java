package dev.scepsy.javaagent.bridge;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.InputStream;
import java.lang.reflect.Method;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.BiFunction;
import java.util.function.Predicate;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class BridgeTest {

    @Test
    void whatIsHandedOverWhileAnotherThreadMakesTheHooksWaitsForThem() throws Exception {
        Class<?> bridge = new Copy().bridge();
        Making making = new Making();
        bridge.getMethod("connect", Supplier.class).invoke(null, making);
        Method enter = bridge.getMethod("enter", int.class, Object.class, Object[].class);
        Thread first = new Thread(() -> call(enter, 0, this, new Object[0]));
        first.start();
        assertThat(making.begun.await(20, TimeUnit.SECONDS)).isTrue();

        Method handOver = bridge.getMethod("handOver", Object.class, Object.class, String.class, int.class);
        CompletableFuture<Object> handedOver = new CompletableFuture<>();
        Thread second = new Thread(() -> handedOver.complete(call(handOver, this, "work", "a type", 0)));
        second.start();
        long begun = System.nanoTime();
        while (second.getState() != Thread.State.TIMED_WAITING
                && second.isAlive()
                && System.nanoTime() - begun < TimeUnit.SECONDS.toNanos(20)) {
            Thread.onSpinWait();
        }
        making.goOn.countDown();

        assertThat(handedOver.get(20, TimeUnit.SECONDS)).isEqualTo("work, captured");
        first.join();
    }

    private static Object call(Method method, @Nullable Object... arguments) {
        try {
            return String.valueOf(method.invoke(null, arguments));
        } catch (ReflectiveOperationException failure) {
            return failure;
        }
    }

    /** Hooks that take as long as the test wants; something is under way everywhere. */
    private static final class Making implements Supplier<Object[]>, Predicate<@Nullable Object> {

        private final CountDownLatch begun = new CountDownLatch(1);
        private final CountDownLatch goOn = new CountDownLatch(1);

        @Override
        public boolean test(@Nullable Object task) {
            return true;
        }

        @Override
        public Object[] get() {
            begun.countDown();
            try {
                goOn.await();
            } catch (InterruptedException given) {
                Thread.currentThread().interrupt();
            }
            BiFunction<Object, Object[], Object> capture = (work, how) -> work + ", captured";
            return new Object[] {new BiFunction<?, ?, ?>[0], capture};
        }
    }

    /** A loader with a bridge of its own, as every loader that has woven code. */
    private static final class Copy extends ClassLoader {

        private Class<?> bridge() throws Exception {
            String resource = Bridge.class.getName().replace('.', '/') + ".class";
            try (InputStream in = Bridge.class.getClassLoader().getResourceAsStream(resource)) {
                byte[] bytes = requireNonNull(in).readAllBytes();
                return defineClass(Bridge.class.getName(), bytes, 0, bytes.length);
            }
        }
    }
}
