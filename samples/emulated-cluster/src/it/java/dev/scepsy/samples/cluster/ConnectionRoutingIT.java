package dev.scepsy.samples.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import dev.scepsy.planner.allocation.GpuFraction;
import dev.scepsy.planner.predict.ConnectionRouting;
import dev.scepsy.planner.profile.Balancing;
import dev.scepsy.planner.profile.Catalogue;
import dev.scepsy.planner.profile.EngineCoefficients;
import dev.scepsy.planner.profile.EngineModel;
import dev.scepsy.planner.profile.EngineProfiles;
import dev.scepsy.planner.profile.GpuFacts;
import dev.scepsy.planner.profile.LatencyProfile;
import dev.scepsy.planner.profile.ModelArchitecture;
import dev.scepsy.planner.profile.ProfileResult;
import dev.scepsy.planner.profile.ServedModel;
import dev.scepsy.planner.simulate.CallScript;
import dev.scepsy.planner.simulate.ExecutionScript;
import dev.scepsy.planner.simulate.Routing;
import dev.scepsy.planner.simulate.Simulation;
import dev.scepsy.samples.cluster.control.Startup;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;

/**
 * What {@code --routing connections=N} predicts and simulates beside an emulated cluster whose Service balances connections: Llama-3.1-8B
 * on A100s, prompts of 200 tokens, answers of 100 on average (exponential), many draws of connections each. {@code -Dscepsy.full=true}
 * for 4, 16 and 64 connections ({@code -Dscepsy.connections=4,16,64}) on 2 and 3 replicas at three loads.
 */
class ConnectionRoutingIT {

    private static final boolean FULL = Boolean.getBoolean("scepsy.full");
    private static final int[] CONNECTIONS = Arrays.stream(
                    System.getProperty("scepsy.connections", "4,16,64").split(","))
            .mapToInt(Integer::parseInt)
            .toArray();
    private static final String MODEL = "generator";
    private static final int INPUT = 200;
    private static final int OUTPUT = 100;
    private static final int WARM_UP_PART = 4;
    private static final int DRAWS = FULL ? 12 : 6;

    private final List<Double> off = new ArrayList<>();
    private final ServedModel model = TestClusters.model(MODEL, "Llama-3.1-8B");
    private final ModelArchitecture architecture =
            Catalogue.builtIn().architecture("Llama-3.1-8B").orElseThrow();
    private final GpuFacts gpu = Catalogue.builtIn().gpu("A100-SXM-80GB").orElseThrow();

    @Test
    void predictedAndSimulatedLatencyAreThoseOfTheEmulatedCluster() throws Exception {
        System.out.println("replicas  connections  part of highest rate  requests/s  even s  predicted s  simulated s"
                + "  emulated s    +/-  predicted/emulated");
        for (int replicas : FULL ? new int[] {2, 3} : new int[] {2}) {
            for (int connections : FULL ? CONNECTIONS : new int[] {16}) {
                for (double part : FULL ? new double[] {0.3, 0.5, 0.7} : new double[] {0.6}) {
                    compare(replicas, connections, part);
                }
            }
        }
        assertThat(off).allSatisfy(error -> assertThat(error).isLessThan(0.15));
    }

    private void compare(int replicas, int connections, double part) throws Exception {
        LatencyProfile profile = profile();
        ConnectionRouting routing = ConnectionRouting.of(profile, replicas, connections);
        double rate = part * routing.highestRate(ConnectionRouting.SURE, 1);
        double predicted = routing.meanLatencySeconds(rate);
        double simulated = simulated(replicas, connections, rate);
        Mean emulated = emulated(replicas, connections, rate);
        System.out.printf(
                Locale.ROOT,
                "%8d  %11d  %20.1f  %10.2f  %6.3f  %11.3f  %11.3f  %10.3f  %5.3f  %18.3f%n",
                replicas,
                connections,
                part,
                rate,
                profile.meanLatencySeconds(rate / replicas, replicas),
                predicted,
                simulated,
                emulated.seconds(),
                emulated.standardError(),
                predicted / emulated.seconds());
        off.add(emulated.off(predicted));
        off.add(emulated.off(simulated));
    }

    /** A mean of draws, and how well it is known: waits for few connections differ much from draw to draw. */
    private record Mean(double seconds, double standardError) {

        static Mean of(List<Double> draws) {
            double mean = draws.stream().mapToDouble(each -> each).average().orElseThrow();
            double squares = draws.stream()
                    .mapToDouble(each -> (each - mean) * (each - mean))
                    .sum();
            return new Mean(mean, Math.sqrt(squares / (draws.size() - 1) / draws.size()));
        }

        /** The part by which {@code other} is off beyond two standard errors. */
        double off(double other) {
            return Math.max(0, Math.abs(other - seconds) - 2 * standardError) / seconds;
        }
    }

    /** Every draw has a cluster of its own, all at once: at the speed of the clock they leave the machine mostly idle. */
    private static Mean emulated(int replicas, int connections, double rate) throws Exception {
        // queues before few connections take long to settle
        int requests = !FULL ? 40 : connections < 16 ? 150 : Math.max(80, 3 * connections);
        ExecutorService draws = Executors.newFixedThreadPool(DRAWS);
        try {
            List<Callable<Double>> all = new ArrayList<>();
            for (int draw = 0; draw < DRAWS; draw++) {
                int seed = draw;
                all.add(() -> emulated(replicas, connections, rate, requests, seed));
            }
            List<Double> seconds = new ArrayList<>();
            for (Future<Double> each : draws.invokeAll(all)) {
                seconds.add(each.get());
            }
            return Mean.of(seconds);
        } finally {
            draws.shutdownNow();
        }
    }

    private static double emulated(int replicas, int connections, double rate, int requests, int seed)
            throws IOException {
        try (EmulatedCluster cluster = EmulatedCluster.start(TestClusters.config()
                        .timeScale(1)
                        .startup(new Startup(0.1, 200e9))
                        .seed(seed)
                        .build());
                KubernetesClient client = Engines.client(cluster)) {
            Engines.serve(client, MODEL, "1", replicas);
            int port = port(client);
            double known = cluster.emulatedSeconds();
            Engines.await("rules written", () -> cluster.emulatedSeconds() > known + 1.5);
            try (PooledClients clients = new PooledClients(port, MODEL, INPUT, connections, seed)) {
                return clients.meanSeconds(rate, OUTPUT, requests / WARM_UP_PART, requests);
            }
        }
    }

    private static int port(KubernetesClient client) {
        String annotation = "scepsy.dev/emulated-port";
        Engines.await(
                "a port",
                () -> client.services()
                        .withName(MODEL)
                        .get()
                        .getMetadata()
                        .getAnnotations()
                        .containsKey(annotation));
        return Integer.parseInt(client.services()
                .withName(MODEL)
                .get()
                .getMetadata()
                .getAnnotations()
                .get(annotation));
    }

    private double simulated(int replicas, int connections, double rate) {
        int draws = 40;
        EngineModel engine =
                new EngineModel(EngineProfiles.setup(model, architecture, gpu, 1, 1), EngineCoefficients.builtIn());
        double seconds = 0;
        for (int draw = 0; draw < draws; draw++) {
            List<Simulation.Replica> engines = new ArrayList<>();
            for (int i = 0; i < replicas; i++) {
                engines.add(new Simulation.Replica.Engine(engine, List.of("gpu-" + i)));
            }
            double duration = Math.max(60, 300 / rate);
            seconds += Simulation.run(
                            Map.of(MODEL, engines),
                            List.of(new Simulation.Load("w", rate, ConnectionRoutingIT::call)),
                            new Simulation.Options(duration, duration / 5, draw, Routing.connections(connections)))
                    .workflows()
                    .get(0)
                    .latencySeconds()
                    .orElseThrow()
                    .mean()
                    .value();
        }
        return seconds / draws;
    }

    private static ExecutionScript call(Random random) {
        int output = (int) Math.max(1, Math.round(-Math.log(1 - random.nextDouble()) * OUTPUT));
        return new ExecutionScript("w", List.of(new CallScript(Optional.of(MODEL), INPUT, output, 0, List.of(), 0)), 0);
    }

    private LatencyProfile profile() {
        ProfileResult result = EngineProfiles.builtIn()
                .behind(Balancing.DEALT)
                .profile(model, architecture, gpu, 1, GpuFraction.whole(), INPUT, OUTPUT);
        return ((ProfileResult.Modelled) result).profile();
    }
}
