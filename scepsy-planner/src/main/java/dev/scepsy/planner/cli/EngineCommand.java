package dev.scepsy.planner.cli;

import dev.scepsy.planner.file.CsvTable;
import dev.scepsy.planner.file.Problem;
import dev.scepsy.planner.file.TextFile;
import dev.scepsy.planner.file.WholeFile;
import dev.scepsy.planner.profile.ClosedLoop;
import dev.scepsy.planner.profile.EngineCoefficients;
import dev.scepsy.planner.profile.EngineFit;
import dev.scepsy.planner.profile.EngineMeasurement;
import dev.scepsy.planner.profile.EngineModel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
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
                write(surfaces(kernels));
                return ExitCode.DONE;
            }
            EngineCoefficients coefficients = EngineCoefficients.builtIn();
            if (calibrate != null) {
                coefficients = EngineFit.calibrate(coefficients, measurements(calibrate));
            }
            Path measured = fit;
            write(measured == null ? predicted(rows(), coefficients) : fitted(measured));
            return ExitCode.DONE;
        } catch (BadRows e) {
            return terminal.badInput(e.problems);
        }
    }

    private CsvTable rows() throws IOException, BadRows {
        if (batch != null) {
            return read(batch);
        }
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

    private static String required(String option, @Nullable String value) throws BadRows {
        if (value == null) {
            throw new BadRows(List.of(new Problem(
                    "scepsy engine",
                    option,
                    0,
                    0,
                    "This option is missing: one point needs --model, --gpu, --input-tokens, --output-tokens and"
                            + " --concurrency; many rows need --batch.")));
        }
        return value;
    }

    private static CsvTable read(Path file) throws BadRows {
        try {
            return CsvTable.read(file);
        } catch (TextFile.Unreadable e) {
            throw new BadRows(List.of(new Problem(file.toString(), "", e.line(), Math.min(1, e.line()), e.sentence())));
        }
    }

    private static List<EngineRows.Point> points(EngineRows rows, CsvTable csv) throws BadRows {
        List<EngineRows.Point> points = rows.points(csv);
        if (!rows.problems().isEmpty()) {
            throw new BadRows(rows.problems());
        }
        return points;
    }

    private String predicted(CsvTable csv, EngineCoefficients coefficients) throws BadRows {
        List<String> header = new ArrayList<>(csv.header());
        header.addAll(List.of("ttftMillis", "tpotMillis", "reason"));
        StringBuilder text = new StringBuilder(CsvTable.line(header));
        EngineRows rows = rows(batch == null ? "scepsy engine" : batch.toString());
        for (EngineRows.Point point : points(rows, csv)) {
            List<String> cells = new ArrayList<>(point.row().cells());
            if (batch == null) {
                point.setup()
                        .ifPresent(setup -> cells.set(
                                csv.header().indexOf("weightPrecision"),
                                setup.weightPrecision().key()));
            }
            while (cells.size() < csv.header().size()) {
                cells.add("");
            }
            cells.addAll(answer(point, rows.warnings(point.row()), coefficients));
            text.append(CsvTable.line(cells));
        }
        return text.toString();
    }

    private static List<String> answer(EngineRows.Point point, List<String> warnings, EngineCoefficients coefficients) {
        if (point.setup().isEmpty()) {
            return List.of("", "", point.impossible());
        }
        EngineModel engineModel = new EngineModel(point.setup().get(), coefficients);
        ClosedLoop.Result result =
                ClosedLoop.at(engineModel, point.inputTokens(), point.outputTokens(), point.concurrency());
        if (result instanceof ClosedLoop.Result.Impossible impossible) {
            return List.of("", "", impossible.unusable().message());
        }
        ClosedLoop.Result.Steady steady = (ClosedLoop.Result.Steady) result;
        List<String> notes = new ArrayList<>(warnings);
        if (!EngineModel.knows(point.engine())) {
            notes.add("general coefficients: no measured rows of engine " + point.engine());
        }
        point.setup().get().gpu().borrowedKernels().ifPresent(notes::add);
        if (steady.runningRequests() < point.concurrency()) {
            notes.add(String.format(
                    Locale.ROOT,
                    "%.0f of %.0f clients run at once and the rest wait",
                    Math.floor(steady.runningRequests()),
                    point.concurrency()));
        }
        OptionalInt context = point.setup().get().architecture().contextTokens();
        if (context.isPresent() && point.inputTokens() + point.outputTokens() > context.getAsInt()) {
            notes.add(String.format(
                    Locale.ROOT,
                    "%.0f tokens are beyond the context of %s (%d)",
                    point.inputTokens() + point.outputTokens(),
                    point.setup().get().architecture().name(),
                    context.getAsInt()));
        }
        String perToken = steady.perTokenSeconds().isPresent()
                ? millis(steady.perTokenSeconds().getAsDouble())
                : "";
        return List.of(millis(steady.firstTokenSeconds()), perToken, String.join("; ", notes));
    }

    private static String millis(double seconds) {
        return String.format(Locale.ROOT, "%.4f", seconds * 1e3);
    }

    private EngineRows rows(String file) {
        return new EngineRows(file, Optional.ofNullable(kernelSurfaces));
    }

    private List<EngineMeasurement> measurements(Path file) throws BadRows {
        List<EngineMeasurement> measurements = new ArrayList<>();
        List<Problem> problems = new ArrayList<>();
        for (EngineRows.Point point : points(rows(file.toString()), read(file))) {
            double perToken = measured(point, "tpotMillis");
            if (point.setup().isEmpty()) {
                problems.add(problem(file, point, "tensorParallel", point.impossible() + "."));
            } else if (!(perToken > 0)) {
                problems.add(problem(file, point, "tpotMillis", "It must be a number above 0."));
            } else {
                measurements.add(new EngineMeasurement(
                        point.setup().get(),
                        point.inputTokens(),
                        point.outputTokens(),
                        point.concurrency(),
                        measured(point, "ttftMillis") / 1e3,
                        perToken / 1e3));
            }
        }
        if (!problems.isEmpty()) {
            throw new BadRows(problems);
        }
        return measurements;
    }

    private static Problem problem(Path file, EngineRows.Point point, String column, String message) {
        return new Problem(file.toString(), column, point.row().line(), 1, message);
    }

    private static double measured(EngineRows.Point point, String column) {
        try {
            return Double.parseDouble(point.row().cell(column).orElse("NaN"));
        } catch (NumberFormatException e) {
            return Double.NaN;
        }
    }

    private String fitted(Path file) throws BadRows {
        List<EngineMeasurement> rows = measurements(file);
        EngineCoefficients coefficients = EngineFit.fit(rows);
        StringBuilder text = new StringBuilder();
        text.append("# Coefficients of the engine model; meaning and units: dev.scepsy.planner.profile.Coefficient.\n");
        text.append("# Fitted on ")
                .append(rows.size())
                .append(" rows of ")
                .append(file.getFileName())
                .append(".\n");
        return text.append(coefficients.toProperties()).toString();
    }

    private void requireNothingElse() throws BadRows {
        if (batch != null || fit != null || calibrate != null || model != null) {
            throw new BadRows(List.of(new Problem(
                    "scepsy engine",
                    "--kernels",
                    0,
                    0,
                    "This option predicts and fits nothing: leave out --model, --batch, --fit and --calibrate.")));
        }
    }

    private static String surfaces(Path folder) throws IOException, BadRows {
        if (!Files.isDirectory(folder)) {
            throw new BadRows(List.of(new Problem(
                    folder.toString(),
                    "",
                    0,
                    0,
                    "There is no such folder: --kernels takes one with GPU/TABLE-ENGINE.csv.gz in it.")));
        }
        KernelFolder tables = new KernelFolder();
        List<String> lines = tables.surfaces(folder);
        if (!tables.problems().isEmpty()) {
            throw new BadRows(tables.problems());
        }
        return String.join("\n", KERNELS_HEADER) + "\n" + String.join("\n", lines) + "\n";
    }

    private static final List<String> KERNELS_HEADER = List.of(
            "# Kernel times over their rooflines (gemm, moe, attention) or in microseconds (quantize, mla-bmm, allreduce), one",
            "# surface a line: card, table, engine or format, shape, values. Grids: dev.scepsy.planner.kernel.KernelTable.",
            "# Made by: scepsy engine --kernels FOLDER --out kernel-surfaces.tsv");

    private void write(String text) throws IOException {
        if (out != null) {
            WholeFile.write(out, text);
            return;
        }
        terminal.out().print(text);
        terminal.out().flush();
    }

    /** Input that cannot be used; every problem at once. */
    private static final class BadRows extends Exception {

        private static final long serialVersionUID = 1;

        private final transient List<Problem> problems;

        BadRows(List<Problem> problems) {
            this.problems = problems;
        }
    }
}
