package dev.scepsy.javaagent.app;

import dev.langchain4j.model.chat.ChatModel;
import dev.scepsy.langchain4j.Workflow;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.function.Function;
import java.util.function.Supplier;

/** Futures of classes of the application's own, of which some look at what they are handed and others never see it. */
public final class OwnFuturesApp {

    private static final ChatModel MODEL = new EchoModel("m", asked -> "re " + asked);

    private OwnFuturesApp() {}

    public static void main(String[] arguments) throws Exception {
        OwnFuturesApp app = new OwnFuturesApp();
        System.out.println(app.discreet());
        System.out.println(app.looking());
        System.out.println(app.bulk());
    }

    /** Says only where its work runs, as the JDK's documentation suggests. */
    private static class Discreet<T> extends CompletableFuture<T> {
        @Override
        public <U> CompletableFuture<U> newIncompleteFuture() {
            return new Discreet<>();
        }

        @Override
        public Executor defaultExecutor() {
            return work -> {
                Thread thread = new Thread(work, "of the future");
                thread.start();
            };
        }
    }

    /** Looks at every function, and would notice another one. */
    private static final class Looking<T> extends CompletableFuture<T> {
        private final List<Object> seen = Collections.synchronizedList(new ArrayList<>());

        @Override
        public CompletableFuture<T> completeAsync(Supplier<? extends T> supplier) {
            seen.add(supplier);
            return super.completeAsync(supplier);
        }

        @Override
        public <U> CompletableFuture<U> thenApplyAsync(Function<? super T, ? extends U> function) {
            seen.add(function);
            return super.thenApplyAsync(function);
        }
    }

    private static String ask(String what) {
        return MODEL.chat(what);
    }

    @Workflow(name = "discreet")
    private String discreet() throws Exception {
        Discreet<String> future = new Discreet<>();
        future.completeAsync(() -> ask("first"));
        CompletableFuture<String> last = future.thenApplyAsync(
                        first -> first + ask("then") + Thread.currentThread().getName())
                .whenCompleteAsync((value, failure) -> ask("when"))
                .thenComposeAsync(value -> CompletableFuture.supplyAsync(() -> value + ask("composed")))
                .exceptionallyAsync(failure -> ask("never"));
        return last.get() + (last instanceof Discreet);
    }

    @Workflow(name = "looking")
    private String looking() throws Exception {
        Looking<String> future = new Looking<>();
        Supplier<String> supplier = () -> "one";
        Function<String, String> function = value -> value + " two";
        future.completeAsync(supplier);
        return future.thenApplyAsync(function).get() + future.seen.equals(List.of(supplier, function));
    }

    /** Operations on several threads of a map that has nothing else to do with streams. */
    @Workflow(name = "bulk")
    private String bulk() {
        ConcurrentHashMap<String, String> map = new ConcurrentHashMap<>();
        for (int i = 0; i < 4; i++) {
            map.put("key" + i, "value");
        }
        map.forEach(1L, (key, value) -> ask(key));
        return map.reduceValuesToInt(1L, value -> ask(value).length(), 0, Integer::sum) + "";
    }
}
