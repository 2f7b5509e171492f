package dev.scepsy.planner.cli;

import dev.scepsy.planner.profile.EngineMeasurement;
import dev.scepsy.planner.profile.EngineSetup;
import dev.scepsy.planner.profile.GpuFacts;
import dev.scepsy.planner.profile.ModelArchitecture;
import java.util.List;
import java.util.function.ToDoubleFunction;

/** What the engine model is compared with: a tutorial's formula, the ideal roofline, seven non-negative coefficients. */
final class Baselines {

    private static final double BF16_BYTES = 2;

    private Baselines() {}

    /** A widely read tutorial: decoding as compute-bound, one request, 10 % lost per further GPU. */
    static double tutorialSeconds(EngineMeasurement row) {
        EngineSetup setup = row.setup();
        int degree = setup.tensorParallel();
        double flops = setup.gpu().bf16Tflops() * 1e12 * degree;
        return 2.0 * setup.architecture().activeParameters() / flops * (1 + 0.1 * (degree - 1));
    }

    /** The larger of traffic over bandwidth and arithmetic over peak, without prompts of others. */
    static double rooflineSeconds(EngineMeasurement row) {
        double[] terms = terms(row);
        return Math.max(terms[0] + terms[1], decodeFlopsSeconds(row));
    }

    private static double decodeFlopsSeconds(EngineMeasurement row) {
        EngineSetup setup = row.setup();
        return 2.0
                * setup.architecture().activeParameters()
                * row.concurrency()
                / flops(setup)
                / setup.tensorParallel();
    }

    private static double flops(EngineSetup setup) {
        GpuFacts gpu = setup.gpu();
        double tflops = switch (setup.weightPrecision()) {
            case FP8, INT8 -> gpu.fp8Tflops().orElse(gpu.bf16Tflops());
            case FP4 -> gpu.fp4Tflops().orElse(gpu.bf16Tflops());
            default -> gpu.bf16Tflops();
        };
        return tflops * 1e12;
    }

    /** Weights, cache, prompts of others, all-reduce, layers, requests, one: the terms of the linear rival. */
    private static double[] terms(EngineMeasurement row) {
        EngineSetup setup = row.setup();
        ModelArchitecture model = setup.architecture();
        double bandwidth = setup.gpu().memoryBandwidthGBps() * 1e9;
        double degree = setup.tensorParallel();
        double batch = row.concurrency();
        double routed = model.totalParameters() - (double) model.activeParameters();
        double touched = model.routedExperts() == 0
                ? 0
                : 1 - Math.pow(1 - (double) model.expertsPerToken() / model.routedExperts(), batch);
        double weights = (model.activeParameters() + Math.max(0, routed) * touched)
                * setup.weightPrecision().bytes();
        double context = row.inputTokens() + row.outputTokens() / 2;
        double prompt = 2.0 * model.activeParameters() * row.inputTokens() / flops(setup) / degree;
        double link = setup.gpu().nvlinkOneWayGBps().orElse(setup.gpu().pcieOneWayGBps()) * 1e9;
        return new double[] {
            weights / degree / bandwidth,
            batch * model.kvBytes(context, setup.tensorParallel(), setup.kvCachePrecision()) / bandwidth,
            batch / row.outputTokens() * prompt,
            degree == 1
                    ? 0
                    : 2 * model.layers() * batch * model.hiddenSize() * BF16_BYTES * 2 * (degree - 1) / degree / link,
            model.layers() * 1e-5,
            batch * 1e-5,
            1e-3
        };
    }

    /** Non-negative least squares of relative errors over seven terms, by coordinate descent. */
    static ToDoubleFunction<EngineMeasurement> linear(List<EngineMeasurement> rows) {
        double[][] x = rows.stream().map(Baselines::terms).toArray(double[][]::new);
        int terms = x[0].length;
        double[] residual = new double[x.length];
        for (int i = 0; i < x.length; i++) {
            for (int k = 0; k < terms; k++) {
                x[i][k] /= rows.get(i).perTokenSeconds();
            }
            residual[i] = 1;
        }
        double[] c = new double[terms];
        for (int sweep = 0; sweep < 20_000; sweep++) {
            for (int k = 0; k < terms; k++) {
                double along = 0;
                double square = 0;
                for (int i = 0; i < x.length; i++) {
                    along += x[i][k] * residual[i];
                    square += x[i][k] * x[i][k];
                }
                double change = Math.max(-c[k], along / square);
                c[k] += change;
                for (int i = 0; i < x.length; i++) {
                    residual[i] -= change * x[i][k];
                }
            }
        }
        return row -> {
            double[] t = terms(row);
            double seconds = 0;
            for (int k = 0; k < terms; k++) {
                seconds += c[k] * t[k];
            }
            return seconds;
        };
    }
}
