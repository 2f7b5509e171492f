package dev.scepsy.javaagent.trace;

import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;

/**
 * A group of hooks with one switch: {@code scepsy.instrumentation.<name>.enabled=false} turns it off, and so do ten failures.
 * Thread-safe.
 */
public final class Module {

    static final int FAILURES_ALLOWED = 10;

    private final String name;
    private final Consumer<String> log;
    private final AtomicInteger failures = new AtomicInteger();
    private volatile boolean off;

    public Module(String name, boolean enabled, Consumer<String> log) {
        this.name = name;
        this.off = !enabled;
        this.log = log;
    }

    public String name() {
        return name;
    }

    public boolean isOff() {
        return off;
    }

    public int failures() {
        return failures.get();
    }

    /** Counts; says the first failure and the last one allowed, which turns the module off. */
    public void failed(Throwable failure) {
        int count = failures.incrementAndGet();
        if (count == 1) {
            log.accept("module " + name + ": " + failure + " (the application is not affected; said once)");
        }
        if (count == FAILURES_ALLOWED) {
            off = true;
            log.accept("module " + name + " switched off after " + count + " failures");
        }
    }

    /** Turns it off because of the application's version of a library, and says so once. */
    public void unfit(String reason) {
        failures.incrementAndGet();
        if (!off) {
            off = true;
            log.accept("module " + name + " switched off: " + reason);
        }
    }
}
