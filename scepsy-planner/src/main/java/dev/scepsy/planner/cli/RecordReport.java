package dev.scepsy.planner.cli;

import dev.scepsy.planner.file.Json;
import dev.scepsy.planner.otlp.Seen;
import dev.scepsy.planner.receive.Forwarder;
import dev.scepsy.planner.receive.ReceiverCounts;
import dev.scepsy.planner.receive.Recorder;
import dev.scepsy.planner.receive.Signal;
import java.io.PrintWriter;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/** What {@code record} says while it runs and when it ends. */
final class RecordReport {

    private final Path out;
    private final Recorder recorder;
    private final ReceiverCounts counts;
    private final List<Forwarder> forwarders;

    RecordReport(Path out, Recorder recorder, ReceiverCounts counts, List<Forwarder> forwarders) {
        this.out = out;
        this.recorder = recorder;
        this.counts = counts;
        this.forwarders = forwarders;
    }

    /** What exporters are to be told. */
    static String settings(InetSocketAddress http) {
        String endpoint = "http://" + shown(http);
        return "OTEL_EXPORTER_OTLP_ENDPOINT=" + endpoint + " OTEL_EXPORTER_OTLP_PROTOCOL=http/protobuf";
    }

    /** An address as people write it. */
    static String shown(InetSocketAddress address) {
        String host = address.getAddress().isAnyLocalAddress()
                ? "0.0.0.0"
                : address.getAddress().getHostAddress();
        return (host.contains(":") ? "[" + host + "]" : host) + ":" + address.getPort();
    }

    /** In a few words. */
    String now() {
        Seen seen = recorder.seen();
        Map<String, Recorder.Service> services = recorder.services();
        String who = services.isEmpty()
                ? ""
                : ", of "
                        + String.join(", ", services.keySet().stream().limit(4).toList());
        return counted(seen.spans(), "span") + ", " + counted(seen.calls(), "model call") + who
                + (services.size() > 4 ? " and " + (services.size() - 4) + " more" : "");
    }

    /** Requests of any signal that were taken. */
    long requests() {
        long requests = 0;
        for (Signal signal : Signal.values()) {
            requests += counts.accepted(signal);
        }
        return requests;
    }

    void print(PrintWriter to) {
        Seen seen = recorder.seen();
        if (seen.spans() == 0) {
            to.println("Recorded nothing.");
        } else {
            to.println("Recorded " + counted(seen.spans(), "span") + ", " + counted(seen.calls(), "model call")
                    + " among them, in " + out);
            Table table = new Table("lrr", "service", "spans", "model calls");
            recorder.services()
                    .forEach((name, service) ->
                            table.row(name, Long.toString(service.spans()), Long.toString(service.calls())));
            table.print(to);
        }
        to.println("Requests: " + counts.accepted(Signal.TRACES) + " of traces, " + counts.accepted(Signal.METRICS)
                + " of metrics, " + counts.accepted(Signal.LOGS) + " of logs" + troubles());
        for (Forwarder forwarder : forwarders) {
            to.println("Forwarded to " + forwarder.endpoint() + ": " + counted(forwarder.sent(), "request") + ", "
                    + forwarder.dropped() + " dropped");
        }
        if (seen.spans() > 0) {
            to.println("Next: scepsy shares " + out);
        }
        to.flush();
    }

    private String troubles() {
        StringBuilder text = new StringBuilder();
        trouble(text, counts.refused(), "refused");
        trouble(text, counts.tooLarge(), "too large");
        trouble(text, counts.deferred(), "put off");
        trouble(text, counts.stalled(), "cut off");
        return text.toString();
    }

    private static void trouble(StringBuilder text, long count, String what) {
        if (count > 0) {
            text.append(", ").append(count).append(' ').append(what);
        }
    }

    String json() {
        Seen seen = recorder.seen();
        return Json.object(object -> object.field("file", out.toString())
                .field("spans", seen.spans())
                .field("modelCalls", seen.calls())
                .objects(
                        "services",
                        recorder.services().entrySet(),
                        (item, service) -> item.field("name", service.getKey())
                                .field("spans", service.getValue().spans())
                                .field("modelCalls", service.getValue().calls()))
                .object(
                        "requests",
                        requests -> requests.field("traces", counts.accepted(Signal.TRACES))
                                .field("metrics", counts.accepted(Signal.METRICS))
                                .field("logs", counts.accepted(Signal.LOGS))
                                .field("refused", counts.refused())
                                .field("tooLarge", counts.tooLarge())
                                .field("putOff", counts.deferred())
                                .field("cutOff", counts.stalled()))
                .objects(
                        "forwarded",
                        forwarders,
                        (item, forwarder) -> item.field(
                                        "endpoint", forwarder.endpoint().toString())
                                .field("sent", forwarder.sent())
                                .field("dropped", forwarder.dropped())));
    }

    private static String counted(long count, String noun) {
        return count + " " + noun + (count == 1 ? "" : "s");
    }
}
