package dev.scepsy.planner.serve.web;

import com.linecorp.armeria.common.HttpData;
import com.linecorp.armeria.common.HttpResponseWriter;
import dev.scepsy.planner.serve.journal.Documents;
import dev.scepsy.planner.serve.journal.ServiceEvent;
import java.util.ArrayDeque;
import java.util.List;

/**
 * One reader of events. A few are under way to it at a time; the others wait, and a reader that lets too many wait, or takes
 * nothing between two heartbeats, is cut off: it comes again with {@code Last-Event-ID}. Thread-safe; never blocks.
 */
final class EventStream {

    /** What happened while the past was looked up. */
    private record Early(long id, String text) {}

    private final HttpResponseWriter out;
    private final int mostWaiting;
    private final ArrayDeque<String> waiting = new ArrayDeque<>();
    private final ArrayDeque<Early> early = new ArrayDeque<>();
    private boolean live;
    private long last;
    private int underWay;
    private boolean moved = true;
    private boolean pumping;

    EventStream(HttpResponseWriter out, int mostWaiting) {
        this.out = out;
        this.mostWaiting = mostWaiting;
    }

    boolean isOpen() {
        return out.isOpen();
    }

    /** Something happened just now. */
    synchronized void happened(long id, String text) {
        if (!live) {
            early.add(new Early(id, text));
            if (early.size() > mostWaiting) {
                cut();
            }
        } else if (id > last) {
            last = id;
            add(text);
        }
    }

    /** Something that passes: it has no number, and a reader who lags or has not begun does without. */
    synchronized void passing(String text) {
        if (live && waiting.isEmpty()) {
            add(text);
        }
    }

    /**
     * Begins: what happened before, and then what happened while that was looked up.
     *
     * @param after id of the last event the reader has; negative: it wants none of the past
     */
    synchronized void begin(List<ServiceEvent> past, long after) {
        add("retry: 3000\n\n");
        if (after >= 0 && !past.isEmpty() && past.get(0).id() > after + 1) {
            add("event: gap\ndata: "
                    + Documents.mapper()
                            .createObjectNode()
                            .put("after", after)
                            .put("next", past.get(0).id())
                    + "\n\n");
        }
        for (ServiceEvent event : past) {
            last = event.id();
            add(text(event));
        }
        live = true;
        early.forEach(event -> happened(event.id(), event.text()));
        early.clear();
    }

    /** A comment that keeps the connection, or the end of one that nobody reads. */
    synchronized void heartbeat() {
        if (underWay > 0 && !moved) {
            cut();
            return;
        }
        moved = false;
        if (underWay == 0) {
            add(": alive\n\n");
        }
    }

    synchronized void end() {
        waiting.clear();
        out.close();
    }

    private void add(String text) {
        if (waiting.size() >= mostWaiting) {
            cut();
            return;
        }
        waiting.add(text);
        pump();
    }

    /** What is written may be taken at once, inside this method: then the loop goes on, and not a new one in it. */
    private void pump() {
        if (pumping) {
            return;
        }
        pumping = true;
        try {
            while (underWay < WebLimits.MOST_EVENTS_UNDER_WAY && !waiting.isEmpty() && out.isOpen()) {
                underWay++;
                if (!out.tryWrite(HttpData.ofUtf8(waiting.remove()))) {
                    return;
                }
                out.whenConsumed().whenComplete((done, failure) -> taken());
            }
        } finally {
            pumping = false;
        }
    }

    private synchronized void taken() {
        underWay--;
        moved = true;
        pump();
    }

    private void cut() {
        waiting.clear();
        early.clear();
        out.abort();
    }

    /** As it is sent. */
    static String text(ServiceEvent event) {
        return "id: " + event.id() + "\nevent: " + event.type().replaceAll("[\\r\\n]", " ") + "\ndata: "
                + Documents.text(event) + "\n\n";
    }
}
