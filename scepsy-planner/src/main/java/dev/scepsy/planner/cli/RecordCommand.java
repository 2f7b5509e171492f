package dev.scepsy.planner.cli;

import dev.scepsy.planner.file.Problem;
import dev.scepsy.planner.otlp.Seen;
import dev.scepsy.planner.receive.Forwarder;
import dev.scepsy.planner.receive.Notices;
import dev.scepsy.planner.receive.OtlpServer;
import dev.scepsy.planner.receive.ReceiverLimits;
import dev.scepsy.planner.receive.Recorder;
import dev.scepsy.planner.receive.TraceFile;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code scepsy record}: receives OTLP and writes it to a file. */
@Command(
        name = "record",
        description =
                "Receives traces over OTLP, gRPC and HTTP, from applications in any language and from engines, and"
                        + " writes them to a file that the other verbs read.",
        footer = {
            "",
            "  scepsy record --out traces.jsonl &",
            "  export OTEL_EXPORTER_OTLP_ENDPOINT=http://127.0.0.1:4318",
            "  export OTEL_EXPORTER_OTLP_PROTOCOL=http/protobuf",
            "  python app.py",
            "  kill %%1 && scepsy shares traces.jsonl",
            "",
            "4317 and 4318 are also Jaeger's ports. Beside one, move it to 14317 and 14318 and pass all on to it:",
            "  scepsy record --out traces.jsonl --forward http://127.0.0.1:14318",
            "",
            "Stops at Ctrl-C, SIGTERM, --for or --spans; every acknowledged span is in the file then. Exit codes: 0"
                    + " stopped by --for or --spans, 2 no span came, 130 or 143 stopped by a signal."
        })
final class RecordCommand implements Callable<Integer> {

    private static final long FORWARD_BYTES = 64L << 20;
    private static final Duration HINT_AFTER = Duration.ofSeconds(30);
    private static final long TICK_MILLIS = 200;
    private static final int SHUTDOWN_SECONDS = 20;

    @Mixin
    private RecordOptions options = new RecordOptions();

    @Mixin
    private Terminal terminal;

    RecordCommand(Terminal terminal) {
        this.terminal = terminal;
    }

    RecordCommand() {
        this(new Terminal());
    }

    @Override
    public Integer call() throws IOException, InterruptedException {
        List<Problem> problems = new ArrayList<>();
        RecordOptions.Checked checked = options.check(problems);
        if (!problems.isEmpty()) {
            return terminal.badInput(problems);
        }
        // both end with the process; the file after all that writes into it
        Notices notices = new Notices(this::say);
        try (EndOnSignal signal = new EndOnSignal("scepsy-record-stop", SHUTDOWN_SECONDS);
                TraceFile file = open(checked)) {
            return record(checked, file, notices, signal);
        } catch (OtlpServer.AddressException e) {
            return terminal.badInput(unusable(e));
        } catch (IOException e) {
            return terminal.badInput(String.valueOf(e.getMessage()));
        }
    }

    private TraceFile open(RecordOptions.Checked checked) throws IOException {
        try {
            return new TraceFile(options.out, checked.gzip(), checked.rotation(), InstantSource.system());
        } catch (java.nio.file.FileSystemException e) {
            String reason = e.getReason() == null ? e.getClass().getSimpleName() : e.getReason();
            throw new IOException(e.getFile() + ": The file cannot be written (" + reason + ").", e);
        }
    }

    private int record(RecordOptions.Checked checked, TraceFile file, Notices notices, EndOnSignal signal)
            throws IOException, InterruptedException {
        List<Forwarder> forwarders = new ArrayList<>();
        checked.endpoints()
                .forEach(endpoint -> forwarders.add(new Forwarder(
                        endpoint,
                        forwardBytes(checked.endpoints().size()),
                        Forwarder.Patience.ofOtlp(),
                        new Notices(this::say))));
        Recorder recorder = new Recorder(file, forwarders, notices);
        OtlpServer server = OtlpServer.start(checked.addresses(), recorder, ReceiverLimits.defaults(), notices);
        RecordReport report = new RecordReport(options.out, recorder, server.counts(), forwarders);
        boolean planned;
        try {
            sayWhere(server.addresses(), file);
            planned = watch(checked, server, recorder, report, signal);
        } finally {
            server.close();
            Forwarder.startClosing(forwarders);
            forwarders.forEach(Forwarder::close);
            file.close();
        }
        if (terminal.json()) {
            terminal.out().print(report.json());
            terminal.out().flush();
        } else {
            report.print(terminal.out());
        }
        if (planned && recorder.spans() == 0) {
            say("No span was received. " + RecordReport.settings(http(server.addresses())));
            return ExitCode.BAD_INPUT;
        }
        return ExitCode.DONE;
    }

    /** For each of several, all of which together take an eighth of the heap at most. */
    private static long forwardBytes(int endpoints) {
        return Math.min(FORWARD_BYTES, Runtime.getRuntime().maxMemory() / 8 / Math.max(1, endpoints));
    }

    private void sayWhere(List<InetSocketAddress> addresses, TraceFile file) {
        if (file.tailMended()) {
            say("warning: " + options.out
                    + " ended in half a line, of a machine that went down. It stays, on a line of its own.");
        }
        for (InetSocketAddress address : addresses) {
            if (!address.getAddress().isLoopbackAddress()) {
                say("warning: " + RecordReport.shown(address)
                        + " is open to other machines, and whoever reaches it can write into the recording.");
            }
        }
        say("Receiving OTLP, gRPC and HTTP, on "
                + String.join(
                        " and ", addresses.stream().map(RecordReport::shown).toList())
                + "; writing " + options.out);
    }

    /** Until it is time to end; true if that was by a limit given, not by a signal. */
    private boolean watch(
            RecordOptions.Checked checked,
            OtlpServer server,
            Recorder recorder,
            RecordReport report,
            EndOnSignal signal)
            throws InterruptedException {
        long start = System.nanoTime();
        long firstSpan = 0;
        boolean nothingTold = false;
        boolean noCallsTold = false;
        long flushed = start;
        try (Progress progress = terminal.progress("nothing received yet")) {
            while (!signal.await(TICK_MILLIS)) {
                long now = System.nanoTime();
                long spans = recorder.spans();
                if (now - flushed > TimeUnit.SECONDS.toNanos(1)) {
                    recorder.flush();
                    flushed = now;
                    progress.now(spans == 0 ? "nothing received yet" : report.now());
                }
                if (spans > 0 && firstSpan == 0) {
                    firstSpan = now;
                    say("First spans: " + report.now());
                }
                if (!nothingTold && report.requests() == 0 && now - start > HINT_AFTER.toNanos()) {
                    nothingTold = true;
                    say("Nothing received yet. Start the application with "
                            + RecordReport.settings(http(server.addresses()))
                            + " (or its gRPC to the same port), and see docs/guide/any-framework.md.");
                }
                if (!noCallsTold && firstSpan != 0 && now - firstSpan > HINT_AFTER.toNanos()) {
                    noCallsTold = true;
                    Seen seen = recorder.seen();
                    if (seen.calls() == 0) {
                        say(seen.spans() + " spans, and no model call among them. " + Advice.onNoCalls(seen) + ".");
                    }
                }
                boolean late = checked.stopAfter().isPresent()
                        && now - start >= checked.stopAfter().get().toNanos();
                boolean full = checked.stopAtSpans().isPresent()
                        && spans >= checked.stopAtSpans().getAsLong();
                if (late || full) {
                    return true;
                }
            }
        }
        return false;
    }

    /** The last of them: what exporters' HTTP is pointed at. */
    private static InetSocketAddress http(List<InetSocketAddress> addresses) {
        return addresses.get(addresses.size() - 1);
    }

    private static String unusable(OtlpServer.AddressException failure) {
        String address = RecordReport.shown(failure.address());
        int port = failure.address().getPort();
        String others = port == 4317 || port == 4318 ? ", as it is by Jaeger or a collector," : "";
        String where = port == 4318 ? "--http" : "--grpc";
        return address + " cannot be listened on (" + failure.getMessage() + "): if it is in use" + others
                + " stop that, or move it and pass all on to it (--forward http://HOST:PORT), or listen elsewhere ("
                + where
                + " 127.0.0.1:" + (port + 10_000) % 65_536 + ").";
    }

    private synchronized void say(String sentence) {
        terminal.err().println(sentence);
        terminal.err().flush();
    }
}
