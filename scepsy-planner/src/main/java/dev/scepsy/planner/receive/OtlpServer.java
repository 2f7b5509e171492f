package dev.scepsy.planner.receive;

import com.linecorp.armeria.common.HttpResponse;
import com.linecorp.armeria.common.HttpStatus;
import com.linecorp.armeria.common.MediaType;
import com.linecorp.armeria.common.SessionProtocol;
import com.linecorp.armeria.common.TlsProvider;
import com.linecorp.armeria.server.Server;
import com.linecorp.armeria.server.ServerBuilder;
import com.linecorp.armeria.server.ServerPort;
import dev.scepsy.planner.receive.Notices.Kind;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Listens for OTLP, over gRPC and over HTTP, on any number of addresses; each takes both, so that an exporter with the usual
 * other port is served as well. What comes goes to an {@link Intake}; what does not fit the {@link ReceiverLimits} is refused
 * with OTLP's own codes, and what comes too fast is asked to come again.
 */
public final class OtlpServer implements AutoCloseable {

    private static final int WAITING_REQUESTS = 1024;
    /** A batch of an exporter comes in few pieces of this size. */
    private static final int CHUNK_BYTES = 64 << 10;

    private static final int STREAMS_PER_CONNECTION = 256;
    private static final Duration IDLE = Duration.ofSeconds(60);
    private static final Duration GRACE = Duration.ofSeconds(5);
    private static final Duration DRAIN = Duration.ofMillis(100);

    private final Server server;
    private final ThreadPoolExecutor workers;
    private final ReceiverCounts counts;
    private final List<InetSocketAddress> addresses;

    private OtlpServer(
            Server server, ThreadPoolExecutor workers, ReceiverCounts counts, List<InetSocketAddress> addresses) {
        this.server = server;
        this.workers = workers;
        this.counts = counts;
        this.addresses = addresses;
    }

    /** An address that cannot be listened on. */
    public static final class AddressException extends IOException {
        private static final long serialVersionUID = 1;

        private final transient InetSocketAddress address;

        AddressException(InetSocketAddress address, String why, Throwable cause) {
            super(why, cause);
            this.address = address;
        }

        /** Which of the addresses. */
        public InetSocketAddress address() {
            return address;
        }
    }

    /**
     * Starts to listen.
     *
     * @param addresses where; port 0 takes any free one
     * @param notices told once of each kind of trouble
     * @throws AddressException if one of the addresses is in use or not this machine's
     */
    public static OtlpServer start(
            List<InetSocketAddress> addresses, Intake intake, ReceiverLimits limits, Notices notices)
            throws AddressException {
        return start(addresses, intake, limits, notices, Gate.OPEN, Optional.empty());
    }

    /**
     * Starts to listen, and asks of every request whether its sender may.
     *
     * @param addresses where; port 0 takes any free one
     * @param notices told once of each kind of trouble
     * @param gate asked before a body is read
     * @param tls certificates to listen with; empty: without TLS. It is not closed here
     * @throws AddressException if one of the addresses is in use or not this machine's
     */
    public static OtlpServer start(
            List<InetSocketAddress> addresses,
            Intake intake,
            ReceiverLimits limits,
            Notices notices,
            Gate gate,
            Optional<TlsProvider> tls)
            throws AddressException {
        AtomicInteger number = new AtomicInteger();
        ThreadPoolExecutor workers = new ThreadPoolExecutor(
                limits.workers(),
                limits.workers(),
                0,
                TimeUnit.SECONDS,
                new ArrayBlockingQueue<>(WAITING_REQUESTS),
                task -> {
                    Thread thread = new Thread(task, "scepsy-receive-" + number.incrementAndGet());
                    thread.setDaemon(true);
                    return thread;
                });
        ReceiverCounts counts = new ReceiverCounts();
        ExportService.Shared shared = new ExportService.Shared(
                intake,
                gate,
                limits,
                new ByteBudget(limits.bytesInFlight()),
                workers,
                new Semaphore(1),
                counts,
                notices);
        ServerBuilder builder = Server.builder();
        tls.ifPresent(builder::tlsProvider);
        SessionProtocol protocol = tls.isPresent() ? SessionProtocol.HTTPS : SessionProtocol.HTTP;
        for (InetSocketAddress address : addresses) {
            builder.port(new ServerPort(address, protocol));
        }
        builder.bossGroupFactory(any -> new EventLoops(1, "scepsy-accept"))
                .workerGroup(new EventLoops(Math.min(2, limits.workers()), "scepsy-loop"), true)
                .maxRequestLength(0)
                .http1MaxChunkSize(CHUNK_BYTES)
                .requestTimeout(limits.bodyTimeout())
                .idleTimeout(IDLE.compareTo(limits.bodyTimeout()) < 0 ? IDLE : limits.bodyTimeout())
                .maxNumConnections(limits.connections())
                .http2MaxStreamsPerConnection(STREAMS_PER_CONNECTION)
                .gracefulShutdownTimeout(Duration.ZERO, GRACE)
                .connectionDrainDuration(DRAIN)
                .meterRegistry(NoMeters.registry())
                .disableServerHeader()
                .disableDateHeader();
        Transport http = new HttpTransport(limits);
        Transport grpc = new GrpcTransport(limits);
        for (Signal signal : Signal.values()) {
            builder.service(signal.httpPath(), new ExportService(signal, http, shared));
            builder.service(signal.grpcPath(), new ExportService(signal, grpc, shared));
        }
        builder.serviceUnder("/", (context, request) -> {
            counts.countRefused();
            notices.once(
                    Kind.WRONG_PATH,
                    "A request to " + request.path() + " was refused: OTLP/HTTP's path is "
                            + Signal.TRACES.httpPath() + ". OTEL_EXPORTER_OTLP_ENDPOINT is the address without it,"
                            + " OTEL_EXPORTER_OTLP_TRACES_ENDPOINT the whole one. Further ones are counted.");
            return HttpResponse.of(
                    HttpStatus.NOT_FOUND,
                    MediaType.PLAIN_TEXT_UTF_8,
                    "Here are /v1/traces, /v1/metrics, /v1/logs, and OTLP over gRPC.");
        });
        Server server = builder.build();
        try {
            server.start().join();
        } catch (CompletionException e) {
            workers.shutdown();
            server.stop();
            throw unusable(addresses, e);
        }
        return new OtlpServer(server, workers, counts, actual(addresses, server));
    }

    /** Netty does not say which address it was. */
    private static AddressException unusable(List<InetSocketAddress> addresses, CompletionException failure) {
        for (InetSocketAddress address : addresses) {
            try (ServerSocket probe = new ServerSocket()) {
                probe.setReuseAddress(true);
                probe.bind(address);
            } catch (IOException e) {
                return new AddressException(address, String.valueOf(e.getMessage()), e);
            }
        }
        Throwable cause = failure.getCause() != null ? failure.getCause() : failure;
        return new AddressException(addresses.get(0), String.valueOf(cause.getMessage()), cause);
    }

    /** In the order asked for, with the ports that were taken where any would do. */
    private static List<InetSocketAddress> actual(List<InetSocketAddress> asked, Server server) {
        List<InetSocketAddress> free =
                new java.util.ArrayList<>(server.activePorts().keySet());
        List<InetSocketAddress> actual = new java.util.ArrayList<>();
        free.removeIf(active -> asked.stream().anyMatch(address -> address.getPort() == active.getPort()));
        for (InetSocketAddress address : asked) {
            actual.add(address.getPort() != 0 ? address : free.remove(0));
        }
        return List.copyOf(actual);
    }

    /** Where it listens, in the order asked for. */
    public List<InetSocketAddress> addresses() {
        return addresses;
    }

    /** What it has answered. */
    public ReceiverCounts counts() {
        return counts;
    }

    /** Takes no more connections, answers what has arrived, and returns. */
    @Override
    public void close() {
        server.stop().join();
        workers.shutdown();
        try {
            if (!workers.awaitTermination(GRACE.toSeconds(), TimeUnit.SECONDS)) {
                workers.shutdownNow();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
