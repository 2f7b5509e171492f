package dev.scepsy.samples.cluster.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.scepsy.planner.profile.Catalogue;
import dev.scepsy.planner.profile.EngineCoefficients;
import dev.scepsy.planner.profile.EngineModel;
import dev.scepsy.planner.profile.EngineSetup;
import dev.scepsy.planner.profile.Precision;
import dev.scepsy.planner.simulate.Arrivals;
import dev.scepsy.planner.simulate.CallScript;
import dev.scepsy.planner.simulate.EngineCore;
import dev.scepsy.planner.simulate.ExecutionScript;
import dev.scepsy.planner.simulate.Routing;
import dev.scepsy.planner.simulate.Simulation;
import dev.scepsy.planner.simulate.SimulationReport;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** One engine on a clock that the test moves: its times are exactly the engine model's. */
class EngineTest {
    private long nanos;
    private final EventClock clock = new EventClock(1, () -> nanos, (millis, callback) -> {});
    private final SharedGpu gpu = new SharedGpu("node-1", 0);

    @Test
    void aRequestTakesWhatTheEngineModelSays() {
        Engine engine = engine("alone", 1);
        Recorder recorder = new Recorder();
        engine.submit(new EngineRequest(500, 100, "stop", clock.nowSeconds(), recorder));
        run(60);

        EngineCore reference = new EngineCore(model(1));
        double start = model(1).firstTokenOverheadSeconds(500);
        reference.submit(1, 500, 100, start);
        double end = start;
        while (reference.nextStepEndSeconds().isPresent()) {
            end = reference.nextStepEndSeconds().getAsDouble();
            reference.completeStep();
        }
        assertThat(recorder.tokens).isEqualTo(100);
        assertThat(recorder.finishedSeconds).isCloseTo(end, within(1e-9));
    }

    @Test
    void neighboursDoExactlyWhatTheSimulatorSays() {
        Recorder first = new Recorder();
        Recorder second = new Recorder();
        Engine one = engine("one", 0.5);
        Engine other = engine("other", 0.5);
        one.submit(new EngineRequest(100, 200, "stop", 0, first));
        other.submit(new EngineRequest(300, 400, "stop", 0, second));
        run(60);

        SimulationReport report = Simulation.run(
                Map.of(
                        "one", List.of(new Simulation.Replica.Engine(model(0.5), List.of("gpu"))),
                        "other", List.of(new Simulation.Replica.Engine(model(0.5), List.of("gpu")))),
                List.of(once("one", 100, 200), once("other", 300, 400)),
                new Simulation.Options(60, 0, 1, Routing.LEAST_LOADED));
        assertThat(latency(report, 0)).isCloseTo(first.finishedSeconds, within(1e-9));
        assertThat(latency(report, 1)).isCloseTo(second.finishedSeconds, within(1e-9));
    }

    private static Simulation.Load once(String model, int inputTokens, int outputTokens) {
        CallScript call = new CallScript(Optional.of(model), inputTokens, outputTokens, 0, List.of(), 0);
        ExecutionScript script = new ExecutionScript(model, List.of(call), 0);
        return new Simulation.Load(model, new Arrivals.Recorded(List.of(0.0)), (number, random) -> script);
    }

    private static double latency(SimulationReport report, int workflow) {
        return report.workflows()
                .get(workflow)
                .latencySeconds()
                .orElseThrow()
                .mean()
                .value();
    }

    @Test
    void neighboursThatAskForMoreBandwidthThanThereIsSlowEachOther() {
        Recorder alone = new Recorder();
        Engine first = engine("first", 0.5);
        first.submit(new EngineRequest(100, 200, "stop", 0, alone));
        run(60);
        double aloneSeconds = alone.finishedSeconds;

        double again = clock.nowSeconds();
        Engine second = engine("second", 0.5);
        Recorder shared = new Recorder();
        Recorder other = new Recorder();
        second.submit(new EngineRequest(100, 400, "stop", again, other));
        first.submit(new EngineRequest(100, 200, "stop", again, shared));
        run(60);

        assertThat(shared.finishedSeconds - again).isGreaterThan(aloneSeconds * 1.2);
    }

    @Test
    void aSlowEngineTakesSoManyTimesAsLongAndItsMetricsSaySo() {
        Recorder well = new Recorder();
        Engine engine = engine("slow", 1);
        engine.submit(new EngineRequest(100, 200, "stop", 0, well));
        run(60);
        double before = sum(engine.metrics());
        double begun = clock.nowSeconds();
        Recorder slow = new Recorder();
        engine.setSlowness(3);
        engine.submit(new EngineRequest(100, 200, "stop", begun, slow));
        run(60);

        double overhead = model(1).firstTokenOverheadSeconds(100);
        double took = slow.finishedSeconds - begun;
        assertThat(took - overhead).isCloseTo(3 * (well.finishedSeconds - overhead), within(1e-6));
        assertThat(sum(engine.metrics()) - before).isCloseTo(took, within(1e-3));
    }

    /** Of the time from arrival to answer over all requests, as the engine publishes it. */
    private static double sum(String metrics) {
        return metrics.lines()
                .filter(line -> line.startsWith("vllm:e2e_request_latency_seconds_sum"))
                .mapToDouble(line -> Double.parseDouble(line.substring(line.lastIndexOf(' ') + 1)))
                .sum();
    }

    @Test
    void stoppingLosesWhatIsInsideAndFreesTheGpu() {
        Engine engine = engine("dying", 1);
        Recorder recorder = new Recorder();
        engine.submit(new EngineRequest(100, 1000, "stop", 0, recorder));
        run(1);
        engine.stop();

        assertThat(recorder.lost).isTrue();
        assertThat(engine.load()).isZero();
        assertThat(gpu.engines()).isEmpty();
        double busy = gpu.busySeconds(clock.nowSeconds());
        run(5);
        assertThat(gpu.busySeconds(clock.nowSeconds())).isEqualTo(busy);
    }

    @Test
    void anAbortedRequestCountsAsAborted() {
        Engine engine = engine("aborting", 1);
        Recorder recorder = new Recorder();
        long id = engine.submit(new EngineRequest(100, 1000, "stop", 0, recorder));
        run(1);
        engine.abort(id);
        run(5);

        assertThat(recorder.finishedSeconds).isNaN();
        assertThat(engine.load()).isZero();
        assertThat(engine.metrics()).contains("finished_reason=\"abort\",model_name=\"aborting\"} 1.0");
    }

    @Test
    void metricsHaveVllmsNamesAndAddUp() {
        Engine engine = engine("measured", 1);
        List<Recorder> recorders = new ArrayList<>();
        for (int i = 0; i < 10; i++) {
            Recorder recorder = new Recorder();
            recorders.add(recorder);
            engine.submit(new EngineRequest(100, 50, "stop", 0, recorder));
        }
        run(60);

        String metrics = engine.metrics();
        assertThat(metrics)
                .contains(
                        "vllm:num_requests_running{engine=\"0\",model_name=\"measured\"} 0",
                        "vllm:num_requests_waiting{",
                        "vllm:kv_cache_usage_perc{",
                        "vllm:num_preemptions_total{",
                        "vllm:prompt_tokens_total{engine=\"0\",model_name=\"measured\"} 1000",
                        "vllm:generation_tokens_total{engine=\"0\",model_name=\"measured\"} 500",
                        "vllm:time_to_first_token_seconds_count{engine=\"0\",model_name=\"measured\"} 10",
                        "vllm:inter_token_latency_seconds_count{engine=\"0\",model_name=\"measured\"} 490",
                        "vllm:e2e_request_latency_seconds_count{engine=\"0\",model_name=\"measured\"} 10",
                        "finished_reason=\"stop\",model_name=\"measured\"} 10.0");
    }

    @Test
    void idleEnginesAreNotBusy() {
        Engine engine = engine("idle", 1);
        engine.submit(new EngineRequest(100, 10, "stop", 0, new Recorder()));
        run(10);
        double busy = gpu.busySeconds(clock.nowSeconds());
        run(10);

        assertThat(busy).isPositive().isEqualTo(gpu.busySeconds(clock.nowSeconds()));
        assertThat(gpu.computeSeconds()).isCloseTo(busy, within(1e-9));
    }

    private Engine engine(String name, double fraction) {
        Engine engine = new Engine(new EngineSpec(name, List.of(name), model(fraction), 32_768, List.of(gpu)), clock);
        engine.serve();
        return engine;
    }

    private static EngineModel model(double fraction) {
        EngineSetup setup = EngineSetup.of(
                        Catalogue.builtIn().architecture("Llama-3.1-8B").orElseThrow(),
                        Catalogue.builtIn().gpu("A100-SXM-80GB").orElseThrow(),
                        Precision.BF16,
                        1)
                .withGpuFraction(fraction);
        return new EngineModel(setup, EngineCoefficients.builtIn());
    }

    /** Moves real time on in small steps. */
    private void run(double seconds) {
        long until = nanos + (long) (seconds * 1e9);
        while (nanos < until) {
            nanos += 50_000_000;
            clock.catchUp();
        }
    }

    private final class Recorder implements EngineRequest.Listener {
        private int tokens;
        private double finishedSeconds = Double.NaN;
        private boolean lost;

        @Override
        public void token(int generatedTokens) {
            tokens = generatedTokens;
        }

        @Override
        public void finished() {
            finishedSeconds = clock.nowSeconds();
        }

        @Override
        public void lost() {
            lost = true;
        }
    }
}
