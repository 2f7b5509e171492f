package dev.scepsy.javaagent.trace;

import static org.assertj.core.api.Assertions.assertThat;

import dev.scepsy.javaagent.setting.Settings;
import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** What fails is counted in a row and by the class whose method it is. */
class HookTest {

    private static final Object[] NOTHING = {};

    private final List<String> said = new ArrayList<>();
    private final Module module = new Module("chat", true, said::add);
    private final Tracer tracer = new Tracer(Sampling.of(Settings.ofThisJvm()), finished -> {});
    private int entered;

    @Test
    void aClassThatFailsTenTimesInARowIsLeftAloneAndOthersAreNot() {
        Hook hook = hook(self -> self instanceof String);

        for (int i = 0; i < 50; i++) {
            assertThat(hook.apply("odd", NOTHING)).isNull();
        }

        assertThat(entered).isEqualTo(Hook.FAILURES_ALLOWED);
        assertThat(hook.apply(1, NOTHING)).isNotNull();
        assertThat(module.isOff()).isFalse();
        assertThat(said).hasSize(2);
        assertThat(said.get(1))
                .contains("calls of java.lang.String are not traced any more, after 10 failures in a row");
    }

    @Test
    void failuresWithGoodCallsInBetweenSwitchNothingOff() {
        boolean[] failing = new boolean[1];
        Hook hook = hook(self -> failing[0]);
        for (int i = 0; i < 100; i++) {
            failing[0] = i % 2 == 0;
            Object token = hook.apply("now and then", NOTHING);
            if (token instanceof Token good) {
                good.apply(null, null);
            }
        }

        assertThat(entered).isEqualTo(100);
        assertThat(said).hasSize(1);
    }

    @Test
    void troubleWithEveryClassSwitchesTheModuleOffAndOnlyThisOne() {
        Hook hook = hook(self -> true);
        for (int i = 0; i < Module.CLASSES_LEFT_ALONE; i++) {
            Object ofItsOwnClass = someObject();
            for (int k = 0; k < Hook.FAILURES_ALLOWED; k++) {
                hook.apply(ofItsOwnClass, NOTHING);
            }
        }

        assertThat(module.isOff()).isTrue();
        assertThat(said).hasSize(3);
        assertThat(said.get(2)).contains("switched off after trouble with 10 classes in a row");
    }

    @Test
    void theEndOfTheStackIsNobodysFailure() {
        Hook hook = new Hook(module, tracer, (self, arguments) -> {
            throw new StackOverflowError();
        });
        for (int i = 0; i < 50; i++) {
            assertThat(hook.apply("deep", NOTHING)).isNull();
        }

        assertThat(module.failures()).isZero();
        assertThat(said).isEmpty();
    }

    @Test
    void whatAHookMadeCurrentBeforeItFailedIsNotCurrentAfterwards() {
        Hook hook = new Hook(module, tracer, (self, arguments) -> {
            tracer.makeCurrent(tracer.begin(OperationKind.CHAT, "chat", "m"));
            throw new IllegalStateException("broken");
        });

        hook.apply("m", NOTHING);

        assertThat(tracer.current()).isNull();
    }

    private Hook hook(java.util.function.Predicate<@Nullable Object> fails) {
        return new Hook(module, tracer, (self, arguments) -> {
            entered++;
            if (fails.test(self)) {
                throw new IllegalStateException("broken");
            }
            return new Token(tracer, null) {
                @Override
                protected @Nullable Object exit(@Nullable Object result, @Nullable Throwable error) {
                    return result;
                }
            };
        });
    }

    /** Of a class that no other call gives one of. */
    private static Object someObject() {
        ClassLoader own = new ClassLoader(HookTest.class.getClassLoader()) {};
        return Proxy.newProxyInstance(own, new Class<?>[] {Runnable.class}, (proxy, method, arguments) -> null);
    }
}
