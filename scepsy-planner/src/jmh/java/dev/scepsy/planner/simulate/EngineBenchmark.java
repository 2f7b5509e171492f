package dev.scepsy.planner.simulate;

import dev.scepsy.planner.allocation.GpuFraction;
import dev.scepsy.planner.profile.Catalogue;
import dev.scepsy.planner.profile.EngineCoefficients;
import dev.scepsy.planner.profile.EngineModel;
import dev.scepsy.planner.profile.EngineProfiles;
import dev.scepsy.planner.profile.EngineSetup;
import dev.scepsy.planner.profile.Precision;
import dev.scepsy.planner.profile.ProfileResult;
import dev.scepsy.planner.profile.ServedModels;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/** What one scheduled step costs, and what tabulating one (model, GPU, t, f) costs. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
public class EngineBenchmark {

    /** Requests kept inside the engine. */
    @Param({"16", "64", "256", "1024"})
    int concurrency;

    private EngineCore engine;
    private long submitted;

    @Setup
    public void start() {
        Catalogue catalogue = Catalogue.builtIn();
        EngineSetup setup = EngineSetup.of(
                catalogue.architecture("Llama-3.1-8B").orElseThrow(),
                catalogue.gpu("H100-SXM-80GB").orElseThrow(),
                Precision.BF16,
                1);
        engine = new EngineCore(new EngineModel(setup, EngineCoefficients.builtIn()));
        for (int i = 0; i < concurrency; i++) {
            engine.submit(submitted++, 500, 100 + i, 0);
        }
    }

    @Benchmark
    public double step() {
        double ended = engine.advance();
        for (int i = 0; i < engine.finishedCount(); i++) {
            engine.submit(submitted++, 500, 200, ended);
        }
        return ended;
    }

    /** What the emulated engines do: they want to know who got a token. */
    @Benchmark
    public double stepWithTokens() {
        StepOutcome outcome = engine.completeStep();
        outcome.finished().forEach(id -> engine.submit(submitted++, 500, 200, outcome.endSeconds()));
        return outcome.endSeconds();
    }

    @Benchmark
    public ProfileResult tabulate() {
        Catalogue catalogue = Catalogue.builtIn();
        return EngineProfiles.builtIn()
                .profile(
                        ServedModels.plain("m"),
                        catalogue.architecture("Llama-3.1-8B").orElseThrow(),
                        catalogue.gpu("H100-SXM-80GB").orElseThrow(),
                        1,
                        GpuFraction.whole(),
                        900,
                        180);
    }
}
