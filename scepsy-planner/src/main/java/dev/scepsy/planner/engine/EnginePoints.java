package dev.scepsy.planner.engine;

import dev.scepsy.planner.file.CsvTable;
import dev.scepsy.planner.file.Problem;
import dev.scepsy.planner.file.TextFile;
import dev.scepsy.planner.profile.ClosedLoop;
import dev.scepsy.planner.profile.EngineCoefficients;
import dev.scepsy.planner.profile.EngineFit;
import dev.scepsy.planner.profile.EngineMeasurement;
import dev.scepsy.planner.profile.EngineModel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalInt;

/** Closed-loop points of the engine model from rows: predicted, or its coefficients fitted to them. Immutable. */
public final class EnginePoints {

    private static final List<String> KERNELS_HEADER = List.of(
            "# Kernel times over their rooflines (gemm, moe, attention) or in microseconds (quantize, mla-bmm, allreduce), one",
            "# surface a line: card, table, engine or format, shape, values. Grids: dev.scepsy.planner.kernel.KernelTable.",
            "# Made by: scepsy engine --kernels FOLDER --out kernel-surfaces.tsv");

    private final Optional<Path> surfaces;

    /** @param surfaces kernel times that somebody measured, of every card that rows name; empty: the built-in ones */
    public EnginePoints(Optional<Path> surfaces) {
        this.surfaces = surfaces;
    }

    /** The rows of a file. */
    public static CsvTable read(Path file) throws UnusableRowsException {
        try {
            return CsvTable.read(file);
        } catch (TextFile.Unreadable e) {
            throw new UnusableRowsException(
                    List.of(new Problem(file.toString(), "", e.line(), Math.min(1, e.line()), e.sentence())));
        }
    }

    /**
     * What the model says of every row, as CSV: the rows with {@code ttftMillis}, {@code tpotMillis} and {@code reason}.
     *
     * @param file named where a row is wrong
     * @param precisionsShown whether a weight precision that a row leaves out is written into it
     */
    public String predicted(CsvTable csv, String file, boolean precisionsShown, EngineCoefficients coefficients)
            throws UnusableRowsException {
        List<String> header = new ArrayList<>(csv.header());
        header.addAll(List.of("ttftMillis", "tpotMillis", "reason"));
        StringBuilder text = new StringBuilder(CsvTable.line(header));
        EngineRows rows = new EngineRows(file, surfaces);
        for (EngineRows.Point point : points(rows, csv)) {
            List<String> cells = new ArrayList<>(point.row().cells());
            if (precisionsShown) {
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

    /** Measured rows: their {@code ttftMillis} and {@code tpotMillis}. */
    public List<EngineMeasurement> measurements(Path file) throws UnusableRowsException {
        List<EngineMeasurement> measurements = new ArrayList<>();
        List<Problem> problems = new ArrayList<>();
        for (EngineRows.Point point : points(new EngineRows(file.toString(), surfaces), read(file))) {
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
            throw new UnusableRowsException(problems);
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

    /** Coefficients fitted to measured rows, as the properties file that is built in. */
    public String fitted(Path file) throws UnusableRowsException {
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

    /**
     * The surfaces that a folder of kernel tables is thinned to, a file's text.
     *
     * @param folder of {@code GPU/TABLE-ENGINE.csv.gz}
     */
    public static String surfaces(Path folder) throws IOException, UnusableRowsException {
        if (!Files.isDirectory(folder)) {
            throw new UnusableRowsException(List.of(new Problem(
                    folder.toString(),
                    "",
                    0,
                    0,
                    "There is no such folder: --kernels takes one with GPU/TABLE-ENGINE.csv.gz in it.")));
        }
        KernelFolder tables = new KernelFolder();
        List<String> lines = tables.surfaces(folder);
        if (!tables.problems().isEmpty()) {
            throw new UnusableRowsException(tables.problems());
        }
        return String.join("\n", KERNELS_HEADER) + "\n" + String.join("\n", lines) + "\n";
    }

    private static List<EngineRows.Point> points(EngineRows rows, CsvTable csv) throws UnusableRowsException {
        List<EngineRows.Point> points = rows.points(csv);
        if (!rows.problems().isEmpty()) {
            throw new UnusableRowsException(rows.problems());
        }
        return points;
    }

    private static String millis(double seconds) {
        return String.format(Locale.ROOT, "%.4f", seconds * 1e3);
    }
}
