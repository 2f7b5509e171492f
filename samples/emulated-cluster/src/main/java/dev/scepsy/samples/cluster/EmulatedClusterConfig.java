package dev.scepsy.samples.cluster;

import dev.scepsy.planner.profile.Catalogue;
import dev.scepsy.planner.profile.GpuFacts;
import dev.scepsy.planner.profile.ModelArchitecture;
import dev.scepsy.planner.profile.ServedModel;
import dev.scepsy.planner.topology.Cluster;
import dev.scepsy.planner.topology.Node;
import dev.scepsy.samples.cluster.control.EngineFactory.Servable;
import dev.scepsy.samples.cluster.control.Startup;
import dev.scepsy.samples.cluster.engine.AnswerScript;
import dev.scepsy.samples.cluster.engine.EventClock;
import dev.scepsy.samples.cluster.process.HaproxyBinary;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * What an emulated cluster is made of. Immutable.
 *
 * @param cluster its hardware
 * @param gpuFacts how fast its GPU types are, by name; default the built-in catalogue
 * @param models what its engines can serve
 * @param timeScale emulated seconds per real second, in [1, 30]; default 1
 * @param seed makes two clusters answer differently; default 1
 * @param answers what the models say; default meaningless text
 * @param startup how long engines load; default {@link Startup#DEFAULT}
 * @param apiPort port of the Kubernetes API on loopback; 0, the default: any free one
 * @param gatewayPort port of the gateway on loopback; 0, the default: any free one
 * @param dnsPort UDP port of the cluster's DNS on loopback; 0, the default: any free one
 * @param dnsTtlSeconds how late news may reach those who ask it, emulated seconds, at least 0; default 5, as CoreDNS; 30 where kubeadm set it up
 * @param haproxy what router pods run; default what {@value HaproxyBinary#VARIABLE} names or the path has
 */
public record EmulatedClusterConfig(
        Cluster cluster,
        Map<String, GpuFacts> gpuFacts,
        List<Servable> models,
        double timeScale,
        long seed,
        AnswerScript answers,
        Startup startup,
        int apiPort,
        int gatewayPort,
        int dnsPort,
        double dnsTtlSeconds,
        HaproxyBinary haproxy) {

    /** @throws IllegalArgumentException naming every value that cannot be emulated */
    public EmulatedClusterConfig {
        models = List.copyOf(models);
        gpuFacts = Map.copyOf(gpuFacts);
        List<String> problems = new ArrayList<>();
        if (!(timeScale >= 1 && timeScale <= EventClock.MAX_TIME_SCALE)) {
            problems.add("The timeScale (" + timeScale + ") must lie between 1 and " + EventClock.MAX_TIME_SCALE + ".");
        }
        if (!(dnsTtlSeconds >= 0)) {
            problems.add("The dnsTtlSeconds (" + dnsTtlSeconds + ") must be 0 or more.");
        }
        for (Node node : cluster.nodes()) {
            if (!gpuFacts.containsKey(node.gpu().name())) {
                problems.add("The gpu (" + node.gpu().name() + ") of node (" + node.name() + ") is known by its memory"
                        + " only, so nobody can say how fast it is. Name one of the catalogue, or describe its"
                        + " memoryBandwidthGBps and bf16Tflops under gpuTypes.");
            }
        }
        if (!problems.isEmpty()) {
            throw new IllegalArgumentException(String.join("\n", problems));
        }
    }

    public static Builder builder(Cluster cluster) {
        return new Builder(cluster);
    }

    /** Collects the values that differ from the defaults. */
    public static final class Builder {
        private final Cluster cluster;
        private final List<Servable> models = new ArrayList<>();
        private final Map<String, GpuFacts> gpuFacts = new HashMap<>();
        private double timeScale = 1;
        private long seed = 1;
        private AnswerScript answers = AnswerScript.loremIpsum();
        private Startup startup = Startup.DEFAULT;
        private int apiPort;
        private int gatewayPort;
        private int dnsPort;
        private double dnsTtlSeconds = 5;
        private HaproxyBinary haproxy = HaproxyBinary.find(System.getenv());

        private Builder(Cluster cluster) {
            this.cluster = cluster;
            Catalogue.builtIn().gpus().forEach(facts -> gpuFacts.put(facts.name(), facts));
        }

        /** Adds GPU types that the built-in catalogue lacks. */
        public Builder gpuFacts(Map<String, GpuFacts> byName) {
            gpuFacts.putAll(byName);
            return this;
        }

        /** Adds a model whose architecture is in the built-in catalogue. */
        public Builder model(ServedModel model) {
            String key = model.architecture().orElse("");
            ModelArchitecture architecture = Catalogue.builtIn()
                    .architecture(key)
                    .orElseThrow(() -> new IllegalArgumentException("The architecture (" + key + ") of model ("
                            + model.name() + ") is not in the catalogue. Name one that is, or give its shape."));
            return model(model, architecture);
        }

        public Builder model(ServedModel model, ModelArchitecture architecture) {
            models.add(new Servable(model, architecture));
            return this;
        }

        public Builder timeScale(double emulatedSecondsPerSecond) {
            this.timeScale = emulatedSecondsPerSecond;
            return this;
        }

        public Builder seed(long newSeed) {
            this.seed = newSeed;
            return this;
        }

        public Builder answers(AnswerScript script) {
            this.answers = script;
            return this;
        }

        public Builder startup(Startup newStartup) {
            this.startup = newStartup;
            return this;
        }

        public Builder apiPort(int port) {
            this.apiPort = port;
            return this;
        }

        public Builder gatewayPort(int port) {
            this.gatewayPort = port;
            return this;
        }

        public Builder dnsPort(int port) {
            this.dnsPort = port;
            return this;
        }

        public Builder dnsTtlSeconds(double seconds) {
            this.dnsTtlSeconds = seconds;
            return this;
        }

        public Builder haproxy(HaproxyBinary binary) {
            this.haproxy = binary;
            return this;
        }

        public EmulatedClusterConfig build() {
            return new EmulatedClusterConfig(
                    cluster,
                    gpuFacts,
                    models,
                    timeScale,
                    seed,
                    answers,
                    startup,
                    apiPort,
                    gatewayPort,
                    dnsPort,
                    dnsTtlSeconds,
                    haproxy);
        }
    }
}
