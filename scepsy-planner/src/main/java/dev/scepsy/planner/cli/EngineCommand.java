package dev.scepsy.planner.cli;

import dev.scepsy.planner.engine.EnginePoints;
import dev.scepsy.planner.engine.UnusableRowsException;
import dev.scepsy.planner.file.CsvTable;
import dev.scepsy.planner.file.Problem;
import dev.scepsy.planner.file.WholeFile;
import dev.scepsy.planner.profile.EngineCoefficients;
import dev.scepsy.planner.profile.EngineFit;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code scepsy engine}: closed-loop points of the engine model, one or many, and the fit of its coefficients. */
@Command(
        name = "engine",
        description = {
            "Predicts time to first token and time per output token of an engine under a closed loop of clients.",
            "One point by options, many by --batch; --fit fits the model's coefficients to measured" + " rows."
        })
final class EngineCommand implements Callable<Integer> {

    @Option(
            names = "--model",
            paramLabel = "KEY",
            description = "Architecture: a key of the catalogue, or the path of a Hugging Face config.json.")
    @Nullable
    String model;

    @Option(names = "--gpu", paramLabel = "KEY", description = "GPU type, a key of the catalogue.")
    @Nullable
    String gpu;

    @Option(
            names = "--engine",
            paramLabel = "NAME",
            description =
                    "Engine: vllm, trtllm or sglang; others get general coefficients (default:" + " ${DEFAULT-VALUE}).")
    String engine = "vllm";

    @Option(
            names = "--tensor-parallel",
            paramLabel = "T",
            description = "Number of GPUs that one replica spans (default: ${DEFAULT-VALUE}).")
    String tensorParallel = "1";

    @Option(names = "--input-tokens", paramLabel = "N", description = "Prompt tokens per request.")
    @Nullable
    String inputTokens;

    @Option(names = "--output-tokens", paramLabel = "N", description = "Generated tokens per request.")
    @Nullable
    String outputTokens;

    @Option(
            names = "--concurrency",
            paramLabel = "N",
            description = "Number of clients, each with one request at a time.")
    @Nullable
    String concurrency;

    @Option(
            names = "--weight-precision",
            paramLabel = "P",
            description = "Precision of the weights: fp32, bf16, fp8, int8, int4 or fp4 (default: as the"
                    + " checkpoint is published).")
    String weightPrecision = "";

    @Option(
            names = "--kv-cache-precision",
            paramLabel = "P",
            description = "Precision of the KV cache (default: fp8 for fp8 and fp4 weights, else bf16).")
    String kvCachePrecision = "";

    @Option(
            names = "--gpu-fraction",
            paramLabel = "F",
            description = "Share of each GPU, in (0, 1] (default: ${DEFAULT-VALUE}).")
    String gpuFraction = "1";

    @Option(
            names = "--prefix-cache-hit-rate",
            paramLabel = "R",
            description = "Part of the prompt that is found in the prefix cache, in [0, 1) (default: 0).")
    String prefixCacheHitRate = "";

    @Option(
            names = "--max-num-seqs",
            paramLabel = "N",
            description = "Highest number of requests that run at once (default: vLLM's for the GPU, 256 or 1024).")
    String maxNumSeqs = "";

    @Option(
            names = "--max-num-batched-tokens",
            paramLabel = "N",
            description =
                    "Highest number of tokens that one step computes (default: vLLM's for the GPU, 2048 or" + " 8192).")
    String maxNumBatchedTokens = "";

    @Option(names = "--batch", paramLabel = "ROWS.CSV", description = "Predict every row of this file.")
    @Nullable
    Path batch;

    @Option(
            names = "--fit",
            paramLabel = "ROWS.CSV",
            description = "Rows with ttftMillis and tpotMillis to fit the coefficients to.")
    @Nullable
    Path fit;

    @Option(
            names = "--kernels",
            paramLabel = "FOLDER",
            description = "Folder of kernel tables (GPU/TABLE-ENGINE.csv.gz) to thin to the surfaces that"
                    + " --kernel-surfaces reads.")
    @Nullable
    Path kernels;

    @Option(
            names = "--kernel-surfaces",
            paramLabel = "FILE",
            description = "Your own kernel times, written by --kernels, instead of the built-in ones for the same"
                    + " GPU types.")
    @Nullable
    Path kernelSurfaces;

    @Option(
            names = "--calibrate",
            paramLabel = "ROWS.CSV",
            description =
                    "Measured rows of your own engine; the coefficients are moved towards them before" + " predicting.")
    @Nullable
    Path calibrate;

    @Option(names = "--out", paramLabel = "FILE", description = "File for the result (default: standard output).")
    @Nullable
    Path out;

    @Mixin
    private final Terminal terminal = new Terminal();

    @Override
    public Integer call() throws IOException {
        try {
            if (kernels != null) {
                requireNothingElse();
                write(EnginePoints.surfaces(kernels));
                return ExitCode.DONE;
            }
            EnginePoints points = new EnginePoints(Optional.ofNullable(kernelSurfaces));
            EngineCoefficients coefficients = EngineCoefficients.builtIn();
            if (calibrate != null) {
                coefficients = EngineFit.calibrate(coefficients, points.measurements(calibrate));
            }
            Path measured = fit;
            write(measured == null ? predicted(points, coefficients) : points.fitted(measured));
            return ExitCode.DONE;
        } catch (UnusableRowsException e) {
            return terminal.badInput(e.problems());
        }
    }

    private String predicted(EnginePoints points, EngineCoefficients coefficients) throws UnusableRowsException {
        return batch == null
                ? points.predicted(row(), "scepsy engine", true, coefficients)
                : points.predicted(EnginePoints.read(batch), batch.toString(), false, coefficients);
    }

    /** The one point that the options describe. */
    private CsvTable row() throws UnusableRowsException {
        List<String> header = new ArrayList<>(List.of(
                "model",
                "gpu",
                "engine",
                "weightPrecision",
                "tensorParallel",
                "inputTokens",
                "outputTokens",
                "concurrency",
                "gpuFraction"));
        List<String> cells = new ArrayList<>(List.of(
                required("--model", model),
                required("--gpu", gpu),
                engine,
                weightPrecision,
                tensorParallel,
                required("--input-tokens", inputTokens),
                required("--output-tokens", outputTokens),
                required("--concurrency", concurrency),
                gpuFraction));
        // settings that nobody gave are no columns: the answer keeps its shape
        Map<String, String> settings = new LinkedHashMap<>();
        settings.put("kvCachePrecision", kvCachePrecision);
        settings.put("prefixCacheHitRate", prefixCacheHitRate);
        settings.put("maxNumSeqs", maxNumSeqs);
        settings.put("maxNumBatchedTokens", maxNumBatchedTokens);
        settings.forEach((column, value) -> {
            if (!value.isEmpty()) {
                header.add(column);
                cells.add(value);
            }
        });
        return new CsvTable(header, List.of(new CsvTable.Row(0, cells, header)));
    }

    private static String required(String option, @Nullable String value) throws UnusableRowsException {
        if (value == null) {
            throw new UnusableRowsException(List.of(new Problem(
                    "scepsy engine",
                    option,
                    0,
                    0,
                    "This option is missing: one point needs --model, --gpu, --input-tokens, --output-tokens and"
                            + " --concurrency; many rows need --batch.")));
        }
        return value;
    }

    private void requireNothingElse() throws UnusableRowsException {
        if (batch != null || fit != null || calibrate != null || model != null) {
            throw new UnusableRowsException(List.of(new Problem(
                    "scepsy engine",
                    "--kernels",
                    0,
                    0,
                    "This option predicts and fits nothing: leave out --model, --batch, --fit and --calibrate.")));
        }
    }

    private void write(String text) throws IOException {
        if (out != null) {
            WholeFile.write(out, text);
            return;
        }
        terminal.out().print(text);
        terminal.out().flush();
    }
}
