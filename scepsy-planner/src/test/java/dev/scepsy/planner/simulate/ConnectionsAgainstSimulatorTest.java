package dev.scepsy.planner.simulate;

import static org.assertj.core.api.Assertions.assertThat;

import dev.scepsy.planner.allocation.GpuFraction;
import dev.scepsy.planner.predict.ConnectionRouting;
import dev.scepsy.planner.profile.Balancing;
import dev.scepsy.planner.profile.Catalogue;
import dev.scepsy.planner.profile.EngineProfiles;
import dev.scepsy.planner.profile.LatencyProfile;
import dev.scepsy.planner.profile.ProfileResult;
import dev.scepsy.planner.profile.ServedModel;
import dev.scepsy.planner.simulate.Simulation.Load;
import dev.scepsy.planner.simulate.Simulation.Options;
import dev.scepsy.planner.simulate.Simulation.Replica;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;

/**
 * What is predicted of connections that lie where chance put them, beside simulations of many draws: prompts of 400 tokens,
 * answers of 60 on average (exponential), Llama-3.1-8B on H100s, up to 0.7 of the rate that holds in 95 % of the draws.
 */
class ConnectionsAgainstSimulatorTest {

    private static final boolean FULL = Boolean.getBoolean("scepsy.full");
    private static final int DRAWS = FULL ? 100 : 20;
    private static final int INPUT = 400;
    private static final int OUTPUT = 60;

    @Test
    void predictedLatencyIsThatOfManyDraws() {
        LatencyProfile profile = profile();
        int near = 0;
        int cases = 0;
        for (int replicas : new int[] {2, 3}) {
            for (int connections : FULL ? new int[] {4, 8, 16, 64, 256} : new int[] {4, 16}) {
                ConnectionRouting routing = ConnectionRouting.of(profile, replicas, connections);
                for (double part : new double[] {0.3, 0.5, 0.7}) {
                    double rate = part * routing.highestRate(ConnectionRouting.SURE, 1);
                    double simulated = simulated(replicas, connections, rate);
                    double predicted = routing.meanLatencySeconds(rate);
                    if (Boolean.getBoolean("scepsy.verbose")) {
                        System.out.printf(
                                Locale.ROOT,
                                "r %d N %3d %.1f of the highest rate, %6.2f/s: predicted %.3f s, simulated %.3f s,"
                                        + " %+.1f %%; even %.3f s%n",
                                replicas,
                                connections,
                                part,
                                rate,
                                predicted,
                                simulated,
                                100 * (predicted / simulated - 1),
                                profile.meanLatencySeconds(rate / replicas, replicas));
                    }
                    assertThat(predicted / simulated)
                            .as("%d replicas, %d connections, %.2f/s", replicas, connections, rate)
                            .isBetween(0.88, 1.12);
                    near += Math.abs(predicted / simulated - 1) < 0.06 ? 1 : 0;
                    cases++;
                }
            }
        }
        assertThat(near).isGreaterThanOrEqualTo(2 * cases / 3);
    }

    private static double simulated(int replicas, int connections, double rate) {
        double seconds = 0;
        for (int draw = 0; draw < DRAWS; draw++) {
            List<Replica> engines = new ArrayList<>();
            for (int i = 0; i < replicas; i++) {
                engines.add(SimulationTest.engine(1, "gpu-" + i));
            }
            double duration = Math.max(60, 400 / rate);
            SimulationReport report = Simulation.run(
                    Map.of("m", engines),
                    List.of(new Load("w", rate, ConnectionsAgainstSimulatorTest::call)),
                    new Options(duration, duration / 6, draw, Routing.connections(connections)));
            seconds += report.workflows()
                    .get(0)
                    .latencySeconds()
                    .orElseThrow()
                    .mean()
                    .value();
        }
        return seconds / DRAWS;
    }

    private static ExecutionScript call(Random random) {
        int output = (int) Math.max(1, Math.round(OUTPUT * -Math.log(1 - random.nextDouble())));
        return new ExecutionScript("w", List.of(new CallScript(Optional.of("m"), INPUT, output, 0, List.of(), 0)), 0);
    }

    private static LatencyProfile profile() {
        Catalogue catalogue = Catalogue.builtIn();
        ProfileResult result = EngineProfiles.builtIn()
                .behind(Balancing.DEALT)
                .profile(
                        ServedModel.named("m"),
                        catalogue.architecture("Llama-3.1-8B").orElseThrow(),
                        catalogue.gpu("H100-SXM-80GB").orElseThrow(),
                        1,
                        GpuFraction.whole(),
                        INPUT,
                        OUTPUT);
        return ((ProfileResult.Modelled) result).profile();
    }
}
