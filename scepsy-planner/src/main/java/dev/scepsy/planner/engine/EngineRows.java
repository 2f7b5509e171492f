package dev.scepsy.planner.engine;

import dev.scepsy.planner.file.ArchitectureFile;
import dev.scepsy.planner.file.CsvTable;
import dev.scepsy.planner.file.Nearest;
import dev.scepsy.planner.file.Problem;
import dev.scepsy.planner.file.SurfacesFile;
import dev.scepsy.planner.profile.AdapterSlots;
import dev.scepsy.planner.profile.ArchitectureResult;
import dev.scepsy.planner.profile.Catalogue;
import dev.scepsy.planner.profile.EngineSetup;
import dev.scepsy.planner.profile.GpuFacts;
import dev.scepsy.planner.profile.ModelArchitecture;
import dev.scepsy.planner.profile.Precision;
import dev.scepsy.planner.profile.TensorParallelRules;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.BiFunction;
import java.util.function.DoublePredicate;
import java.util.function.Function;

/** Reads engine points from CSV rows and collects every problem, with file and line. Used by one thread. */
public final class EngineRows {

    private static final List<String> REQUIRED_COLUMNS =
            List.of("model", "gpu", "tensorParallel", "inputTokens", "outputTokens", "concurrency");

    /**
     * One point to predict or to fit.
     *
     * @param setup empty where the engine does not start over so many GPUs, which is an answer and no mistake in the file
     * @param impossible why it does not start; empty where it does
     * @param engine its name in lower case
     * @param inputTokens of a prompt, at least 1
     * @param outputTokens of an answer, 0 or more
     * @param concurrency clients with one request each at a time, at least 1
     */
    public record Point(
            CsvTable.Row row,
            Optional<EngineSetup> setup,
            String impossible,
            String engine,
            double inputTokens,
            double outputTokens,
            double concurrency) {}

    /** Beyond this a count is a slip of the pen. */
    private static final double MOST = 1e9;

    private final Catalogue catalogue = Catalogue.builtIn();
    private final String file;
    private final List<Problem> problems = new ArrayList<>();

    /** What is to be said of the models of rows that name a file. */
    private final Map<CsvTable.Row, List<String>> warnings = new IdentityHashMap<>();

    /** Surfaces by card, read once each. */
    private final Map<String, GpuFacts> measured = new HashMap<>();

    private final Optional<Path> surfaces;

    /**
     * Rows of {@code file}.
     *
     * @param surfaces kernel times that somebody measured, of every card that the rows name
     */
    public EngineRows(String file, Optional<Path> surfaces) {
        this.file = file;
        this.surfaces = surfaces;
    }

    private GpuFacts measured(GpuFacts gpu) {
        if (surfaces.isEmpty()) {
            return gpu;
        }
        return measured.computeIfAbsent(gpu.name(), name -> {
            SurfacesFile.Result read = SurfacesFile.read(surfaces.get(), name);
            if (read instanceof SurfacesFile.Result.Known known) {
                return gpu.withSurfaces(known.surfaces());
            }
            problems.add(new Problem(file, "--kernel-surfaces", 0, 0, ((SurfacesFile.Result.Unknown) read).why()));
            return gpu;
        });
    }

    /** What is wrong with the rows read so far, in their order. */
    public List<Problem> problems() {
        return problems;
    }

    /** What was estimated or taken on trust of {@code row}'s model. */
    public List<String> warnings(CsvTable.Row row) {
        return warnings.getOrDefault(row, List.of());
    }

    /** The rows without a problem; what is wrong with the others is in {@link #problems}. */
    public List<Point> points(CsvTable csv) {
        for (String column : REQUIRED_COLUMNS) {
            if (!csv.header().contains(column)) {
                problems.add(new Problem(file, column, 1, 1, "This column is missing."));
            }
        }
        if (!problems.isEmpty()) {
            return List.of();
        }
        List<Point> points = new ArrayList<>();
        for (CsvTable.Row row : csv.rows()) {
            int before = problems.size();
            if (row.cells().size() > row.header().size()) {
                report(
                        row,
                        "",
                        "The line has " + row.cells().size() + " cells, the header "
                                + row.header().size() + ".");
            }
            Optional<ModelArchitecture> model =
                    row.cell("model").filter(key -> key.endsWith(".json")).isPresent()
                            ? configured(row)
                            : known(row, "model", catalogue::architecture, modelKeys());
            Optional<GpuFacts> gpu =
                    known(row, "gpu", catalogue::gpu, gpuKeys()).map(this::measured);
            Precision weights = precision(row, "weightPrecision")
                    .or(() -> model.map(ModelArchitecture::publishedPrecision))
                    .orElse(Precision.BF16);
            model.ifPresent(shape -> checkPrecision(row, shape, weights));
            Precision cache = precision(row, "kvCachePrecision").orElse(defaultKvPrecision(weights));
            int degree = (int) whole(row, "tensorParallel", 1);
            double input = number(row, "inputTokens", value -> value >= 1 && value <= MOST, "at least 1, at most 1e9");
            double output = number(row, "outputTokens", value -> value >= 0 && value <= MOST, "0 to 1e9");
            double clients =
                    number(row, "concurrency", value -> value >= 1 && value <= MOST, "at least 1, at most 1e9");
            double fraction = optional(row, "gpuFraction", 1, value -> value > 0 && value <= 1, "in (0, 1]");
            double hitRate = optional(row, "prefixCacheHitRate", 0, value -> value >= 0 && value < 1, "in [0, 1)");
            OptionalInt sequences = setting(row, "maxNumSeqs");
            OptionalInt batchedTokens = setting(row, "maxNumBatchedTokens");
            if (problems.size() == before) {
                GpuFacts card = gpu.orElseThrow();
                points.add(point(
                        row,
                        model.orElseThrow(),
                        weights,
                        degree,
                        (architecture, engine) -> new EngineSetup(
                                architecture,
                                card,
                                engine,
                                weights,
                                cache,
                                degree,
                                fraction,
                                sequences.orElse(EngineSetup.defaultMaxNumSeqs(card)),
                                batchedTokens.orElse(EngineSetup.defaultMaxNumBatchedTokens(card)),
                                hitRate,
                                AdapterSlots.NONE,
                                OptionalInt.empty()),
                        input,
                        output,
                        clients));
            }
        }
        return points;
    }

    private static Point point(
            CsvTable.Row row,
            ModelArchitecture model,
            Precision weights,
            int degree,
            BiFunction<ModelArchitecture, String, EngineSetup> setup,
            double input,
            double output,
            double clients) {
        String engine = row.cell("engine").orElse("vllm").toLowerCase(Locale.ROOT);
        // a row with what was measured is proof that the engine starts
        Optional<String> refused = row.cell("tpotMillis").isPresent() && model.divisibleBy(degree)
                ? Optional.empty()
                : TensorParallelRules.of(model, engine, weights).whyNot(degree);
        if (refused.isPresent()) {
            return new Point(row, Optional.empty(), refused.get(), engine, input, output, clients);
        }
        return new Point(row, Optional.of(setup.apply(model, engine)), "", engine, input, output, clients);
    }

    /** Checkpoints with 8- or 4-bit floats are measured to run with an 8-bit cache in most series, all others 16-bit. */
    private static Precision defaultKvPrecision(Precision weights) {
        return weights == Precision.FP8 || weights == Precision.FP4 ? Precision.FP8 : Precision.BF16;
    }

    /** A file is meant where a key cannot be: no key ends like one. */
    private Optional<ModelArchitecture> configured(CsvTable.Row row) {
        String file = row.cell("model").orElse("");
        try {
            ArchitectureResult result = ArchitectureFile.read(file, Path.of(file));
            if (result instanceof ArchitectureResult.Known known) {
                warnings.put(row, known.warnings());
                return Optional.of(known.architecture());
            }
            if (result instanceof ArchitectureResult.Unknown unknown) {
                unknown.problems().forEach(problem -> report(row, "model", "In " + file + ": " + problem));
            }
        } catch (InvalidPathException e) {
            report(row, "model", "The model (" + file + ") is no path of a file.");
        }
        return Optional.empty();
    }

    /** A file is the very checkpoint; of a key there may be checkpoints in other formats. */
    private void checkPrecision(CsvTable.Row row, ModelArchitecture model, Precision weights) {
        if (warnings.containsKey(row) && model.quantisation().isPresent() && model.publishedPrecision() != weights) {
            report(
                    row,
                    "weightPrecision",
                    "The weightPrecision (" + weights.key() + ") contradicts the quantization_config of " + model.name()
                            + " (" + model.quantisation().get().formats()
                            + "): engines load the weights as the checkpoint stores them. Write "
                            + model.publishedPrecision().key() + ", leave it out, or give the file of a checkpoint in "
                            + weights.key() + ".");
        }
    }

    private OptionalInt setting(CsvTable.Row row, String column) {
        return row.cell(column).isEmpty()
                ? OptionalInt.empty()
                : OptionalInt.of((int) number(
                        row,
                        column,
                        value -> value >= 1 && value == Math.rint(value) && value <= MOST,
                        "a whole number, at least 1, at most 1e9"));
    }

    private double optional(CsvTable.Row row, String column, double otherwise, DoublePredicate rule, String ruleText) {
        return row.cell(column).isEmpty() ? otherwise : number(row, column, rule, ruleText);
    }

    private <T> Optional<T> known(
            CsvTable.Row row, String column, Function<String, Optional<T>> find, List<String> keys) {
        Optional<String> key = row.cell(column);
        Optional<T> found = key.flatMap(find);
        if (found.isEmpty()) {
            String meant = key.flatMap(catalogue::keyOfHuggingFaceId)
                    .map(known -> " Maybe " + known + " is meant.")
                    .orElse("");
            report(
                    row,
                    column,
                    "The " + column + " (" + key.orElse("") + ") is not in the catalogue."
                            + (meant.isEmpty() ? nearest(key.orElse(""), keys) : meant) + " Known: "
                            + String.join(", ", keys) + ".");
        }
        return found;
    }

    private static String nearest(String written, List<String> keys) {
        return Nearest.to(written, keys)
                .map(near -> " Maybe " + near + " is meant.")
                .orElse("");
    }

    private Optional<Precision> precision(CsvTable.Row row, String column) {
        Optional<String> key = row.cell(column);
        Optional<Precision> precision = key.flatMap(Precision::of);
        if (key.isPresent() && precision.isEmpty()) {
            report(row, column, "The " + column + " (" + key.get() + ") must be one of " + Precision.keys() + ".");
        }
        return precision;
    }

    private double whole(CsvTable.Row row, String column, double least) {
        return number(
                row,
                column,
                value -> value >= least && value == Math.rint(value) && value <= 1024,
                "a whole number, at least 1");
    }

    private double number(CsvTable.Row row, String column, DoublePredicate rule, String ruleText) {
        String text = row.cell(column).orElse("");
        try {
            double value = Double.parseDouble(text);
            if (Double.isFinite(value) && rule.test(value)) {
                return value;
            }
        } catch (NumberFormatException e) {
            // reported below, together with values out of range
        }
        report(row, column, "The " + column + " (" + text + ") must be " + ruleText + ".");
        return 1;
    }

    private void report(CsvTable.Row row, String column, String message) {
        problems.add(new Problem(file, column, row.line(), row.line() == 0 ? 0 : 1, message));
    }

    private List<String> modelKeys() {
        return catalogue.architectures().stream().map(ModelArchitecture::name).toList();
    }

    private List<String> gpuKeys() {
        return catalogue.gpus().stream().map(GpuFacts::name).toList();
    }
}
