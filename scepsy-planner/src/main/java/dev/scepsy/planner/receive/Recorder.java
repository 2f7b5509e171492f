package dev.scepsy.planner.receive;

import dev.scepsy.planner.otlp.MalformedOtlpException;
import dev.scepsy.planner.otlp.OtlpDecoder;
import dev.scepsy.planner.otlp.Seen;
import dev.scepsy.planner.receive.Notices.Kind;
import dev.scepsy.planner.span.Span;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Writes traces to a file and passes every request on. Traces are acknowledged after they were written; metrics and logs are
 * only passed on. What the disk does not take now the sender is asked to send again. Thread-safe.
 */
public final class Recorder implements Intake {

    private static final Duration DISK_PAUSE = Duration.ofSeconds(5);

    /** Services told apart; beyond, they are counted together as "others". */
    private static final int MOST_SERVICES = 1000;

    private final TraceFile file;
    private final List<Forwarder> forwarders;
    private final Notices notices;
    private final ThreadLocal<OtlpDecoder> decoder = ThreadLocal.withInitial(OtlpDecoder::new);
    private final Seen seen = new Seen();
    private final Map<String, Service> services = new TreeMap<>();

    /**
     * Spans of one service.
     *
     * @param spans its spans
     * @param calls those of them that are model calls
     */
    public record Service(long spans, long calls) {
        private Service plus(Service other) {
            return new Service(spans + other.spans, calls + other.calls);
        }
    }

    /** A recorder; file and forwarders are the caller's to close. */
    public Recorder(TraceFile file, List<Forwarder> forwarders, Notices notices) {
        this.file = file;
        this.forwarders = List.copyOf(forwarders);
        this.notices = notices;
    }

    @Override
    public Outcome take(ReceivedRequest request) {
        if (request.signal() == Signal.TRACES) {
            OtlpDecoder ownDecoder = decoder.get();
            List<Span> spans = new ArrayList<>();
            Seen ofRequest;
            byte[] line;
            try {
                line = ownDecoder.decode(request.message(), request.form(), spans::add);
                ofRequest = ownDecoder.takeSeen();
            } catch (MalformedOtlpException e) {
                var unused = ownDecoder.takeSeen();
                return new Outcome.Refused(String.valueOf(e.getMessage()));
            }
            if (!spans.isEmpty()) {
                try {
                    file.write(line);
                } catch (IOException e) {
                    cannotWrite(e);
                    return new Outcome.TryLater(DISK_PAUSE, "the recording cannot be written now");
                }
                notices.over(Kind.DISK, file.path() + " can be written again.");
                count(ofRequest, spans);
            }
        }
        forwarders.forEach(forwarder -> forwarder.pass(request));
        return Outcome.ACCEPTED;
    }

    /** Writes what the file still holds back; to be called every second or so. */
    public void flush() {
        try {
            file.flush();
        } catch (IOException e) {
            cannotWrite(e);
        }
    }

    private void cannotWrite(IOException e) {
        notices.once(
                Kind.DISK,
                file.path() + " cannot be written: " + e.getMessage() + ". Senders are asked to come again.");
    }

    private void count(Seen ofRequest, List<Span> spans) {
        synchronized (seen) {
            seen.add(ofRequest);
            for (Span span : spans) {
                String service = span.origin().service();
                String name = service == null ? "(no service.name)" : service;
                String kept = services.size() < MOST_SERVICES || services.containsKey(name) ? name : "(others)";
                services.merge(kept, new Service(1, span.isModelCall() ? 1 : 0), Service::plus);
            }
        }
    }

    /** What the spans written so far look like. */
    public Seen seen() {
        synchronized (seen) {
            Seen copy = new Seen();
            copy.add(seen);
            return copy;
        }
    }

    /** Spans written so far, by service, in the order of names. */
    public Map<String, Service> services() {
        synchronized (seen) {
            return new TreeMap<>(services);
        }
    }

    /** Spans written so far. */
    public long spans() {
        synchronized (seen) {
            return seen.spans();
        }
    }
}
