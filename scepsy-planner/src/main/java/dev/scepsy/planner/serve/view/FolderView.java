package dev.scepsy.planner.serve.view;

import dev.scepsy.planner.file.Problem;
import dev.scepsy.planner.otlp.TraceSource;
import dev.scepsy.planner.serve.log.ServiceLog;
import dev.scepsy.planner.serve.observe.RecordedObservations;
import dev.scepsy.planner.serve.settings.ServeSettings;
import dev.scepsy.planner.serve.settings.ServiceTime;
import dev.scepsy.planner.serve.web.NotShownException;
import dev.scepsy.planner.serve.web.WebServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;

/**
 * The planner's page over a folder, read-only, on loopback. The folder's files are read when it opens, its traces on a thread of their own
 * while the page is served already: until then what needs them is answered 503. Close it to end it.
 */
public final class FolderView implements AutoCloseable {

    /** Executions kept with their spans, per workflow, as the service keeps them. */
    private static final int EXECUTIONS_KEPT = 200;

    private static final int REQUIRED_EXECUTIONS = 30;
    private static final Duration LONGEST_WINDOW = Duration.ofDays(3650);

    private final WebServer web;
    private final Thread reading;

    private FolderView(WebServer web, Thread reading) {
        this.web = web;
        this.reading = reading;
    }

    /** The folder cannot be shown: everything that is wrong with it. */
    public static final class UnusableException extends Exception {
        private static final long serialVersionUID = 1;

        private final transient List<Problem> problems;

        UnusableException(List<Problem> problems) {
            super(problems.get(0).toString());
            this.problems = List.copyOf(problems);
        }

        public List<Problem> problems() {
            return problems;
        }
    }

    /**
     * Reads the folder's files and starts to listen.
     *
     * @param port of 127.0.0.1; 0 takes any free one
     * @param told how reading the traces goes, sentences, on the thread that reads
     * @throws UnusableException if there is no such folder, nothing in it to show, or a file in it that is malformed or of another version
     * @throws IOException if the port cannot be listened on, naming it
     */
    public static FolderView open(Path path, int port, ServiceLog log, Consumer<String> told)
            throws UnusableException, IOException {
        Folder folder = Folder.read(path);
        List<Problem> problems = new ArrayList<>(folder.problems());
        FolderJournal journal = FolderJournal.of(folder, problems);
        if (!problems.isEmpty()) {
            throw new UnusableException(problems);
        }
        FolderObservations observations = new FolderObservations(folder);
        WebServer web = WebServer.readOnly(
                settings(path, port),
                new WebServer.Shown(
                        observations,
                        observations,
                        new FolderOperations(folder, journal, observations),
                        journal,
                        () -> {
                            throw NotShownException.missing("not in this folder: metrics");
                        }),
                ServiceTime.WALL,
                log);
        Thread reading = new Thread(() -> read(folder, observations, told), "scepsy-view-traces");
        reading.setDaemon(true);
        reading.start();
        return new FolderView(web, reading);
    }

    private static void read(Folder folder, FolderObservations observations, Consumer<String> told) {
        if (folder.traces().isEmpty()) {
            return;
        }
        List<TraceSource> sources = folder.traces();
        told.accept("Reading " + (sources.size() == 1 ? "one file" : sources.size() + " files") + " of traces, "
                + size(sources) + ".");
        try {
            RecordedObservations.Read read = RecordedObservations.read(sources, EXECUTIONS_KEPT, REQUIRED_EXECUTIONS);
            observations.read(read.observations());
            told.accept("Read " + read.spans() + " spans"
                    + (read.malformed() == 0 ? "." : "; " + read.malformed() + " malformed lines were passed over."));
        } catch (IOException | UncheckedIOException e) {
            String sentence = "The traces cannot be read: " + e.getMessage();
            observations.failed(sentence);
            told.accept(sentence);
        } catch (RuntimeException | OutOfMemoryError e) {
            observations.failed("The traces cannot be shown: " + e);
            told.accept("The traces cannot be shown: " + e);
        }
    }

    private static String size(List<TraceSource> sources) {
        long bytes = 0;
        for (TraceSource source : sources) {
            try {
                bytes += source instanceof TraceSource.TraceFile file ? Files.size(file.path()) : 0;
            } catch (IOException gone) {
                // said when it is read
            }
        }
        return bytes < 1_000_000 ? (bytes + 999) / 1_000 + " kB" : bytes / 1_000_000 + " MB";
    }

    /** Of them only the address, the window and what is said of latencies are looked at. */
    private static ServeSettings settings(Path folder, int port) {
        InetSocketAddress address = new InetSocketAddress(InetAddress.getLoopbackAddress(), port);
        return new ServeSettings(
                new ServeSettings.Listen(address, address, address),
                List.of(),
                Optional.empty(),
                folder.resolve("models.yaml"),
                Optional.empty(),
                new ServeSettings.StoreSettings("none", Optional.empty()),
                new ServeSettings.StatisticsSettings(
                        LONGEST_WINDOW, REQUIRED_EXECUTIONS, Duration.ZERO, Duration.ZERO, 0, 1, "default"),
                EXECUTIONS_KEPT,
                new ServeSettings.EngineSettings(Duration.ofSeconds(5), List.of()),
                Map.of(),
                new ServeSettings.TargetDefaults(1, Duration.ofMinutes(5), 1),
                new ServeSettings.Replan(
                        ServeSettings.Mode.OBSERVE,
                        Set.of(),
                        0,
                        Duration.ZERO,
                        0,
                        0,
                        new ServeSettings.Verify(Duration.ofMinutes(10), 0, false),
                        List.of()),
                Optional.empty(),
                Optional.empty(),
                Optional.empty());
    }

    /** Where it listens. */
    public InetSocketAddress address() {
        return web.address();
    }

    /** Waits until the traces are read, or cannot be. */
    public void awaitTraces() throws InterruptedException {
        reading.join();
    }

    @Override
    public void close() {
        web.close();
    }
}
