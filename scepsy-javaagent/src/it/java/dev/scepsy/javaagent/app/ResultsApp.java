package dev.scepsy.javaagent.app;

import dev.langchain4j.model.chat.ChatModel;
import dev.langchain4j.service.AiServices;
import dev.scepsy.langchain4j.Workflow;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ForkJoinPool;
import java.util.concurrent.Future;
import java.util.concurrent.FutureTask;

/** Methods that return plain futures, and everywhere the annotation may stand. */
public final class ResultsApp {

    private static final ChatModel MODEL = new EchoModel("echo", asked -> "re");

    private static final Future<?> NEVER_RUN = new FutureTask<>(() -> "never");

    private final ExecutorService pool = Executors.newFixedThreadPool(2);
    private final CountDownLatch open = new CountDownLatch(1);

    public static void main(String[] arguments) throws Exception {
        ResultsApp app = new ResultsApp();
        app.futures();
        declarations();
        app.pool.shutdown();
    }

    private void futures() throws Exception {
        Future<String> submitted = submitted();
        System.out.println(submitted.getClass() == FutureTask.class);
        Future<String> forked = forked();
        System.out.println(forked.getClass().getSuperclass().getSimpleName());
        Future<String> failing = failing();
        Future<String> cancelled = cancelled();
        System.out.println(returned(NEVER_RUN) == NEVER_RUN);
        cancelled.cancel(true);
        open.countDown();
        System.out.println(submitted.get() + " " + forked.get());
        try {
            failing.get();
        } catch (ExecutionException failed) {
            System.out.println(failed.getCause());
        }
        try {
            cancelled.get();
        } catch (CancellationException expected) {
            System.out.println("cancelled");
        }
    }

    private String answer() throws InterruptedException {
        open.await();
        return MODEL.chat("q");
    }

    @Workflow(name = "submitted")
    private Future<String> submitted() {
        return pool.submit(this::answer);
    }

    @Workflow(name = "forked")
    private Future<String> forked() {
        return ForkJoinPool.commonPool().submit(this::answer);
    }

    @Workflow(name = "failing-future")
    private Future<String> failing() {
        return pool.submit(() -> {
            open.await();
            throw new IllegalStateException("no");
        });
    }

    @Workflow(name = "cancelled-future")
    private Future<String> cancelled() {
        return pool.submit(() -> "never asked for");
    }

    @Workflow(name = "never-run")
    private Future<?> returned(Future<?> given) {
        return given;
    }

    private static void declarations() {
        new Desk().research("a");
        new Concrete().go("b");
        Step<String> step = new TextStep();
        step.run("c");
        new TextStep().run("c");
        new SaysItself().run("d");
        new Overriding().go("e");
        new Overriding().twice();
        new Quiet().speak("f");
        new Pair().both("left", 1);
        AiServices.builder(Asking.class).chatModel(MODEL).build().ask("g");
        AiServices.builder(Named.class).chatModel(MODEL).build().answer("h");
    }

    interface Research {
        @Workflow(name = "interface-of-the-base")
        String research(String topic);
    }

    interface MoreResearch extends Research {}

    abstract static class Base implements MoreResearch {}

    abstract static class Middle extends Base {}

    static class Desk extends Middle {
        @Override
        public String research(String topic) {
            return MODEL.chat(topic);
        }
    }

    abstract static class Template {
        @Workflow(name = "abstract-method")
        abstract String go(String topic);
    }

    static class Concrete extends Template {
        @Override
        String go(String topic) {
            return MODEL.chat(topic);
        }

        String twice() {
            return go("once") + go("again");
        }
    }

    /** Calls the one it overrides: one execution all the same. */
    static final class Overriding extends Concrete {
        @Override
        String go(String topic) {
            return super.go(topic) + super.go(topic + " again");
        }
    }

    interface Step<T> {
        @Workflow(name = "generic-interface")
        String run(T input);
    }

    static class TextStep implements Step<String> {
        @Override
        public String run(String input) {
            return MODEL.chat(input);
        }
    }

    /** The compiler copies the annotation to the bridge method. */
    static class SaysItself implements Step<String> {
        @Override
        @Workflow(name = "says-itself")
        public String run(String input) {
            return MODEL.chat(input);
        }
    }

    interface Speaking {
        @Workflow(name = "default-method")
        default String speak(String text) {
            return MODEL.chat(text);
        }
    }

    static class Quiet implements Speaking {
        @Override
        public String speak(String text) {
            return MODEL.chat(text.toLowerCase(java.util.Locale.ROOT));
        }
    }

    abstract static class Two<A, B extends Comparable<B>> {
        @Workflow(name = "generic-class")
        public abstract Object both(A left, B right);
    }

    /** Has overloads that no bridge leads to, and a narrower result. */
    static class Pair extends Two<String, Integer> {
        @Override
        public String both(String left, Integer right) {
            return both(left, "" + right);
        }

        private String both(String left, String right) {
            return MODEL.chat(left + right);
        }
    }

    interface Answering {
        String answer(String question);

        @Workflow(name = "asked-above")
        String ask(String question);
    }

    interface Asking extends Answering {
        @Override
        String ask(String question);
    }

    @Workflow(name = "named-below")
    interface Named extends Answering {}
}
