package dev.scepsy.planner.serve.web;

import com.linecorp.armeria.common.HttpHeaderNames;
import com.linecorp.armeria.common.HttpResponse;
import com.linecorp.armeria.common.HttpResponseWriter;
import com.linecorp.armeria.common.RequestHeaders;
import com.linecorp.armeria.common.ResponseHeaders;
import com.linecorp.armeria.server.ServiceRequestContext;
import dev.scepsy.planner.serve.journal.Documents;
import dev.scepsy.planner.serve.journal.Journal;
import dev.scepsy.planner.serve.journal.ServiceEvent;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/** {@code /api/v1/events}: server-sent events of what the journal has written, to all who read them. Thread-safe. */
final class EventStreams implements AutoCloseable {

    private final Journal journal;
    private final WebLimits limits;
    private final Executor workers;
    private final Set<EventStream> open = ConcurrentHashMap.newKeySet();
    private final AtomicInteger taken = new AtomicInteger();
    private final AutoCloseable listening;

    /** @param workers look up what happened, and whether who reads still may */
    EventStreams(Journal journal, WebLimits limits, Executor workers) {
        this.journal = journal;
        this.limits = limits;
        this.workers = workers;
        this.listening = journal.listen(this::tell);
    }

    /** On the writer's thread: its text is made once for all. */
    private void tell(ServiceEvent event) {
        if (!open.isEmpty()) {
            String text = EventStream.text(event);
            open.forEach(stream -> stream.happened(event.id(), text));
        }
    }

    /** Something that nobody needs to be told of later, such as that statistics have grown. */
    void passing(String type, Object data) {
        if (!open.isEmpty()) {
            String text = "event: " + type + "\ndata: " + Documents.text(data) + "\n\n";
            open.forEach(stream -> stream.passing(text));
        }
    }

    /** @throws Refusal 400 or 503 */
    static long lastIn(RequestHeaders headers) {
        String last = headers.get("last-event-id");
        if (last == null || last.isEmpty()) {
            return -1;
        }
        if (!last.matches("[0-9]{1,18}")) {
            throw Refusal.bad(List.of("The Last-Event-ID (" + Query.shortened(last)
                    + ") must be the id of an event of this stream: a whole number."));
        }
        return Long.parseLong(last);
    }

    /** Not on an event loop: reads the journal. */
    HttpResponse stream(ServiceRequestContext context, Caller caller, long after) {
        if (taken.incrementAndGet() > limits.eventStreams()) {
            taken.decrementAndGet();
            throw Refusal.later("As many as " + limits.eventStreams() + " streams of events are open already.");
        }
        context.clearRequestTimeout();
        HttpResponseWriter out = HttpResponse.streaming();
        EventStream stream = new EventStream(out, limits.waitingEvents());
        open.add(stream);
        out.whenComplete().whenComplete((done, failure) -> {
            open.remove(stream);
            taken.decrementAndGet();
        });
        try {
            List<ServiceEvent> past = after < 0 ? List.of() : journal.eventsAfter(after);
            out.write(ResponseHeaders.builder(200)
                    .add(Headers.ofApi())
                    .set(HttpHeaderNames.CONTENT_TYPE, "text/event-stream")
                    .set("x-accel-buffering", "no")
                    .build());
            stream.begin(past, after);
        } catch (RuntimeException e) {
            out.abort();
            // nobody subscribes to a response that is not given out
            open.remove(stream);
            throw e;
        }
        var beating = context.eventLoop()
                .withoutContext()
                .scheduleAtFixedRate(
                        () -> beat(stream, caller),
                        limits.heartbeat().toMillis(),
                        limits.heartbeat().toMillis(),
                        TimeUnit.MILLISECONDS);
        out.whenComplete().whenComplete((done, failure) -> beating.cancel(false));
        return out;
    }

    private void beat(EventStream stream, Caller caller) {
        stream.heartbeat();
        try {
            workers.execute(() -> {
                if (!caller.stays().getAsBoolean()) {
                    stream.end();
                }
            });
        } catch (RejectedExecutionException full) {
            // asked again at the next beat
        }
    }

    /** How many read. */
    int size() {
        return open.size();
    }

    @Override
    public void close() {
        try {
            listening.close();
        } catch (Exception e) {
            throw new IllegalStateException("The journal still tells of events.", e);
        }
        open.forEach(EventStream::end);
    }
}
