package dev.scepsy.javaagent.app;

import dev.langchain4j.model.chat.ChatModel;
import dev.scepsy.langchain4j.Workflow;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Timer;
import java.util.TimerTask;
import java.util.TreeMap;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorCompletionService;
import java.util.concurrent.ForkJoinPool;
import java.util.concurrent.Future;
import java.util.concurrent.FutureTask;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.PriorityBlockingQueue;
import java.util.concurrent.RecursiveTask;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/** Every way of handing work over, to executors that look at what they get too; work that outlives its request. Prints what it saw. */
public final class HandOverApp {

    private static final ChatModel MODEL = new EchoModel("m", asked -> "re " + asked);
    private static final ScheduledThreadPoolExecutor POOL = new ScheduledThreadPoolExecutor(4, HandOverApp::daemon);
    private static final Map<String, Object> RESULTS = new TreeMap<>();
    private static final BlockingQueue<CompletableFuture<String>> QUEUE = new LinkedBlockingQueue<>();
    private static final Runnable SHARED = () -> MODEL.chat("shared");
    private static final CountDownLatch TICKS = new CountDownLatch(4);

    private boolean consuming;

    private HandOverApp() {}

    private static Thread daemon(Runnable work) {
        Thread thread = new Thread(work);
        thread.setDaemon(true);
        return thread;
    }

    public static void main(String[] arguments) throws Exception {
        HandOverApp app = new HandOverApp();
        MODEL.chat("first of all");
        app.byComparator();
        app.byHook();
        app.removal();
        app.ownFuture();
        app.rejected();
        app.cancelled();
        app.onCaller();
        app.storedLambda();
        app.sharedOne();
        app.sharedTwo();
        app.timed();
        app.any();
        app.scheduledClass();
        app.reference();
        app.references().get();
        app.subclass();
        app.startedByReference();
        app.stackSize();
        app.threadOfAFactory();
        app.timer();
        app.parallel();
        app.forkJoin();
        app.completion();
        app.futures().get();
        for (int i = 0; i < 3; i++) {
            app.ask();
        }
        app.startTicks();
        TICKS.await();
        app.later();
        app.reads();
        RESULTS.forEach((name, result) -> System.out.println(name + ": " + result));
    }

    private static final class Job implements Runnable {
        private final int priority;

        private Job(int priority) {
            this.priority = priority;
        }

        @Override
        public void run() {
            MODEL.chat("job " + priority);
        }
    }

    @Workflow(name = "comparator")
    private void byComparator() throws Exception {
        List<Integer> order = new ArrayList<>();
        var queue = new PriorityBlockingQueue<Runnable>(11, Comparator.comparingInt(r -> ((Job) r).priority));
        var pool = new ThreadPoolExecutor(1, 1, 1, TimeUnit.SECONDS, queue) {
            @Override
            protected void beforeExecute(Thread thread, Runnable task) {
                order.add(((Job) task).priority);
            }
        };
        for (int i = 3; i > 0; i--) {
            pool.execute(new Job(i));
        }
        end(pool);
        RESULTS.put("comparator", order.size());
    }

    @Workflow(name = "hook")
    private void byHook() throws Exception {
        Job job = new Job(1);
        var pool = new ThreadPoolExecutor(1, 1, 1, TimeUnit.SECONDS, new LinkedBlockingQueue<>()) {
            @Override
            protected void afterExecute(Runnable task, Throwable error) {
                RESULTS.put("hook", (task == job) + " " + error);
            }
        };
        pool.execute(job);
        end(pool);
    }

    @Workflow(name = "removal")
    private void removal() throws Exception {
        var pool = new ThreadPoolExecutor(1, 1, 1, TimeUnit.SECONDS, new LinkedBlockingQueue<>());
        CountDownLatch hold = new CountDownLatch(1);
        pool.execute(() -> awaits(hold));
        Job job = new Job(7);
        Runnable lambda = () -> MODEL.chat("never");
        pool.execute(job);
        pool.execute(lambda);
        RESULTS.put("removal", pool.remove(job) + " " + pool.remove(lambda) + " " + pool.getQueue());
        hold.countDown();
        end(pool);
    }

    private static final class OwnFuture extends FutureTask<String> implements Comparable<OwnFuture> {
        private OwnFuture(Callable<String> work) {
            super(work);
        }

        @Override
        public int compareTo(OwnFuture other) {
            return 0;
        }
    }

    @Workflow(name = "own-future")
    private void ownFuture() throws Exception {
        var pool = new ThreadPoolExecutor(1, 1, 1, TimeUnit.SECONDS, new PriorityBlockingQueue<>());
        OwnFuture future = new OwnFuture(() -> MODEL.chat("own"));
        OwnFuture other = new OwnFuture(() -> MODEL.chat("own"));
        pool.execute(future);
        pool.execute(other);
        RESULTS.put("own future", future.get() + " " + other.get());
        end(pool);
    }

    @Workflow(name = "rejected")
    private void rejected() throws Exception {
        var pool = new ThreadPoolExecutor(1, 1, 1, TimeUnit.SECONDS, new LinkedBlockingQueue<>());
        end(pool);
        Runnable task = () -> MODEL.chat("by itself");
        pool.setRejectedExecutionHandler((rejected, by) -> {
            RESULTS.put("rejected", rejected == task);
            throw new RejectedExecutionException();
        });
        try {
            pool.execute(task);
        } catch (RejectedExecutionException expected) {
            task.run();
        }
    }

    @Workflow(name = "cancelled")
    private void cancelled() throws Exception {
        var pool = new ThreadPoolExecutor(1, 1, 1, TimeUnit.SECONDS, new LinkedBlockingQueue<>());
        CountDownLatch hold = new CountDownLatch(1);
        pool.execute(() -> awaits(hold));
        Future<?> future = pool.submit(() -> MODEL.chat("never"));
        RESULTS.put("cancelled", future.cancel(false));
        hold.countDown();
        end(pool);
    }

    @Workflow(name = "on-caller")
    private void onCaller() {
        var pool = new ThreadPoolExecutor(
                1, 1, 1, TimeUnit.SECONDS, new LinkedBlockingQueue<>(1), new ThreadPoolExecutor.CallerRunsPolicy());
        CountDownLatch hold = new CountDownLatch(1);
        pool.execute(() -> awaits(hold));
        pool.execute(() -> {});
        Thread here = Thread.currentThread();
        pool.execute(() -> {
            MODEL.chat("here");
            RESULTS.put("on caller", Thread.currentThread() == here);
        });
        hold.countDown();
        pool.shutdown();
        MODEL.chat("after");
    }

    @Workflow(name = "stored")
    private void storedLambda() throws Exception {
        List<Object> seen = new ArrayList<>();
        Runnable task = () -> MODEL.chat("stored");
        var pool = new ThreadPoolExecutor(1, 1, 1, TimeUnit.SECONDS, new LinkedBlockingQueue<>()) {
            @Override
            protected void beforeExecute(Thread thread, Runnable before) {
                seen.add(before);
            }
        };
        pool.execute(task);
        pool.execute(task);
        end(pool);
        RESULTS.put(
                "stored",
                seen.size() + " " + seen.stream().allMatch(each -> each == task) + " "
                        + task.getClass().getName().startsWith(HandOverApp.class.getName() + "$$Lambda"));
    }

    @Workflow(name = "shared-one")
    private void sharedOne() throws Exception {
        POOL.submit(SHARED).get();
    }

    @Workflow(name = "shared-two")
    private void sharedTwo() throws Exception {
        POOL.submit(SHARED).get();
        SHARED.run();
    }

    @Workflow(name = "timed")
    private void timed() throws Exception {
        POOL.invokeAll(List.<Callable<String>>of(() -> MODEL.chat("a"), () -> MODEL.chat("b")), 10, TimeUnit.SECONDS);
    }

    @Workflow(name = "any")
    private void any() throws Exception {
        RESULTS.put("any", POOL.invokeAny(List.<Callable<String>>of(() -> MODEL.chat("a")), 10, TimeUnit.SECONDS));
    }

    @Workflow(name = "scheduled")
    private void scheduledClass() throws Exception {
        POOL.schedule(() -> MODEL.chat("a"), 1, TimeUnit.MILLISECONDS).get();
    }

    @Workflow(name = "reference")
    private void reference() throws Exception {
        CountDownLatch done = new CountDownLatch(1);
        Stream.<Runnable>of(() -> {
                    MODEL.chat("a");
                    done.countDown();
                })
                .forEach(POOL::execute);
        done.await();
    }

    @Workflow(name = "references")
    private CompletableFuture<Void> references() {
        return CompletableFuture.allOf(Stream.<Supplier<String>>of(() -> MODEL.chat("a"))
                .map(CompletableFuture::supplyAsync)
                .toArray(CompletableFuture[]::new));
    }

    @Workflow(name = "subclass")
    private void subclass() throws Exception {
        Thread thread = new Thread() {
            @Override
            public void run() {
                MODEL.chat("a");
            }
        };
        thread.start();
        thread.join();
    }

    @Workflow(name = "started-by-reference")
    private void startedByReference() throws Exception {
        List<Thread> threads = Stream.<Runnable>of(() -> MODEL.chat("a"), () -> MODEL.chat("b"))
                .map(Thread::new)
                .toList();
        threads.forEach(Thread::start);
        for (Thread thread : threads) {
            thread.join();
        }
    }

    @Workflow(name = "stack-size")
    private void stackSize() throws Exception {
        Thread thread = new Thread(null, () -> MODEL.chat("a"), "named", 1 << 18);
        thread.start();
        thread.join();
        RESULTS.put("stack size", thread.getName());
    }

    @Workflow(name = "factory")
    private void threadOfAFactory() throws Exception {
        Thread thread = daemon(() -> MODEL.chat("a"));
        thread.start();
        thread.join();
    }

    @Workflow(name = "timer")
    private void timer() throws Exception {
        CountDownLatch done = new CountDownLatch(1);
        new Timer(true)
                .schedule(
                        new TimerTask() {
                            @Override
                            public void run() {
                                MODEL.chat("a");
                                done.countDown();
                            }
                        },
                        1);
        done.await();
    }

    @Workflow(name = "parallel")
    private void parallel() {
        List<String> answers = IntStream.range(0, 4)
                .boxed()
                .parallel()
                .map(i -> MODEL.chat("a" + i))
                .collect(Collectors.toList());
        RESULTS.put("parallel", answers);
        List.of("x", "y").parallelStream().forEach(MODEL::chat);
    }

    private static final class Halves extends RecursiveTask<Integer> {
        private static final long serialVersionUID = 1;
        private final int size;

        private Halves(int size) {
            this.size = size;
        }

        @Override
        protected Integer compute() {
            if (size == 1) {
                MODEL.chat("leaf");
                return 1;
            }
            Halves left = new Halves(size / 2);
            left.fork();
            return new Halves(size - size / 2).compute() + left.join();
        }
    }

    @Workflow(name = "fork-join")
    private void forkJoin() {
        ForkJoinPool pool = new ForkJoinPool(3);
        RESULTS.put("fork join", pool.invoke(new Halves(4)));
        pool.shutdown();
    }

    @Workflow(name = "completion")
    private void completion() throws Exception {
        var service = new ExecutorCompletionService<String>(POOL);
        service.submit(() -> MODEL.chat("a"));
        RESULTS.put("completion", service.take().get());
    }

    @Workflow(name = "futures")
    private CompletableFuture<String> futures() {
        return CompletableFuture.supplyAsync(() -> MODEL.chat("1"), POOL)
                .thenCompose(first -> CompletableFuture.supplyAsync(() -> MODEL.chat("2"), POOL))
                .thenApplyAsync(second -> MODEL.chat("3"))
                .thenCombineAsync(CompletableFuture.completedFuture("x"), (third, x) -> MODEL.chat("4"), POOL)
                .exceptionally(failure -> "failed");
    }

    @Workflow(name = "ask")
    private void ask() throws Exception {
        if (!consuming) {
            consuming = true;
            Thread consumer = new Thread(HandOverApp::consume);
            consumer.setDaemon(true);
            consumer.start();
        }
        var answer = new CompletableFuture<String>();
        QUEUE.add(answer);
        answer.get();
    }

    private static void consume() {
        try {
            while (true) {
                QUEUE.take().complete(MODEL.chat("batch"));
            }
        } catch (InterruptedException ended) {
            Thread.currentThread().interrupt();
        }
    }

    @Workflow(name = "start-ticks")
    private void startTicks() {
        POOL.schedule(this::tick, 50, TimeUnit.MILLISECONDS);
    }

    private void tick() {
        MODEL.chat("tick");
        TICKS.countDown();
        if (TICKS.getCount() > 0) {
            POOL.schedule(this::tick, 1, TimeUnit.MILLISECONDS);
        }
    }

    private final CountDownLatch returned = new CountDownLatch(1);
    private final CountDownLatch through = new CountDownLatch(1);

    private void later() throws Exception {
        leave();
        returned.countDown();
        through.await();
    }

    /** What it leaves to be done later is its own, several calls too. */
    @Workflow(name = "leaves")
    private void leave() {
        POOL.execute(() -> {
            awaits(returned);
            MODEL.chat("plan");
            MODEL.chat("write");
            through.countDown();
        });
    }

    /** What nobody handed over stays as it is. */
    private void reads() {
        Runnable one = () -> {};
        RESULTS.put("plain", one.equals(one) + " " + (one.hashCode() == one.hashCode()));
    }

    private static void awaits(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static void end(ThreadPoolExecutor pool) throws Exception {
        pool.shutdown();
        pool.awaitTermination(20, TimeUnit.SECONDS);
    }
}
