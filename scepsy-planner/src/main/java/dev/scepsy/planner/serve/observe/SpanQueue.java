package dev.scepsy.planner.serve.observe;

import dev.scepsy.planner.span.Span;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/** Spans between receiving and folding: whole requests, bounded by their spans. Thread-safe. */
final class SpanQueue {

    private final long mostSpans;
    private final AtomicLong spans = new AtomicLong();
    private final LinkedBlockingQueue<List<Span>> requests = new LinkedBlockingQueue<>();

    SpanQueue(long mostSpans) {
        this.mostSpans = mostSpans;
    }

    /** Whether nothing would find room. */
    boolean isFull() {
        return spans.get() >= mostSpans;
    }

    /** Takes all of it or nothing; one request fits an empty queue however large it is. */
    boolean offer(List<Span> request) {
        long held = spans.getAndAdd(request.size());
        if (held > 0 && held + request.size() > mostSpans) {
            spans.addAndGet(-request.size());
            return false;
        }
        requests.add(request);
        return true;
    }

    /** The next request; null where none comes in time. Its room is free once {@link #done} is told. */
    @Nullable
    List<Span> poll(Duration wait) throws InterruptedException {
        return requests.poll(wait.toNanos(), TimeUnit.NANOSECONDS);
    }

    /** That request has been folded. */
    void done(List<Span> request) {
        spans.addAndGet(-request.size());
    }

    boolean isEmpty() {
        return spans.get() == 0;
    }
}
