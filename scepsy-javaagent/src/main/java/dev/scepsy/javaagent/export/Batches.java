package dev.scepsy.javaagent.export;

import dev.scepsy.javaagent.host.Stderr;
import dev.scepsy.javaagent.setting.Settings;
import io.opentelemetry.sdk.common.CompletableResultCode;
import io.opentelemetry.sdk.trace.data.SpanData;
import io.opentelemetry.sdk.trace.export.SpanExporter;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Spans that wait for their receiver, and their way there in batches, one at a time. What waits is bounded in number ({@code
 * OTEL_BSP_MAX_QUEUE_SIZE}) and in bytes (a share of the heap); beyond the latter spans go without their content.
 *
 * <p>A quarter of the room is for traces of which something has been taken already: of a trace there is either all or nothing, as long
 * as one trace is not larger than that. What has no room is dropped, counted, and said once. Used by one thread, which has to call
 * {@link #step}.
 */
final class Batches {

    private static final double QUEUE = 2_048;
    private static final double BATCH = 512;
    private static final double DELAY_MILLIS = 5_000;
    private static final double TIMEOUT_MILLIS = 30_000;
    private static final long BATCH_BYTES = 4L << 20;
    private static final int TRACES = 16_384;

    private final SpanExporter exporter;
    private final int room;
    private final int batch;
    private final long delayNanos;
    private final long timeoutNanos;
    private final long byteRoom;
    private final Deque<FinishedSpan> waiting = new ArrayDeque<>();
    private long waitingBytes;
    private long oldestNanos;
    private @Nullable CompletableResultCode underWay;
    private long underWaySinceNanos;
    private volatile long dropped;

    /** Whether a trace of which not all has been seen goes to the receiver, by the second half of its id. */
    private final Map<Long, Boolean> taken = new LinkedHashMap<>(64, 0.75f, true) {
        @Override
        protected boolean removeEldestEntry(Map.Entry<Long, Boolean> eldest) {
            return size() > TRACES;
        }
    };

    /** @param byteRoom how many bytes may wait */
    Batches(SpanExporter exporter, Settings settings, long byteRoom) {
        this.exporter = exporter;
        this.room = (int) settings.number("otel.bsp.max.queue.size", 1, QUEUE);
        this.batch = Math.min(room, (int) settings.number("otel.bsp.max.export.batch.size", 1, BATCH));
        this.delayNanos =
                TimeUnit.MILLISECONDS.toNanos((long) settings.millis("otel.bsp.schedule.delay", DELAY_MILLIS));
        this.timeoutNanos =
                TimeUnit.MILLISECONDS.toNanos((long) settings.millis("otel.bsp.export.timeout", TIMEOUT_MILLIS));
        this.byteRoom = byteRoom;
    }

    /** A sixteenth of the heap, but no less than 1 MiB and no more than 64. */
    static long bytesThatMayWait() {
        return Math.max(1L << 20, Math.min(64L << 20, Runtime.getRuntime().maxMemory() / 16));
    }

    /** Those that found no room. */
    long dropped() {
        return dropped;
    }

    /** Whether a span with so many bytes may bring its content. */
    boolean hasRoomFor(long bytes) {
        if (waitingBytes + bytes <= byteRoom) {
            return true;
        }
        Stderr.once(
                "content left out",
                "content is left out of spans while more than " + Math.max(1, byteRoom >> 20)
                        + " MiB wait for a receiver that is too slow (the application is not affected; said once)");
        return false;
    }

    void add(FinishedSpan span) {
        if (!isTaken(span)) {
            dropped++;
            Stderr.once(
                    "dropped",
                    "spans are dropped: more than the " + room + " that may wait for the receiver have ended."
                            + " OTEL_BSP_MAX_QUEUE_SIZE sets how many may (statistics do not depend on it; said once)");
            return;
        }
        if (waiting.isEmpty()) {
            oldestNanos = System.nanoTime();
        }
        waiting.add(span);
        waitingBytes += span.bytes();
        if (waiting.size() >= batch) {
            step();
        }
    }

    private boolean isTaken(FinishedSpan span) {
        long trace = span.traceIdLow();
        Boolean known = taken.get(trace);
        boolean take = known == null
                ? waiting.size() < room - room / 4 && waitingBytes < byteRoom
                : known && waiting.size() < room;
        if (span.isRoot()) {
            taken.remove(trace);
        } else {
            taken.put(trace, take);
        }
        return take;
    }

    /** Sends what is due, when the receiver has answered the last batch. */
    void step() {
        CompletableResultCode last = underWay;
        if (last != null) {
            if (!last.isDone()) {
                if (System.nanoTime() - underWaySinceNanos > timeoutNanos) {
                    OtlpSender.abortAll();
                }
                return;
            }
            underWay = null;
        }
        if (waiting.size() >= batch
                || (!waiting.isEmpty() && System.nanoTime() - oldestNanos >= delayNanos)
                || waitingBytes >= BATCH_BYTES) {
            underWay = send();
        }
    }

    private CompletableResultCode send() {
        List<SpanData> spans = new ArrayList<>(Math.min(batch, waiting.size()));
        long bytes = 0;
        while (!waiting.isEmpty() && spans.size() < batch && (spans.isEmpty() || bytes < BATCH_BYTES)) {
            FinishedSpan next = waiting.poll();
            spans.add(next);
            bytes += next.bytes();
        }
        waitingBytes -= bytes;
        oldestNanos = System.nanoTime();
        underWaySinceNanos = oldestNanos;
        return exporter.export(spans);
    }

    /** Sends all that waits, and ends; done when the receiver has answered. */
    CompletableResultCode close() {
        List<CompletableResultCode> last = new ArrayList<>();
        if (underWay != null) {
            last.add(underWay);
        }
        while (!waiting.isEmpty()) {
            last.add(send());
        }
        last.add(exporter.shutdown());
        return CompletableResultCode.ofAll(last);
    }
}
