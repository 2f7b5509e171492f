package dev.scepsy.javaagent.trace;

/** A span of another OpenTelemetry SDK that stands for one operation: its ids are the operation's ids. */
public interface Companion {

    long traceIdHigh();

    long traceIdLow();

    long spanId();

    boolean sampled();

    /** Makes it current for that SDK on this thread; closed on the same thread, in reverse order. */
    AutoCloseable makeCurrent();

    /** Adds the ended operation to that SDK's metrics; called on the agent's own thread. */
    void measure(Operation ended);

    /** Describes and ends it as the operation ended. */
    void end(Operation ended);
}
