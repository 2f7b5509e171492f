package dev.scepsy.javaagent.app;

import dev.scepsy.langchain4j.Workflow;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;

/** Many short executions at once: more spans than anybody can send. */
public final class BurstApp {

    private static final int THREADS = 8;

    private BurstApp() {}

    public static void main(String[] arguments) throws InterruptedException {
        int count = Integer.parseInt(arguments[0]);
        BurstApp app = new BurstApp();
        ExecutorService pool = Executors.newFixedThreadPool(THREADS);
        for (int i = 0; i < count; i++) {
            pool.execute(app::burst);
        }
        pool.shutdown();
        if (!pool.awaitTermination(1, TimeUnit.MINUTES)) {
            throw new IllegalStateException("not done");
        }
        System.out.println(count + " done");
    }

    @Workflow(name = "burst")
    void burst() {
        EchoModel model = new EchoModel("echo", asked -> "a");
        model.chat("one");
        model.chat("two");
    }
}
