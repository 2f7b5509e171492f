package dev.scepsy.javaagent.trace;

import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;

/**
 * A group of hooks of one copy of LangChain4j, with one switch: {@code scepsy.instrumentation.<name>.enabled=false} turns it off.
 * So does trouble that is not one class's: when its hooks have had to leave ten classes alone in a row, with no call that went
 * well in between. Other copies have modules of their own. Thread-safe.
 */
public final class Module {

    static final int CLASSES_LEFT_ALONE = 10;

    private final String name;
    private final Consumer<String> log;
    private final AtomicInteger failures = new AtomicInteger();
    private final AtomicInteger leftAlone = new AtomicInteger();
    private volatile boolean troubled;
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

    /** All that there ever were. */
    public int failures() {
        return failures.get();
    }

    /** Counts; says the first failure. */
    public void failed(Throwable failure) {
        if (failures.incrementAndGet() == 1) {
            log.accept("module " + name + ": " + said(failure) + " (the application is not affected; said once)");
        }
    }

    /** A class of the application is left alone from now on; too many of them turn the module off. */
    void leaves(String className, int afterFailures) {
        int count = leftAlone.incrementAndGet();
        troubled = true;
        if (count >= CLASSES_LEFT_ALONE) {
            if (!off) {
                off = true;
                log.accept("module " + name + " switched off after trouble with " + count + " classes in a row");
            }
        } else if (count == 1) {
            log.accept("module " + name + ": calls of " + className + " are not traced any more, after " + afterFailures
                    + " failures in a row (others are; said once)");
        }
    }

    /** A call went well. */
    void succeeded() {
        if (troubled) {
            troubled = false;
            leftAlone.set(0);
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

    /** An error of the application's may throw when it is asked what it says. */
    private static String said(Throwable failure) {
        try {
            return failure.toString();
        } catch (Throwable speechless) {
            return failure.getClass().getName();
        }
    }
}
