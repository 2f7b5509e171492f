package dev.scepsy.javaagent.app;

import com.sun.management.OperatingSystemMXBean;
import dev.langchain4j.model.chat.ChatModel;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.LongAdder;
import java.util.concurrent.locks.LockSupport;

/**
 * Sixteen threads call a model that answers after a millisecond; prints calls per second, and the process's processor time per call in
 * microseconds. Argument: seconds, after as many warm ones.
 */
public final class ThroughputApp {

    private ThroughputApp() {}

    public static void main(String[] arguments) throws InterruptedException {
        long nanos = (long) (Double.parseDouble(arguments[0]) * 1e9);
        ChatModel model = new EchoModel("echo", asked -> {
            LockSupport.parkNanos(1_000_000);
            return "hello";
        });
        LongAdder calls = new LongAdder();
        List<Thread> threads = new ArrayList<>();
        for (int i = 0; i < 16; i++) {
            Thread thread = new Thread(() -> {
                while (!Thread.currentThread().isInterrupted()) {
                    model.chat("hello");
                    calls.increment();
                }
            });
            thread.setDaemon(true);
            thread.start();
            threads.add(thread);
        }
        LockSupport.parkNanos(nanos);
        long start = System.nanoTime();
        long before = calls.sum();
        OperatingSystemMXBean process = (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();
        long used = process.getProcessCpuTime();
        LockSupport.parkNanos(nanos);
        long made = calls.sum() - before;
        double seconds = (System.nanoTime() - start) / 1e9;
        System.out.printf("%.0f %.1f%n", made / seconds, (process.getProcessCpuTime() - used) / 1e3 / made);
    }
}
