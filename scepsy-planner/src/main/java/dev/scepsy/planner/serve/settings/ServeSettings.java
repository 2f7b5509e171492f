package dev.scepsy.planner.serve.settings;

import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.file.Path;
import java.time.DayOfWeek;
import java.time.Duration;
import java.time.LocalTime;
import java.time.ZoneId;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.Set;

/**
 * {@code serve.yaml}, with its defaults filled in and its paths resolved against the file's folder. Immutable.
 *
 * @param listen where it listens
 * @param forward endpoints that every accepted request is passed on to
 * @param cluster what the hardware is; empty: the mode is {@code observe}
 * @param models {@code models.yaml}
 * @param profiles {@code profiles.yaml}; empty: nothing measured
 * @param store where it keeps what it knows
 * @param statistics how spans become statistics
 * @param executionsKept executions that are kept with their spans, per workflow
 * @param engines which engines are asked for metrics, and how often
 * @param targets by workflow name, plain or {@code name@service}
 * @param targetDefaults how a target is made of measured rates where nobody states one
 * @param replan when and how far it acts
 * @param webhook is told of proposals and decisions
 * @param traceLink link to a trace in another tool, with {@code {traceId}} in it
 * @param access who may; empty: loopback only, all may
 */
public record ServeSettings(
        Listen listen,
        List<URI> forward,
        Optional<ClusterSource> cluster,
        Path models,
        Optional<Path> profiles,
        StoreSettings store,
        StatisticsSettings statistics,
        int executionsKept,
        EngineSettings engines,
        Map<String, Target> targets,
        TargetDefaults targetDefaults,
        Replan replan,
        Optional<URI> webhook,
        Optional<String> traceLink,
        Optional<Access> access) {

    public ServeSettings {
        forward = List.copyOf(forward);
        targets = Map.copyOf(targets);
    }

    /** Addresses; port 0 takes any free one. */
    public record Listen(InetSocketAddress otlpGrpc, InetSocketAddress otlpHttp, InetSocketAddress web) {}

    /**
     * At least one of the two.
     *
     * @param file {@code cluster.yaml}: racks, domains, sharing
     * @param namespace of the Kubernetes cluster that serves; empty string: the context's
     */
    public record ClusterSource(Optional<Path> file, Optional<String> namespace) {}

    /**
     * A database.
     *
     * @param url of JDBC, without credentials
     * @param passwordFile of the user's password
     */
    public record StoreSettings(String url, Optional<Path> passwordFile) {}

    /**
     * How spans become statistics.
     *
     * @param window by the ends of roots
     * @param requiredExecutions complete executions below which statistics are marked as not enough data
     * @param settle how long after a root's end late spans are waited for
     * @param open how long an execution without an end is waited for after its last span
     * @param openExecutions held at most; the oldest go first
     * @param samplingRatio of traces that do not say theirs, in (0, 1]
     * @param root rule for roots: {@code default}, {@code topmost} or {@code span:NAME}
     */
    public record StatisticsSettings(
            Duration window,
            int requiredExecutions,
            Duration settle,
            Duration open,
            int openExecutions,
            double samplingRatio,
            String root) {}

    /** Engines to ask; no endpoints: those of the cluster's own engines. */
    public record EngineSettings(Duration scrapeEvery, List<Endpoint> endpoints) {
        public EngineSettings {
            endpoints = List.copyOf(endpoints);
        }
    }

    /** One engine, or one that speaks for a model's engines. */
    public record Endpoint(String model, URI url) {}

    /** What a workflow shall have. */
    public record Target(OptionalDouble perSecond, OptionalDouble latencyLimitSeconds) {}

    /**
     * A target of measured rates: the {@code quantile} of the rates of bins times {@code headroom}; below one day of data the largest bin.
     */
    public record TargetDefaults(double quantile, Duration bin, double headroom) {}

    /** How far the service goes. */
    public enum Mode {
        OBSERVE,
        PROPOSE,
        APPLY
    }

    /** What may make it plan again. */
    public enum TriggerKind {
        DRIFT,
        QUEUE,
        RATE,
        CLUSTER
    }

    /**
     * When and how far it acts.
     *
     * @param minimumGain predicted, relative
     * @param maximumMoves engines started or stopped per plan
     * @param spareGpus GPUs that plans leave empty for moves and for the engines of lost ones, 0 or more; a lost GPU is a spare one used
     */
    public record Replan(
            Mode mode,
            Set<TriggerKind> triggers,
            double minimumGain,
            Duration cooldown,
            int maximumMoves,
            int spareGpus,
            Verify verify,
            List<QuietHours> quietHours) {
        public Replan {
            triggers = Set.copyOf(triggers);
            quietHours = List.copyOf(quietHours);
        }
    }

    /** When measured and predicted are compared, how far they may be apart, and whether it then goes back. */
    public record Verify(Duration after, double tolerance, boolean goBack) {}

    /** Nothing is applied on these days from {@code from} until {@code to}; past midnight where {@code to} is not after {@code from}. */
    public record QuietHours(Set<DayOfWeek> days, LocalTime from, LocalTime to, ZoneId zone) {
        public QuietHours {
            days = Set.copyOf(days);
        }
    }

    /**
     * Who may.
     *
     * @param tokens file of tokens
     * @param hosts names that requests may be for, besides loopback's
     * @param tls certificate chain and key, PEM
     */
    public record Access(Path tokens, List<String> hosts, Optional<Tls> tls) {
        public Access {
            hosts = List.copyOf(hosts);
        }
    }

    /** PEM files; read again when they change. */
    public record Tls(Path certificate, Path key) {}
}
