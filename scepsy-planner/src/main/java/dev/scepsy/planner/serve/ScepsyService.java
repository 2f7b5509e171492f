package dev.scepsy.planner.serve;

import com.linecorp.armeria.common.TlsProvider;
import dev.scepsy.planner.cluster.ApplyOptions;
import dev.scepsy.planner.cluster.ClusterAccess;
import dev.scepsy.planner.cluster.ClusterClient;
import dev.scepsy.planner.cluster.Timing;
import dev.scepsy.planner.file.ModelsFile;
import dev.scepsy.planner.file.Reading;
import dev.scepsy.planner.profile.Catalogue;
import dev.scepsy.planner.profile.ServedModel;
import dev.scepsy.planner.receive.Forwarder;
import dev.scepsy.planner.receive.Notices;
import dev.scepsy.planner.receive.OtlpServer;
import dev.scepsy.planner.receive.PassOn;
import dev.scepsy.planner.receive.ReceiverLimits;
import dev.scepsy.planner.serve.engines.EngineScraper;
import dev.scepsy.planner.serve.journal.Store;
import dev.scepsy.planner.serve.log.ServiceLog;
import dev.scepsy.planner.serve.loop.ClusterPort;
import dev.scepsy.planner.serve.loop.DetectedChanges;
import dev.scepsy.planner.serve.loop.FilePort;
import dev.scepsy.planner.serve.loop.KubernetesPort;
import dev.scepsy.planner.serve.loop.Loop;
import dev.scepsy.planner.serve.loop.StageListener;
import dev.scepsy.planner.serve.metrics.MetricSources;
import dev.scepsy.planner.serve.metrics.ServiceMetrics;
import dev.scepsy.planner.serve.metrics.StageSpans;
import dev.scepsy.planner.serve.notify.Webhook;
import dev.scepsy.planner.serve.observe.Leading;
import dev.scepsy.planner.serve.observe.Observer;
import dev.scepsy.planner.serve.settings.ServeSettings;
import dev.scepsy.planner.serve.settings.ServeSettings.ClusterSource;
import dev.scepsy.planner.serve.settings.ServiceTime;
import dev.scepsy.planner.serve.settings.Tokens;
import dev.scepsy.planner.serve.store.Stores;
import dev.scepsy.planner.serve.web.Certificates;
import dev.scepsy.planner.serve.web.Guard;
import dev.scepsy.planner.serve.web.SenderGate;
import dev.scepsy.planner.serve.web.WebServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.atomic.AtomicReference;

/**
 * The planner service, running: store, observations, engines' loads, the loop, receivers and the API, started in that order and ended in the
 * reverse one. Close it to end it: it takes nothing more, folds and saves what it has, and gives leadership back.
 */
public final class ScepsyService implements AutoCloseable {

    private static final Duration SHORTEST_POLL = Duration.ofMillis(50);

    private final ServeSettings settings;
    private final ServiceTime time;
    private final ServiceLog log;
    private final Deque<AutoCloseable> open = new ArrayDeque<>();
    private final List<Forwarder> forwarders = new ArrayList<>();
    private final AtomicReference<Loop> loop = new AtomicReference<>();
    private final List<String> banner = new ArrayList<>();

    private ScepsyService(ServeSettings settings, ServiceTime time, ServiceLog log) {
        this.settings = settings;
        this.time = time;
        this.log = log;
    }

    /** It does not start; the message is for people. */
    public static final class RefusedException extends Exception {

        private static final long serialVersionUID = 1;

        private final int exitCode;

        public RefusedException(int exitCode, String message) {
            super(message);
            this.exitCode = exitCode;
        }

        /** 2: bad input, or an address in use; 4: the store refuses. */
        public int exitCode() {
            return exitCode;
        }
    }

    /**
     * Starts it.
     *
     * @throws RefusedException if an address is in use or the store cannot be had; nothing runs on then
     */
    public static ScepsyService start(ServeSettings settings, ServiceTime time, ServiceLog log)
            throws RefusedException {
        ScepsyService service = new ScepsyService(settings, time, log);
        try {
            service.start();
            return service;
        } catch (RefusedException | RuntimeException refused) {
            service.close();
            throw refused;
        }
    }

    private void start() throws RefusedException {
        Optional<Guard> guard = guard();
        Optional<TlsProvider> tls = tls();
        Store store = opened(store());
        Observer observer = opened(Observer.start(
                settings.statistics(),
                settings.executionsKept(),
                store.statistics(),
                Leading.by(store),
                time,
                log,
                folded -> {
                    Loop running = loop.get();
                    if (running != null) {
                        running.folded(folded);
                    }
                }));
        Optional<ClusterClient> client =
                settings.cluster().flatMap(ClusterSource::namespace).map(this::client);
        EngineScraper engines = opened(EngineScraper.start(settings.engines(), names(), client, time, log));
        Loop running = opened(Loop.start(
                settings,
                observer,
                engines,
                store,
                time,
                log,
                port(client),
                new DetectedChanges(store.journal(), settings.targetDefaults(), log),
                stages()));
        loop.set(running);
        Optional<Webhook> webhook =
                settings.webhook().map(target -> opened(Webhook.start(target, store.journal(), time, log)));
        for (var target : settings.forward()) {
            forwarders.add(opened(
                    new Forwarder(target, PassOn.QUEUE_BYTES, Forwarder.Patience.ofOtlp(), new Notices(log::warn))));
        }
        OtlpServer receiver = receiver(observer, new SenderGate(guard, store::leads), tls);
        ServiceMetrics metrics = opened(new ServiceMetrics(
                new MetricSources(
                        observer,
                        engines,
                        running,
                        store,
                        receiver::counts,
                        () -> forwarders,
                        () -> webhook.map(Webhook::delivered).orElse(0L),
                        () -> webhook.map(Webhook::dropped).orElse(0L)),
                time));
        WebServer web = web(guard, tls, new WebServer.Shown(observer, engines, running, store, metrics::scrape));
        describe(receiver, web, store);
    }

    /** Spans of the loop's stages, where the environment asks for them. */
    private StageListener stages() {
        Optional<StageSpans> spans = StageSpans.start(
                System.getenv(),
                List.of(
                        settings.listen().otlpGrpc(),
                        settings.listen().otlpHttp(),
                        settings.listen().web()),
                log);
        return spans.<StageListener>map(sent -> {
                    opened(sent);
                    return (stage, start, end, failed) ->
                            sent.record(stage, start, end, failed ? Map.of("error.type", "exception") : Map.of());
                })
                .orElse(StageListener.NONE);
    }

    private <T extends AutoCloseable> T opened(T part) {
        open.push(part);
        return part;
    }

    private Optional<Guard> guard() throws RefusedException {
        if (settings.access().isEmpty()) {
            return Optional.empty();
        }
        try {
            Tokens tokens = Tokens.read(settings.access().get().tokens(), log::warn);
            return Optional.of(tokens::actor);
        } catch (Tokens.UnusableException unusable) {
            throw new RefusedException(2, String.join(System.lineSeparator(), unusable.problems()));
        }
    }

    private Optional<TlsProvider> tls() throws RefusedException {
        Optional<ServeSettings.Tls> files = settings.access().flatMap(ServeSettings.Access::tls);
        if (files.isEmpty()) {
            return Optional.empty();
        }
        try {
            return Optional.of(opened(Certificates.open(files.get(), log)).provider());
        } catch (IOException unusable) {
            throw new RefusedException(2, String.valueOf(unusable.getMessage()));
        }
    }

    private Store store() throws RefusedException {
        try {
            return Stores.open(
                    settings.store(), Stores.credentials(settings.store(), System.getenv()), holder(), time, log);
        } catch (Stores.RefusedException refused) {
            throw new RefusedException(refused.exitCode(), String.valueOf(refused.getMessage()));
        }
    }

    private static String holder() {
        String host;
        try {
            host = InetAddress.getLocalHost().getHostName();
        } catch (UnknownHostException nameless) {
            host = "unknown-host";
        }
        return host + ", process " + ProcessHandle.current().pid();
    }

    private ClusterClient client(String namespace) {
        return opened(
                ClusterClient.of(new ClusterAccess(Optional.empty(), Optional.empty(), Optional.empty()), namespace));
    }

    /** The file says racks, the server what is there. */
    private Optional<ClusterPort> port(Optional<ClusterClient> client) {
        Optional<java.nio.file.Path> file = settings.cluster().flatMap(ClusterSource::file);
        if (client.isPresent()) {
            return Optional.of(opened(KubernetesPort.of(client.get(), file, pushes(), plain -> plain)));
        }
        return file.map(only -> opened(FilePort.of(only)));
    }

    /** Proxies of an emulated cluster are as much faster as its time. */
    private ApplyOptions pushes() {
        Timing wall = Timing.DEFAULT;
        Duration poll = time.real(wall.poll());
        return new ApplyOptions(
                Set.of(),
                false,
                false,
                ApplyOptions.DEFAULT.holder(),
                new Timing(
                        poll.compareTo(SHORTEST_POLL) < 0 ? SHORTEST_POLL : poll,
                        time.real(wall.endpoints()),
                        wall.patience(),
                        wall.lease()));
    }

    /** What models are called in requests, by the name they are described under. */
    private Map<String, Set<String>> names() throws RefusedException {
        Reading<ModelsFile.Described> models = ModelsFile.read(settings.models(), Catalogue.builtIn());
        if (!models.whyMalformed().isEmpty()) {
            throw new RefusedException(
                    2,
                    String.join(
                            System.lineSeparator(),
                            models.whyMalformed().stream().map(Object::toString).toList()));
        }
        Map<String, Set<String>> names = new HashMap<>();
        for (ServedModel model : models.legalValue().orElseThrow().models()) {
            Set<String> own = new TreeSet<>(model.aliases());
            own.add(model.name());
            names.put(model.name(), own);
        }
        return names;
    }

    private OtlpServer receiver(Observer observer, SenderGate gate, Optional<TlsProvider> tls) throws RefusedException {
        try {
            return opened(OtlpServer.start(
                    List.of(settings.listen().otlpGrpc(), settings.listen().otlpHttp()),
                    new PassOn(observer, forwarders),
                    ReceiverLimits.defaults(),
                    new Notices(log::warn),
                    gate,
                    tls));
        } catch (OtlpServer.AddressException inUse) {
            String key = inUse.address().equals(settings.listen().otlpGrpc()) ? "otlpGrpc" : "otlpHttp";
            throw new RefusedException(2, PortTaken.sentence(key, inUse.address(), String.valueOf(inUse.getMessage())));
        }
    }

    private WebServer web(Optional<Guard> guard, Optional<TlsProvider> tls, WebServer.Shown shown)
            throws RefusedException {
        try {
            return opened(WebServer.start(settings, guard, tls, shown, time, log));
        } catch (IOException inUse) {
            throw new RefusedException(2, String.valueOf(inUse.getMessage()));
        }
    }

    private void describe(OtlpServer receiver, WebServer web, Store store) {
        String scheme = settings.access().flatMap(ServeSettings.Access::tls).isPresent() ? "https" : "http";
        banner.add("OTLP/gRPC " + scheme + "://" + written(receiver.addresses().get(0)) + ", OTLP/HTTP " + scheme
                + "://" + written(receiver.addresses().get(1)));
        banner.add("API and page " + scheme + "://" + written(web.address()));
        banner.add("mode " + settings.replan().mode().name().toLowerCase(Locale.ROOT)
                + (settings.cluster().isEmpty() ? " (no cluster is configured: nothing is proposed)" : "")
                + (store.leads() ? "" : "; standing by, " + store.leader().orElse("another service") + " leads"));
    }

    /** As it can stand in a URL: every address of this machine is bound as IPv6's, which is not what was asked for. */
    private static String written(InetSocketAddress address) {
        String host = address.getAddress() != null && address.getAddress().isAnyLocalAddress()
                ? "0.0.0.0"
                : address.getHostString();
        return (host.contains(":") ? "[" + host + "]" : host) + ":" + address.getPort();
    }

    /** What a person wants to know when it is ready, a line each. */
    public List<String> banner() {
        return List.copyOf(banner);
    }

    @Override
    public void close() {
        while (!open.isEmpty()) {
            AutoCloseable part = open.pop();
            try {
                part.close();
            } catch (Exception failed) {
                if (failed instanceof InterruptedException) {
                    Thread.currentThread().interrupt();
                }
                log.error("A part of the service did not end in order.", failed);
            }
        }
    }
}
