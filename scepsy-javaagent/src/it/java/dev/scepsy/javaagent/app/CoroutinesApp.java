package dev.scepsy.javaagent.app;

import dev.langchain4j.model.chat.ChatModel;
import dev.scepsy.langchain4j.Workflow;
import kotlin.ResultKt;
import kotlin.Unit;
import kotlin.coroutines.Continuation;
import kotlin.coroutines.intrinsics.IntrinsicsKt;
import kotlin.coroutines.jvm.internal.ContinuationImpl;
import kotlin.jvm.functions.Function2;
import kotlinx.coroutines.BuildersKt;
import kotlinx.coroutines.CoroutineScope;
import kotlinx.coroutines.DelayKt;
import kotlinx.coroutines.Dispatchers;

/** Suspend functions, written as Kotlin's compiler makes them. */
public final class CoroutinesApp {

    private static final ChatModel MODEL = new EchoModel("echo", asked -> "re");
    private static final int AGAIN = Integer.MIN_VALUE;

    private CoroutinesApp() {}

    public static void main(String[] arguments) throws InterruptedException {
        CoroutinesApp app = new CoroutinesApp();
        System.out.println(blocking(continuation -> app.twoDelays("q", continuation)));
        System.out.println(blocking(continuation -> app.atOnce("q", continuation)));
        System.out.println(blocking(app::onOtherThreads));
        System.out.println(blocking(continuation -> app.outer(continuation)));
        try {
            blocking(app::failing);
        } catch (IllegalStateException thrown) {
            System.out.println(thrown.getMessage());
        }
        System.out.println(app.started());
    }

    private interface Suspending {
        Object call(Continuation<Object> continuation);
    }

    private static Object blocking(Suspending function) throws InterruptedException {
        Function2<CoroutineScope, Continuation<? super Object>, Object> body =
                (scope, continuation) -> function.call(cast(continuation));
        return BuildersKt.runBlocking(Dispatchers.getDefault(), body);
    }

    @SuppressWarnings("unchecked")
    private static Continuation<Object> cast(Continuation<?> continuation) {
        return (Continuation<Object>) continuation;
    }

    /** The state machine of {@code twoDelays}. */
    private static final class TwoDelays extends ContinuationImpl {

        private final CoroutinesApp app;
        private Object result;
        private int label;

        private TwoDelays(CoroutinesApp app, Continuation<Object> completion) {
            super(completion);
            this.app = app;
        }

        @Override
        protected Object invokeSuspend(Object given) {
            result = given;
            label |= AGAIN;
            return app.twoDelays(null, this);
        }
    }

    @Workflow(name = "two-delays")
    Object twoDelays(String question, Continuation<?> completion) {
        TwoDelays machine;
        if (completion instanceof TwoDelays own && (own.label & AGAIN) != 0) {
            machine = own;
            machine.label -= AGAIN;
        } else {
            machine = new TwoDelays(this, cast(completion));
        }
        Object suspended = IntrinsicsKt.getCOROUTINE_SUSPENDED();
        ResultKt.throwOnFailure(machine.result);
        if (machine.label == 0) {
            MODEL.chat(question);
            machine.label = 1;
            if (DelayKt.delay(5, cast(machine)) == suspended) {
                return suspended;
            }
        }
        if (machine.label == 1) {
            MODEL.chat("again");
            machine.label = 2;
            if (DelayKt.delay(5, cast(machine)) == suspended) {
                return suspended;
            }
        }
        return MODEL.chat("at last");
    }

    /** A suspend function that does not suspend. */
    @Workflow(name = "at-once")
    Object atOnce(String question, Continuation<?> completion) {
        return MODEL.chat(question);
    }

    /** One whose last call is another suspend function: it has no state machine. */
    @Workflow(name = "on-other-threads")
    Object onOtherThreads(Continuation<?> completion) {
        Function2<CoroutineScope, Continuation<? super Object>, Object> body =
                (scope, continuation) -> MODEL.chat(Thread.currentThread().getName());
        return BuildersKt.withContext(Dispatchers.getIO(), body, cast(completion));
    }

    /** The inner function's end is not the outer one's, and what follows it is the outer one's. */
    private static final class Outer extends ContinuationImpl {

        private final CoroutinesApp app;
        private Object result;
        private int label;

        private Outer(CoroutinesApp app, Continuation<Object> completion) {
            super(completion);
            this.app = app;
        }

        @Override
        protected Object invokeSuspend(Object given) {
            result = given;
            label |= AGAIN;
            return app.outer(this);
        }
    }

    @Workflow(name = "outer")
    Object outer(Continuation<?> completion) {
        Outer machine;
        if (completion instanceof Outer own && (own.label & AGAIN) != 0) {
            machine = own;
            machine.label -= AGAIN;
        } else {
            machine = new Outer(this, cast(completion));
        }
        if (machine.label == 0) {
            machine.label = 1;
            Object answer = twoDelays("inner", machine);
            if (answer == IntrinsicsKt.getCOROUTINE_SUSPENDED()) {
                return answer;
            }
        } else {
            ResultKt.throwOnFailure(machine.result);
        }
        return MODEL.chat("after");
    }

    private static final class Failing extends ContinuationImpl {

        private final CoroutinesApp app;
        private int label;

        private Failing(CoroutinesApp app, Continuation<Object> completion) {
            super(completion);
            this.app = app;
        }

        @Override
        protected Object invokeSuspend(Object given) {
            label |= AGAIN;
            return app.failing(this);
        }
    }

    @Workflow(name = "failing")
    Object failing(Continuation<?> completion) {
        if (completion instanceof Failing own && (own.label & AGAIN) != 0) {
            throw new IllegalStateException("no");
        }
        Failing machine = new Failing(this, cast(completion));
        machine.label = 1;
        Object waited = DelayKt.delay(5, cast(machine));
        if (waited == IntrinsicsKt.getCOROUTINE_SUSPENDED()) {
            return waited;
        }
        throw new IllegalStateException(
                "no"); // The delay was over before anybody could be suspended: on a busy machine.
    }

    /** No suspend function, but it starts a coroutine on another dispatcher. */
    @Workflow(name = "started")
    String started() throws InterruptedException {
        Function2<CoroutineScope, Continuation<? super Object>, Object> body = (scope, continuation) -> {
            MODEL.chat("q");
            return Unit.INSTANCE;
        };
        return BuildersKt.runBlocking(Dispatchers.getIO(), body).toString();
    }
}
