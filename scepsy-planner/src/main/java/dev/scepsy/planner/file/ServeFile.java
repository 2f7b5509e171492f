package dev.scepsy.planner.file;

import dev.scepsy.planner.serve.settings.ServeSettings;
import dev.scepsy.planner.serve.settings.ServeSettings.ClusterSource;
import dev.scepsy.planner.serve.settings.ServeSettings.EngineSettings;
import dev.scepsy.planner.serve.settings.ServeSettings.Mode;
import dev.scepsy.planner.serve.settings.ServeSettings.Replan;
import dev.scepsy.planner.serve.settings.ServeSettings.StatisticsSettings;
import dev.scepsy.planner.serve.settings.ServeSettings.StoreSettings;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/** Reads {@code serve.yaml}: what the planner service listens on, plans with, keeps, and may do. */
public final class ServeFile {

    /** Whose address a target of {@code forward} must not be. */
    private static final String OWNER = "this service";

    private static final int DEFAULT_KEPT = 200;
    private static final int MOST_KEPT = 100_000;
    private static final int DEFAULT_REQUIRED = 30;
    private static final int MOST_REQUIRED = 1_000_000;
    private static final int DEFAULT_OPEN = 100_000;
    private static final int MOST_OPEN = 10_000_000;
    private static final Duration SECOND = Duration.ofSeconds(1);
    private static final Duration LONGEST_WINDOW = Duration.ofDays(92);
    private static final Duration LONGEST_SETTLE = Duration.ofHours(1);
    private static final Duration LONGEST_OPEN = Duration.ofDays(7);
    private static final Duration SHORTEST_SCRAPE = Duration.ofMillis(100);
    private static final Duration LONGEST_SCRAPE = Duration.ofMinutes(10);
    private static final Pattern NAMESPACE = Pattern.compile("[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?");
    private static final Pattern ROOT = Pattern.compile("default|topmost|span:.*\\S.*");
    private static final String DEFAULT_ROOT = "default";
    private static final String TRACE_ID = "{traceId}";

    private final ServeValues values;
    private final boolean tokensMayBeMissing;

    private ServeFile(Path file, boolean tokensMayBeMissing) {
        this.values = new ServeValues(file);
        this.tokensMayBeMissing = tokensMayBeMissing;
    }

    /** Reads {@code file}. The files it names must be there; what is in them is judged by their own readers, that of tokens apart. */
    public static Reading<ServeSettings> read(Path file) {
        return Fields.readDocument(file, (top, findings) -> new ServeFile(file, false).settings(top));
    }

    /** The same where the file of tokens is yet to be made. */
    public static Reading<ServeSettings> readBeforeTokens(Path file) {
        return Fields.readDocument(file, (top, findings) -> new ServeFile(file, true).settings(top));
    }

    private ServeSettings settings(Fields top) {
        boolean guarded = top.has("access");
        ServeListen.Listening listening = ServeListen.read(top, guarded);
        List<URI> forward =
                top.texts("forward", (text, problem) -> Addresses.forwarded(text, listening.given(), OWNER, problem));
        Optional<ClusterSource> cluster = top.mapping("cluster", this::cluster).flatMap(source -> source);
        Path models = models(top);
        Optional<Path> profiles = values.optionalFile(top, "profiles");
        StoreSettings store = store(top);
        String root = top.mapping("traces", ServeFile::root).orElse(DEFAULT_ROOT);
        StatisticsSettings statistics =
                top.mapping("statistics", fields -> statistics(fields, root)).orElseGet(() -> usualStatistics(root));
        int kept = top.mapping(
                        "executions",
                        fields -> fields.optionalInteger("keep", 0, MOST_KEPT).orElse(DEFAULT_KEPT))
                .orElse(DEFAULT_KEPT);
        EngineSettings engines = top.mapping("engines", ServeFile::engines)
                .orElseGet(() -> new EngineSettings(Duration.ofSeconds(5), List.of()));
        ServeTargets targets = ServeTargets.read(top, statistics.window());
        Replan replan = top.mapping("replan", fields -> replan(fields, top.has("cluster"), cluster))
                .orElseGet(ServeReplan::usual);
        Optional<URI> webhook = top.mapping("notify", ServeFile::webhook).flatMap(url -> url);
        Optional<String> traceLink = top.mapping("web", ServeFile::traceLink).flatMap(link -> link);
        Optional<ServeSettings.Access> access =
                top.mapping("access", fields -> ServeAccess.read(fields, values, tokensMayBeMissing));
        boolean open = listening.given().stream()
                .anyMatch(address -> !address.getAddress().isLoopbackAddress());
        if (open && access.isPresent() && access.get().tls().isEmpty()) {
            top.warning(
                    "access",
                    "Without access.tls tokens cross the network in the clear. Add tls: {certificate: cert.pem, key:"
                            + " key.pem}, unless what stands before the service speaks TLS.");
        }
        return new ServeSettings(
                listening.listen(),
                forward,
                cluster,
                models,
                profiles,
                store,
                statistics,
                kept,
                engines,
                targets.byWorkflow(),
                targets.usual(),
                cluster.isPresent() ? replan : observing(replan),
                webhook,
                traceLink,
                access);
    }

    private Path models(Fields top) {
        String text = top.text("models");
        return top.sound("models")
                ? values.file(top, "models", text, "").orElse(Path.of("models.yaml"))
                : Path.of("models.yaml");
    }

    private Optional<ClusterSource> cluster(Fields fields) {
        Optional<Path> file = values.optionalFile(fields, "file");
        Optional<String> namespace = fields.mapping("kubernetes", ServeFile::namespace);
        if (!ServeValues.hasAny(fields, List.of("file", "kubernetes"))) {
            fields.problem(
                    "file",
                    "The cluster needs file (a cluster.yaml), kubernetes, or both. Without a cluster leave the key out: the"
                            + " service then observes.");
        }
        return file.isPresent() || namespace.isPresent()
                ? Optional.of(new ClusterSource(file, namespace))
                : Optional.empty();
    }

    private static String namespace(Fields fields) {
        Optional<String> namespace = fields.optionalText("namespace");
        namespace
                .filter(name -> !NAMESPACE.matcher(name).matches())
                .ifPresent(name -> fields.problem(
                        "namespace",
                        "The namespace (" + name + ") must be of small letters, digits and -, at most 63, as Kubernetes"
                                + " has it."));
        return namespace.orElse("");
    }

    private StoreSettings store(Fields top) {
        String text = top.optionalText("store").orElse(ServeStore.DEFAULT);
        Optional<String> url = ServeStore.read(text, values, sentence -> top.problem("store", sentence));
        return new StoreSettings(url.orElse(ServeStore.DEFAULT), values.optionalFile(top, "storePasswordFile"));
    }

    private static StatisticsSettings usualStatistics(String root) {
        return new StatisticsSettings(
                Duration.ofHours(24),
                DEFAULT_REQUIRED,
                Duration.ofSeconds(10),
                Duration.ofMinutes(15),
                DEFAULT_OPEN,
                1,
                root);
    }

    private static StatisticsSettings statistics(Fields fields, String root) {
        StatisticsSettings usual = usualStatistics(root);
        return new StatisticsSettings(
                ServeValues.time(fields, "window", usual.window(), SECOND, LONGEST_WINDOW),
                fields.optionalInteger("requiredExecutions", 1, MOST_REQUIRED).orElse(DEFAULT_REQUIRED),
                ServeValues.time(fields, "settle", usual.settle(), Duration.ZERO, LONGEST_SETTLE),
                ServeValues.time(fields, "open", usual.open(), SECOND, LONGEST_OPEN),
                fields.optionalInteger("openExecutions", 1, MOST_OPEN).orElse(DEFAULT_OPEN),
                fields.optionalNumber("samplingRatio", Range.PART).orElse(1),
                root);
    }

    private static String root(Fields fields) {
        Optional<String> root = fields.optionalText("root");
        root.filter(rule -> !ROOT.matcher(rule).matches())
                .ifPresent(rule ->
                        fields.problem("root", "The root (" + rule + ") must be default, topmost or span:NAME."));
        return root.orElse(DEFAULT_ROOT);
    }

    private static EngineSettings engines(Fields fields) {
        Set<ServeSettings.Endpoint> seen = new HashSet<>();
        List<ServeSettings.Endpoint> endpoints = fields.optionalMappings("endpoints", item -> {
            String model = item.text("model");
            String written = item.text("url");
            Optional<URI> url = item.sound("url")
                    ? ServeValues.web("url", written, "http://10.0.0.5:8000", sentence -> item.problem("url", sentence))
                    : Optional.empty();
            ServeSettings.Endpoint endpoint = new ServeSettings.Endpoint(model, url.orElse(URI.create("")));
            if (item.sound("model", "url") && !seen.add(endpoint)) {
                item.problem("url", "The engine (" + model + " at " + written + ") is given twice. Keep one.");
            }
            return endpoint;
        });
        return new EngineSettings(
                ServeValues.time(fields, "scrapeEvery", Duration.ofSeconds(5), SHORTEST_SCRAPE, LONGEST_SCRAPE),
                endpoints);
    }

    private static Replan replan(Fields fields, boolean clusterGiven, Optional<ClusterSource> cluster) {
        Replan replan = ServeReplan.read(fields);
        boolean kubernetes = cluster.isPresent() && cluster.get().namespace().isPresent();
        if (replan.mode() == Mode.APPLY && !kubernetes && (cluster.isPresent() || !clusterGiven)) {
            fields.problem(
                    "mode",
                    "The mode (apply) needs cluster.kubernetes: a plan is applied to nothing else. Add it, or use propose.");
        } else if (replan.mode() == Mode.PROPOSE && !clusterGiven && fields.has("mode")) {
            fields.warning("mode", "Without cluster there is nothing to plan for: the mode is observe.");
        }
        return replan;
    }

    private static Replan observing(Replan replan) {
        return new Replan(
                Mode.OBSERVE,
                replan.triggers(),
                replan.minimumGain(),
                replan.cooldown(),
                replan.maximumMoves(),
                replan.spareGpus(),
                replan.verify(),
                replan.quietHours());
    }

    private static Optional<URI> webhook(Fields fields) {
        String text = fields.text("webhook");
        return fields.sound("webhook")
                ? ServeValues.web(
                        "webhook", text, "https://chat.example/hook", sentence -> fields.problem("webhook", sentence))
                : Optional.empty();
    }

    private static Optional<String> traceLink(Fields fields) {
        String text = fields.text("traceLink");
        if (!fields.sound("traceLink")) {
            return Optional.empty();
        }
        String example = "http://jaeger:16686/trace/" + TRACE_ID;
        if (!text.contains(TRACE_ID)) {
            fields.problem(
                    "traceLink",
                    "The traceLink (" + text + ") must have " + TRACE_ID + " where the trace's id belongs, such as "
                            + example + ".");
            return Optional.empty();
        }
        return ServeValues.web(
                        "traceLink",
                        text.replace(TRACE_ID, "0".repeat(32)),
                        example,
                        sentence -> fields.problem("traceLink", sentence.replace("0".repeat(32), TRACE_ID)))
                .map(url -> text);
    }
}
