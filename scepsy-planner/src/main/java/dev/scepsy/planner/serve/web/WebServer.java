package dev.scepsy.planner.serve.web;

import com.linecorp.armeria.common.AggregatedHttpResponse;
import com.linecorp.armeria.common.HttpData;
import com.linecorp.armeria.common.HttpResponse;
import com.linecorp.armeria.common.HttpStatus;
import com.linecorp.armeria.common.RequestHeaders;
import com.linecorp.armeria.common.SessionProtocol;
import com.linecorp.armeria.common.TlsProvider;
import com.linecorp.armeria.server.RequestTimeoutException;
import com.linecorp.armeria.server.Server;
import com.linecorp.armeria.server.ServerBuilder;
import com.linecorp.armeria.server.ServerErrorHandler;
import com.linecorp.armeria.server.ServerPort;
import com.linecorp.armeria.server.ServiceConfig;
import com.linecorp.armeria.server.ServiceRequestContext;
import dev.scepsy.planner.receive.EventLoops;
import dev.scepsy.planner.receive.NoMeters;
import dev.scepsy.planner.serve.engines.EngineLoads;
import dev.scepsy.planner.serve.journal.Store;
import dev.scepsy.planner.serve.log.ServiceLog;
import dev.scepsy.planner.serve.loop.Operations;
import dev.scepsy.planner.serve.observe.Observations;
import dev.scepsy.planner.serve.settings.Actor;
import dev.scepsy.planner.serve.settings.Role;
import dev.scepsy.planner.serve.settings.ServeSettings;
import dev.scepsy.planner.serve.settings.ServiceTime;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Listens for people and programs: the API, its events, the page, health and metrics, as {@code openapi.json} describes them. Thread-safe. */
public final class WebServer implements AutoCloseable {

    private static final Actor FILES = new Actor("files", Role.VIEWER);
    private static final int READERS = 4;
    private static final int DECIDERS = 8;
    private static final int STREAMS_PER_CONNECTION = 128;
    private static final int IDLE_BODIES = 3;
    private static final Duration GRACE = Duration.ofSeconds(5);
    private static final Duration DRAIN = Duration.ofMillis(100);

    /**
     * What it shows and what it lets people do.
     *
     * @param metrics Prometheus text
     */
    public record Shown(
            Observations observations,
            EngineLoads loads,
            Operations operations,
            Store store,
            Supplier<String> metrics) {}

    private final Server server;
    private final EventStreams events;
    private final Growth growth;
    private final ThreadPoolExecutor reads;
    private final ThreadPoolExecutor decides;
    private final List<Route> routes;

    private WebServer(
            Server server,
            EventStreams events,
            Growth growth,
            ThreadPoolExecutor reads,
            ThreadPoolExecutor decides,
            List<Route> routes) {
        this.server = server;
        this.events = events;
        this.growth = growth;
        this.reads = reads;
        this.decides = decides;
        this.routes = routes;
    }

    /**
     * Starts to listen at {@code settings.listen().web()}.
     *
     * @param guard who has which token; must be there if, and only if, {@code settings.access()} is
     * @param tls certificates to listen with; empty: without TLS. It is not closed here
     * @throws IOException if the address is in use or not this machine's, naming it
     * @throws IllegalArgumentException if {@code guard} does not match the settings, or all would be let in from other machines
     */
    public static WebServer start(
            ServeSettings settings,
            Optional<Guard> guard,
            Optional<TlsProvider> tls,
            Shown shown,
            ServiceTime time,
            ServiceLog log)
            throws IOException {
        return start(settings, guard, tls, shown, time, log, WebLimits.defaults());
    }

    static WebServer start(
            ServeSettings settings,
            Optional<Guard> guard,
            Optional<TlsProvider> tls,
            Shown shown,
            ServiceTime time,
            ServiceLog log,
            WebLimits limits)
            throws IOException {
        return start(settings, guard, tls, shown, time, log, limits, false);
    }

    /**
     * Shows what nobody can change, on a loopback address, to all on this machine: of the addresses those that read, without events. What
     * {@code shown} does not have it says by {@link NotShownException}.
     *
     * @throws IOException if the address is in use or not this machine's, naming it
     * @throws IllegalArgumentException if it is not a loopback address
     */
    public static WebServer readOnly(ServeSettings settings, Shown shown, ServiceTime time, ServiceLog log)
            throws IOException {
        return start(settings, Optional.empty(), Optional.empty(), shown, time, log, WebLimits.defaults(), true);
    }

    private static WebServer start(
            ServeSettings settings,
            Optional<Guard> guard,
            Optional<TlsProvider> tls,
            Shown shown,
            ServiceTime time,
            ServiceLog log,
            WebLimits limits,
            boolean readOnly)
            throws IOException {
        InetSocketAddress address = settings.listen().web();
        if (guard.isPresent() != settings.access().isPresent()) {
            throw new IllegalArgumentException("A guard is needed where access rules are, and only there.");
        }
        if (guard.isEmpty() && !address.getAddress().isLoopbackAddress()) {
            throw new IllegalArgumentException(
                    "Without access rules only a loopback address may be listened on, not " + address + ".");
        }
        ThreadPoolExecutor reads = workers(READERS, WebLimits.MOST_WAITING_READS, "scepsy-web-read");
        ThreadPoolExecutor decides = workers(DECIDERS, WebLimits.MOST_WAITING_DECISIONS, "scepsy-web-decide");
        EventStreams events = new EventStreams(shown.store().journal(), limits, reads);
        Growth growth = Growth.watch(shown.observations(), events, time, log);
        Doorkeeper doorkeeper = new Doorkeeper(
                guard,
                settings.access().map(ServeSettings.Access::hosts).orElse(List.of()),
                time,
                log,
                readOnly ? FILES : Actor.LOCAL);
        List<Route> all = Addresses.of(
                new Health(shown.store(), shown.observations(), shown.operations()),
                new Readings(
                        settings,
                        shown.observations(),
                        shown.loads(),
                        shown.operations(),
                        shown.store().journal()),
                new Decisions(shown.operations(), time),
                new SessionAddresses(doorkeeper, guard, readOnly),
                new StaticFiles(),
                shown.metrics());
        List<Route> routes = all.stream()
                .filter(route -> !readOnly || !route.template().equals(Addresses.EVENTS))
                .toList();
        WebService service = new WebService(new WebService.Parts(
                new Router(routes, readOnly),
                doorkeeper,
                new Keys(shown.store().journal(), time, log),
                events,
                limits,
                reads,
                decides,
                log));
        Server server = build(address, tls, limits, service);
        WebServer started = new WebServer(server, events, growth, reads, decides, routes);
        try {
            server.start().join();
        } catch (CompletionException e) {
            started.close();
            Throwable cause = e.getCause() != null ? e.getCause() : e;
            throw new IOException(
                    "listen.web: " + address.getHostString() + ":" + address.getPort() + " cannot be listened on: "
                            + cause.getMessage(),
                    cause);
        }
        return started;
    }

    private static Server build(
            InetSocketAddress address, Optional<TlsProvider> tls, WebLimits limits, WebService service) {
        ServerBuilder builder = Server.builder()
                .port(new ServerPort(address, tls.isPresent() ? SessionProtocol.HTTPS : SessionProtocol.HTTP))
                .bossGroupFactory(any -> new EventLoops(1, "scepsy-web-accept"))
                .workerGroup(new EventLoops(2, "scepsy-web-loop"), true)
                .maxRequestLength(0)
                .requestTimeout(limits.bodyTimeout())
                .idleTimeout(limits.bodyTimeout().multipliedBy(IDLE_BODIES))
                .maxNumConnections(limits.connections())
                .http1MaxInitialLineLength(WebLimits.MOST_LINE_BYTES)
                .http1MaxHeaderSize(WebLimits.MOST_HEADER_BYTES)
                .http2MaxHeaderListSize(WebLimits.MOST_HEADER_BYTES)
                .http2MaxStreamsPerConnection(STREAMS_PER_CONNECTION)
                .gracefulShutdownTimeout(Duration.ZERO, GRACE)
                .connectionDrainDuration(DRAIN)
                .meterRegistry(NoMeters.registry())
                .disableServerHeader()
                .disableDateHeader()
                .errorHandler(new Errors())
                .serviceUnder("/", service);
        tls.ifPresent(builder::tlsProvider);
        return builder.build();
    }

    /** What goes wrong below the addresses is a problem in the same form. */
    private static final class Errors implements ServerErrorHandler {

        @Override
        public @Nullable HttpResponse onServiceException(ServiceRequestContext context, Throwable cause) {
            if (!(cause instanceof RequestTimeoutException)) {
                return null;
            }
            return WebService.response(
                    context.log().isRequestComplete()
                            ? Refusal.later("The answer took too long.").answer()
                            : new Refusal(408, "The request did not arrive whole in time.").answer());
        }

        @Override
        public AggregatedHttpResponse renderStatus(
                @Nullable ServiceRequestContext context,
                ServiceConfig config,
                @Nullable RequestHeaders headers,
                HttpStatus status,
                @Nullable String description,
                @Nullable Throwable cause) {
            Answer answer = Refusal.problem(
                    status.code(), description == null ? status.reasonPhrase() + "." : description, Map.of());
            return AggregatedHttpResponse.of(WebService.headers(answer), HttpData.wrap(answer.body()));
        }
    }

    private static ThreadPoolExecutor workers(int threads, int waiting, String name) {
        AtomicInteger number = new AtomicInteger();
        ThreadPoolExecutor workers = new ThreadPoolExecutor(
                threads, threads, GRACE.toSeconds(), TimeUnit.SECONDS, new ArrayBlockingQueue<>(waiting), task -> {
                    Thread thread = new Thread(task, name + "-" + number.incrementAndGet());
                    thread.setDaemon(true);
                    return thread;
                });
        workers.allowCoreThreadTimeOut(true);
        return workers;
    }

    /** Where it listens. */
    public InetSocketAddress address() {
        return server.activePorts().keySet().iterator().next();
    }

    /** Streams of events that are open. */
    public int eventStreams() {
        return events.size();
    }

    List<Route> routes() {
        return routes;
    }

    /** Ends streams, takes no more connections, answers what has arrived, and returns. */
    @Override
    public void close() {
        growth.close();
        events.close();
        server.stop().join();
        reads.shutdown();
        decides.shutdown();
        try {
            if (!decides.awaitTermination(GRACE.toSeconds(), TimeUnit.SECONDS)) {
                decides.shutdownNow();
            }
            reads.shutdownNow();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
