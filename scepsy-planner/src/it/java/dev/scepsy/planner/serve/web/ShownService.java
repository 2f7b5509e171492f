package dev.scepsy.planner.serve.web;

import dev.scepsy.planner.serve.journal.Change;
import dev.scepsy.planner.serve.log.ServiceLog;
import dev.scepsy.planner.serve.settings.Actor;
import dev.scepsy.planner.serve.settings.ServiceTime;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicReference;

/** The real web room over {@link MadeUp}, at the time that a test says it is. */
final class ShownService implements AutoCloseable {

    final MemoryJournal journal = new MemoryJournal();
    final MadeUp made;
    final MadeUpOperations operations;
    final Map<String, Actor> tokens = new ConcurrentHashMap<>(Running.TOKENS);
    final AtomicReference<Instant> now = new AtomicReference<>(MadeUp.NOW);
    private final ByteArrayOutputStream logged = new ByteArrayOutputStream();
    private final WebServer server;

    private ShownService(MadeUp made, boolean access) throws IOException {
        this.made = made;
        this.operations = new MadeUpOperations(made, journal);
        ServiceTime time = new ServiceTime() {
            @Override
            public Instant instant() {
                return now.get();
            }

            @Override
            public Duration real(Duration serviceTime) {
                return serviceTime;
            }
        };
        server = WebServer.start(
                Running.settings(access, InetAddress.getLoopbackAddress()),
                access ? Optional.of(token -> Optional.ofNullable(tokens.get(token))) : Optional.empty(),
                Optional.empty(),
                new WebServer.Shown(made, made, operations, journal, () -> "scepsy_up 1\n"),
                time,
                new ServiceLog(new PrintStream(logged, true, StandardCharsets.UTF_8), false, Instant::now));
    }

    static ShownService open(MadeUp made) throws IOException {
        return new ShownService(made, false);
    }

    /** With the tokens of {@link Running}. */
    static ShownService guarded(MadeUp made) throws IOException {
        return new ShownService(made, true);
    }

    String url() {
        return "http://127.0.0.1:" + server.address().getPort() + "/";
    }

    void event(String type, Object data) {
        Change change = new Change();
        change.event(MadeUp.NOW, type, data);
        journal.write(change);
    }

    String log() {
        return logged.toString(StandardCharsets.UTF_8);
    }

    @Override
    public void close() {
        server.close();
    }
}
