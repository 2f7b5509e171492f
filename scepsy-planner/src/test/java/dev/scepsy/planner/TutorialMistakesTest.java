package dev.scepsy.planner;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.scepsy.planner.allocation.GpuFraction;
import dev.scepsy.planner.allocation.LlmAllocation;
import dev.scepsy.planner.allocation.WorkflowPrediction;
import dev.scepsy.planner.execution.Execution;
import dev.scepsy.planner.execution.ExecutionId;
import dev.scepsy.planner.execution.LeafCall;
import dev.scepsy.planner.placement.Placement;
import dev.scepsy.planner.predict.AggregateLlmPipeline;
import dev.scepsy.planner.predict.ModelCalls;
import dev.scepsy.planner.predict.WorkflowDemand;
import dev.scepsy.planner.profile.Catalogue;
import dev.scepsy.planner.profile.ClosedLoop;
import dev.scepsy.planner.profile.EngineCoefficients;
import dev.scepsy.planner.profile.EngineModel;
import dev.scepsy.planner.profile.EngineProfiles;
import dev.scepsy.planner.profile.EngineSetup;
import dev.scepsy.planner.profile.LatencyProfile;
import dev.scepsy.planner.profile.Precision;
import dev.scepsy.planner.profile.ProfileResult;
import dev.scepsy.planner.profile.ServedModel;
import dev.scepsy.planner.profile.ServedModels;
import dev.scepsy.planner.search.Search;
import dev.scepsy.planner.search.SearchResult;
import dev.scepsy.planner.search.choice.AllocationProblem;
import dev.scepsy.planner.share.ExecutionTally;
import dev.scepsy.planner.share.ModelStatistics;
import dev.scepsy.planner.share.ShareEstimator;
import dev.scepsy.planner.simulate.CallScript;
import dev.scepsy.planner.simulate.ExecutionScript;
import dev.scepsy.planner.simulate.Routing;
import dev.scepsy.planner.simulate.Simulation;
import dev.scepsy.planner.simulate.SimulationReport;
import dev.scepsy.planner.span.TraceId;
import dev.scepsy.planner.topology.Cluster;
import dev.scepsy.planner.topology.GpuType;
import dev.scepsy.planner.topology.Node;
import dev.scepsy.planner.topology.Rack;
import dev.scepsy.planner.topology.Sharing;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The fourteen mistakes of a widely read tutorial implementation, each of which would make a planner worthless. */
class TutorialMistakesTest {

    private static final Catalogue CATALOGUE = Catalogue.builtIn();
    private static final long SECOND = 1_000_000_000L;

    private static EngineModel engine(String model, String gpu, Precision precision, int degree, double fraction) {
        EngineSetup setup = EngineSetup.of(
                        CATALOGUE.architecture(model).orElseThrow(),
                        CATALOGUE.gpu(gpu).orElseThrow(),
                        precision,
                        degree)
                .withGpuFraction(fraction);
        return new EngineModel(setup, EngineCoefficients.builtIn());
    }

    private static ClosedLoop.Result.Steady steady(EngineModel engine, double input, double output, double clients) {
        return (ClosedLoop.Result.Steady) ClosedLoop.at(engine, input, output, clients);
    }

    private static double perToken(EngineModel engine, double input, double output, double clients) {
        return steady(engine, input, output, clients).perTokenSeconds().orElseThrow();
    }

    private static ProfileResult profile(String model, int degree, double fraction) {
        ServedModel served = ServedModels.plain("m");
        return EngineProfiles.builtIn()
                .profile(
                        served,
                        CATALOGUE.architecture(model).orElseThrow(),
                        CATALOGUE.gpu("H100-SXM-80GB").orElseThrow(),
                        degree,
                        GpuFraction.of(fraction),
                        1000,
                        200);
    }

    private static LatencyProfile llama() {
        return ((ProfileResult.Modelled) profile("Llama-3.1-8B", 1, 1)).profile();
    }

    private static WorkflowDemand demand(double target, double calls) {
        return new WorkflowDemand("w", target, 1, 0, 0, List.of(new ModelCalls("m", calls, calls)));
    }

    @Test
    void m01LoadIsRateTimesCallsNotRateTimesShare() {
        assertThat(AggregateLlmPipeline.of(List.of(demand(2, 5))).requestsPerSecond(0))
                .isEqualTo(10);
    }

    @Test
    void m02SharesWeighTotalTimeNotTimePerCall() {
        List<LeafCall> calls = new ArrayList<>();
        for (int i = 0; i < 5; i++) {
            calls.add(call(i + 1, "often", i * SECOND, (i + 1) * SECOND));
        }
        calls.add(call(6, "once", 5 * SECOND, 10 * SECOND));
        ExecutionTally tally = new ExecutionTally();
        tally.add(new Execution.Complete(
                new ExecutionId(new TraceId(0, 1), 9),
                "w",
                0,
                10 * SECOND,
                calls,
                OptionalDouble.empty(),
                OptionalDouble.empty()));
        for (ModelStatistics model :
                tally.estimate(new ShareEstimator(1, 1)).workflows().get(0).models()) {
            assertThat(model.executionShare().orElseThrow()).isCloseTo(0.5, within(1e-12));
        }
    }

    private static LeafCall call(long id, String model, long start, long end) {
        return new LeafCall(id, model, start, end, 0, OptionalLong.empty(), OptionalLong.empty(), false);
    }

    @Test
    void m03DecodingIsBoundByMemory() {
        double perToken = perToken(engine("Llama-3.1-70B", "H100-SXM-80GB", Precision.BF16, 8, 1), 512, 128, 1);
        double weightsOverBandwidth = 141e9 / 8 / 3.35e12;
        assertThat(perToken).isGreaterThan(weightsOverBandwidth);
    }

    @Test
    void m04PromptsCostTime() {
        EngineModel engine = engine("Llama-3.1-8B", "H100-SXM-80GB", Precision.BF16, 1, 1);
        assertThat(steady(engine, 8000, 200, 16).firstTokenSeconds())
                .isGreaterThan(2 * steady(engine, 500, 200, 16).firstTokenSeconds());
        assertThat(perToken(engine, 8000, 200, 16)).isGreaterThan(2 * perToken(engine, 500, 200, 16));
    }

    @Test
    void m05OneReplicaServesManyAtOnce() {
        EngineModel engine = engine("Llama-3.1-8B", "H100-SXM-80GB", Precision.BF16, 1, 1);
        double alone = 1 / perToken(engine, 500, 200, 1);
        double together = 64 / perToken(engine, 500, 200, 64);
        assertThat(together).isGreaterThan(10 * alone);
    }

    @Test
    void m06MemoryIsChecked() {
        assertThat(profile("Llama-3.1-70B", 1, 0.1)).isInstanceOf(ProfileResult.Unusable.class);
        assertThat(profile("Llama-3.1-70B", 1, 1)).isInstanceOf(ProfileResult.Unusable.class);
    }

    @Test
    void m07TensorParallelismGainsWhatItGainsInReality() {
        // 10th to 90th percentile of measured speed-ups on NVSwitch systems
        assertThat(speedUp(1, 2)).isBetween(1.38, 1.85);
        assertThat(speedUp(2, 4)).isBetween(1.28, 1.62);
        assertThat(speedUp(4, 8)).isBetween(1.06, 1.44);
    }

    private static double speedUp(int from, int to) {
        return perToken(engine("Llama-3.1-70B", "B200-SXM-180GB", Precision.FP8, from, 1), 1024, 1024, 32)
                / perToken(engine("Llama-3.1-70B", "B200-SXM-180GB", Precision.FP8, to, 1), 1024, 1024, 32);
    }

    @Test
    void m08HalfAGpuDecodesAlmostAsFast() {
        double whole = perToken(engine("Llama-3.1-8B", "H100-SXM-80GB", Precision.BF16, 1, 1), 100, 500, 4);
        double half = perToken(engine("Llama-3.1-8B", "H100-SXM-80GB", Precision.BF16, 1, 0.5), 100, 500, 4);
        assertThat(half / whole).isBetween(1.0, 1.1);
    }

    @Test
    void m09FractionIsAShareOfOneGpuAndUseIsReplicasTimesDegreeTimesFraction() {
        assertThat(new LlmAllocation("m", "g", GpuFraction.whole(), 4, 1, 80).gpus())
                .isEqualTo(4);
        assertThat(new LlmAllocation("m", "g", GpuFraction.of(0.3), 1, 2, 24).gpus())
                .isEqualTo(0.6);
    }

    private static SearchResult search(double target, int gpus) {
        GpuType type = new GpuType("H100-SXM-80GB", 80);
        Cluster cluster =
                new Cluster(List.of(new Rack("r", List.of(new Node("n", type, gpus, gpus, new Sharing.Exclusive())))));
        AllocationProblem.Candidate candidate =
                new AllocationProblem.Candidate("H100-SXM-80GB", 1, GpuFraction.whole(), llama());
        return Search.plan(
                new AllocationProblem(
                        cluster,
                        List.of(new AllocationProblem.ModelOptions("m", 1, OptionalInt.empty(), List.of(candidate))),
                        List.of(demand(target, 1)),
                        0.85),
                Placement::on);
    }

    @Test
    void m10TheBudgetHolds() {
        assertThat(search(10 * llama().saturationRequestsPerSecond(), 2)).isInstanceOf(SearchResult.Infeasible.class);
    }

    @Test
    void m11TheSearchIsDeterministic() {
        assertThat(search(5, 2)).isInstanceOf(SearchResult.Found.class).isEqualTo(search(5, 2));
    }

    @Test
    void m12TailsAndFanOutsAreSimulatedNotSummed() {
        List<CallScript> siblings = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            siblings.add(new CallScript(Optional.of("m"), 1000, 200, 0, List.of(), 0));
        }
        SimulationReport report = Simulation.run(
                Map.of("m", List.of(new Simulation.Replica.Curve(llama()))),
                List.of(new Simulation.Load("w", 1, random -> new ExecutionScript("w", siblings, 0))),
                new Simulation.Options(500, 50, 1, Routing.LEAST_LOADED));
        SimulationReport.Latency latency =
                report.workflows().get(0).latencySeconds().orElseThrow();
        assertThat(latency.mean().value()).isLessThan(2 * llama().meanLatencySeconds(4));
        assertThat(latency.p99().value()).isGreaterThan(latency.mean().value());
    }

    @Test
    void m13OverloadIsGradedNotInfinite() {
        LatencyProfile profile = llama();
        double saturation = profile.saturationRequestsPerSecond();
        assertThat(profile.meanLatencySeconds(saturation))
                .isFinite()
                .isGreaterThan(profile.meanLatencySeconds(saturation / 2));
        WorkflowPrediction overloaded = AggregateLlmPipeline.of(List.of(demand(2 * saturation, 1)))
                .predict(Map.of("m", new AggregateLlmPipeline.Serving(profile, 1)), 1)
                .get(0);
        assertThat(overloaded.latencySeconds()).isEmpty();
        assertThat(overloaded.maxThroughputPerSecond().orElseThrow()).isCloseTo(saturation, within(1e-9));
    }

    @Test
    void m14NoDocumentQuotesTheTutorialsResults() throws IOException {
        try (Stream<Path> documents = Files.walk(Path.of("../docs"))) {
            for (Path document :
                    documents.filter(path -> path.toString().endsWith(".md")).toList()) {
                assertThat(Files.readString(document)).as(document.toString()).doesNotContainPattern("87\\.3 ?%");
            }
        }
    }
}
