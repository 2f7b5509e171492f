package dev.scepsy.javaagent.app;

import dev.langchain4j.data.message.AiMessage;
import dev.langchain4j.model.chat.ChatModel;
import dev.langchain4j.model.chat.StreamingChatModel;
import dev.langchain4j.model.chat.request.ChatRequest;
import dev.langchain4j.model.chat.response.ChatResponse;
import dev.langchain4j.model.chat.response.StreamingChatResponseHandler;
import dev.scepsy.langchain4j.Workflow;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Random;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ForkJoinPool;
import java.util.concurrent.Future;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.PriorityBlockingQueue;
import java.util.concurrent.RecursiveTask;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * Random programs, several at once on shared pools: {@code seed count}. Each prints what it saw of its own tasks: values,
 * exceptions, identities, names of threads, order. Every call says which program's it is ({@code run-N}).
 */
public final class RandomProgramsApp {

    private static final ChatModel MODEL = new EchoModel("m", asked -> {
        if (asked.contains("failing")) {
            throw new IllegalStateException("no answer to " + asked);
        }
        return "re " + asked;
    });
    private static final ExecutorService POOL = Executors.newCachedThreadPool(RandomProgramsApp::daemon);
    /** Steps wait for steps on the same pool: as many threads as may ever wait, or programs would wait for each other. */
    private static final int ENOUGH = 64;

    private static final ScheduledExecutorService TIMER =
            Executors.newScheduledThreadPool(ENOUGH, RandomProgramsApp::daemon);
    private static final ForkJoinPool FORKS = new ForkJoinPool(ENOUGH);
    private static final int KINDS = 22;
    private static final int DEEPEST = 3;

    private final int number;
    private final Random random;

    private RandomProgramsApp(long seed, int number) {
        this.number = number;
        this.random = new Random(seed * 1_000_003 + number);
    }

    private static Thread daemon(Runnable work) {
        Thread thread = new Thread(work, "worker");
        thread.setDaemon(true);
        return thread;
    }

    public static void main(String[] arguments) throws Exception {
        long seed = Long.parseLong(arguments[0]);
        int count = Integer.parseInt(arguments[1]);
        ExecutorService requests = Executors.newFixedThreadPool(4, RandomProgramsApp::daemon);
        List<Future<String>> programs = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            int number = i;
            programs.add(requests.submit(() -> new RandomProgramsApp(seed, number).program()));
        }
        for (int i = 0; i < count; i++) {
            System.out.println(i + ": " + programs.get(i).get());
        }
    }

    @Workflow(name = "program")
    private String program() throws Exception {
        StringBuilder seen = new StringBuilder(chat("root"));
        for (int steps = 1 + random.nextInt(4); steps > 0; steps--) {
            seen.append("; ").append(step(random.nextLong(), 0));
        }
        return seen.toString();
    }

    private String chat(String what) {
        return MODEL.chat("run-" + number + " [" + what + "]");
    }

    /** One step, and below it others, on whatever thread. */
    private String step(long seed, int depth) throws Exception {
        Random dice = new Random(seed);
        long next = dice.nextLong();
        Callable<String> inner = depth >= DEEPEST ? () -> chat("leaf") : () -> step(next, depth + 1);
        int kind = dice.nextInt(KINDS);
        return kind + "(" + done(kind, inner, dice) + ")";
    }

    private String done(int kind, Callable<String> inner, Random dice) throws Exception {
        return switch (kind) {
            case 0 -> chat("direct") + " " + inner.call();
            case 1 -> POOL.submit(inner).get();
            case 2 -> hooked(inner);
            case 3 ->
                CompletableFuture.supplyAsync(() -> unchecked(inner), dice.nextBoolean() ? POOL : FORKS)
                        .thenApplyAsync(value -> value + chat("then"), POOL)
                        .handle((value, failure) -> value + failure + chat("handled"))
                        .get();
            case 4 -> all(List.of(inner, () -> chat("listed")), dice.nextBoolean());
            case 5 -> thread(inner, dice.nextInt(3));
            case 6 -> FORKS.invoke(new Sum(this, inner, 3));
            case 7 -> TIMER.schedule(inner, 1, TimeUnit.MILLISECONDS).get();
            case 8 -> failing(inner);
            case 9 -> retried() + inner.call();
            case 10 ->
                IntStream.range(0, 4)
                                .parallel()
                                .mapToObj(i -> i == 0 ? unchecked(inner) : chat("parallel-" + i))
                                .toList()
                        + "";
            case 11 -> referred(inner);
            case 12 -> ordered(dice);
            case 13 -> removed(inner);
            case 14 -> onCaller(inner);
            case 15 -> twice();
            case 16 -> LoadedSteps.asked("run-" + number + " loaded", dice) + inner.call();
            case 17 -> listeners().listened(dice) + inner.call();
            case 18 -> listeners().retriedInside(dice) + inner.call();
            case 19 -> listeners().tokens(dice) + inner.call();
            case 20 -> listeners().helped(dice) + inner.call();
            default -> streamed(inner);
        };
    }

    private ListenedSteps listeners() {
        return new ListenedSteps(number, this::chat, POOL);
    }

    private static String unchecked(Callable<String> work) {
        try {
            return work.call();
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }

    /** A pool that looks at what it runs. */
    private static final class Looking extends ThreadPoolExecutor {
        private final List<Object> seen = new ArrayList<>();

        private Looking(BlockingQueue<Runnable> queue) {
            super(1, 1, 1, TimeUnit.SECONDS, queue, RandomProgramsApp::daemon);
        }

        @Override
        protected void beforeExecute(Thread thread, Runnable task) {
            seen.add(task);
            seen.add(thread.getName());
        }

        private List<Object> end() throws InterruptedException {
            shutdown();
            awaitTermination(20, TimeUnit.SECONDS);
            return seen;
        }
    }

    private String hooked(Callable<String> inner) throws Exception {
        Looking pool = new Looking(new LinkedBlockingQueue<>());
        CompletableFuture<String> result = new CompletableFuture<>();
        Runnable task = () -> result.complete(unchecked(inner));
        pool.execute(task);
        String value = result.get();
        return value + pool.end().equals(List.of(task, "worker"));
    }

    private String all(List<Callable<String>> tasks, boolean timed) throws Exception {
        StringBuilder values = new StringBuilder();
        for (Future<String> future : timed ? POOL.invokeAll(tasks, 600, TimeUnit.SECONDS) : POOL.invokeAll(tasks)) {
            values.append(future.get());
        }
        return values.toString();
    }

    private static String thread(Callable<String> inner, int how) throws Exception {
        String[] value = new String[1];
        Runnable work =
                () -> value[0] = unchecked(inner) + Thread.currentThread().getName();
        Thread thread = switch (how) {
            case 0 -> new Thread(work, "plain");
            case 1 -> new Thread(null, work, "sized", 1 << 18);
            default ->
                new Thread("own") {
                    @Override
                    public void run() {
                        work.run();
                    }
                };
        };
        thread.start();
        thread.join();
        return value[0];
    }

    private static final class Sum extends RecursiveTask<String> {
        private static final long serialVersionUID = 1;
        private final transient RandomProgramsApp program;
        private final transient Callable<String> inner;
        private final int size;

        private Sum(RandomProgramsApp program, Callable<String> inner, int size) {
            this.program = program;
            this.inner = inner;
            this.size = size;
        }

        @Override
        protected String compute() {
            if (size == 1) {
                return unchecked(inner);
            }
            Sum rest = new Sum(program, inner, size - 1);
            rest.fork();
            return program.chat("fork-" + size) + rest.join();
        }
    }

    private String failing(Callable<String> inner) throws Exception {
        String value = inner.call();
        try {
            return POOL.submit(() -> {
                        chat("failing");
                        return "never";
                    })
                    .get();
        } catch (ExecutionException e) {
            return value + e.getCause();
        }
    }

    private String retried() {
        StringBuilder seen = new StringBuilder();
        for (int attempt = 0; attempt < 3; attempt++) {
            try {
                return seen + chat(attempt < 2 ? "failing" : "well");
            } catch (IllegalStateException e) {
                seen.append(e.getMessage());
            }
        }
        return seen.toString();
    }

    private static String referred(Callable<String> inner) throws Exception {
        CompletableFuture<String> result = new CompletableFuture<>();
        Stream.<Runnable>of(() -> result.complete(unchecked(inner))).forEach(POOL::execute);
        return result.get();
    }

    private record Job(RandomProgramsApp program, int priority) implements Runnable {
        @Override
        public void run() {
            program.chat("job-" + priority);
        }
    }

    private String ordered(Random dice) throws Exception {
        Looking pool = new Looking(new PriorityBlockingQueue<>(8, Comparator.comparingInt(r -> ((Job) r).priority)));
        for (int i = 0; i < 3; i++) {
            pool.execute(new Job(this, dice.nextInt(100)));
        }
        return pool.end().size() + "";
    }

    private static String removed(Callable<String> inner) throws Exception {
        Looking pool = new Looking(new LinkedBlockingQueue<>());
        CountDownLatch hold = new CountDownLatch(1);
        pool.execute(() -> awaits(hold));
        Runnable never = () -> unchecked(inner);
        pool.execute(never);
        Future<String> cancelled = pool.submit(inner);
        String seen = pool.remove(never) + " " + cancelled.cancel(false);
        hold.countDown();
        return seen + pool.end().size();
    }

    private static String onCaller(Callable<String> inner) throws Exception {
        ThreadPoolExecutor pool = new ThreadPoolExecutor(
                1, 1, 1, TimeUnit.SECONDS, new LinkedBlockingQueue<>(1), new ThreadPoolExecutor.CallerRunsPolicy());
        CountDownLatch hold = new CountDownLatch(1);
        pool.execute(() -> awaits(hold));
        pool.execute(() -> {});
        Thread here = Thread.currentThread();
        String value = pool.submit(() -> inner.call() + (Thread.currentThread() == here))
                .get();
        hold.countDown();
        pool.shutdown();
        return value;
    }

    private String twice() throws Exception {
        Looking pool = new Looking(new LinkedBlockingQueue<>());
        Runnable task = () -> chat("twice");
        pool.execute(task);
        pool.execute(task);
        return pool.end().equals(List.of(task, "worker", task, "worker")) + "";
    }

    private static String streamed(Callable<String> inner) throws Exception {
        StreamingChatModel model = new StreamingChatModel() {
            @Override
            public void doChat(ChatRequest request, StreamingChatResponseHandler handler) {
                POOL.execute(() -> handler.onCompleteResponse(
                        ChatResponse.builder().aiMessage(AiMessage.from("told")).build()));
            }
        };
        CompletableFuture<String> result = new CompletableFuture<>();
        model.chat("tell", new StreamingChatResponseHandler() {
            @Override
            public void onCompleteResponse(ChatResponse response) {
                result.complete(response.aiMessage().text() + unchecked(inner));
            }

            @Override
            public void onError(Throwable error) {
                result.completeExceptionally(error);
            }
        });
        return result.get();
    }

    private static void awaits(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
