package dev.scepsy.planner.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.scepsy.planner.engine.EngineRows;
import dev.scepsy.planner.file.CsvTable;
import dev.scepsy.planner.profile.EngineCalibration;
import dev.scepsy.planner.profile.EngineCoefficients;
import dev.scepsy.planner.profile.EngineFit;
import dev.scepsy.planner.profile.EngineMeasurement;
import dev.scepsy.planner.profile.EngineSetup;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.TreeMap;
import java.util.function.BiPredicate;
import org.junit.jupiter.api.Test;

/**
 * What one measured curve is worth for what was not measured: the engine model is fitted without a whole model, calibrated
 * by one series of it (one GPU type, t, lengths; several numbers of clients), and judged on the model's other series.
 * Prints the table that docs/accuracy.md quotes; {@code -Dscepsy.full=true} takes every series.
 */
class CalibrationAccuracyTest {

    private static final boolean FULL = Boolean.getBoolean("scepsy.full");
    private static final int FEWEST_POINTS = 4;

    private record Tally(double[] sums) {
        void add(double before, double after) {
            sums[0] += before;
            sums[1] += after;
            sums[2]++;
        }
    }

    @Test
    void oneMeasuredCurveMakesTheOthersOfItsModelBetter() throws IOException {
        Path file = Path.of(System.getProperty("scepsy.shared", "../../shared"), "data/silicon/train.csv");
        assumeTrue(Files.exists(file), "needs the measured rows " + file);
        List<EngineMeasurement> rows = rows(file);
        Map<String, List<EngineMeasurement>> byModel = new TreeMap<>();
        for (EngineMeasurement row : rows) {
            byModel.computeIfAbsent(row.setup().architecture().name(), name -> new ArrayList<>())
                    .add(row);
        }
        Map<String, BiPredicate<EngineCalibration.Curve, EngineCalibration.Curve>> relations = new LinkedHashMap<>();
        relations.put("other lengths", (a, b) -> sameGpu(a, b) && sameDegree(a, b) && !sameLengths(a, b));
        relations.put("other t", (a, b) -> sameGpu(a, b) && !sameDegree(a, b));
        relations.put("other GPU type", (a, b) -> !sameGpu(a, b));
        Map<String, Tally> tallies = new LinkedHashMap<>();
        relations.keySet().forEach(name -> tallies.put(name, new Tally(new double[3])));
        for (Map.Entry<String, List<EngineMeasurement>> model : byModel.entrySet()) {
            List<EngineMeasurement> others = rows.stream()
                    .filter(row -> !row.setup().architecture().name().equals(model.getKey()))
                    .toList();
            List<EngineCalibration.Curve> curves = curves(model.getValue());
            if (curves.size() < 2) {
                continue;
            }
            EngineCoefficients known = EngineFit.fit(others);
            for (int i = 0; i < curves.size(); i += FULL ? 1 : 5) {
                EngineCalibration.Curve measured = curves.get(i);
                EngineCalibration calibration = EngineCalibration.of(known, List.of(measured));
                for (EngineCalibration.Curve judged : curves) {
                    if (!sameEngine(measured, judged)) {
                        continue;
                    }
                    double before = EngineCalibration.of(known, List.of(judged)).errorBefore();
                    double after = EngineCalibration.of(calibration.coefficients(), List.of(judged))
                            .errorBefore();
                    relations.forEach((name, holds) -> {
                        if (holds.test(measured, judged)) {
                            tallies.get(name).add(before, after);
                        }
                    });
                }
            }
        }
        tallies.forEach((name, tally) -> System.out.printf(
                Locale.ROOT,
                "calibrated by one curve, judged on %-15s n=%4.0f  latency error %5.1f %% before, %5.1f %% after%n",
                name,
                tally.sums()[2],
                100 * tally.sums()[0] / tally.sums()[2],
                100 * tally.sums()[1] / tally.sums()[2]));
        double before =
                tallies.values().stream().mapToDouble(tally -> tally.sums()[0]).sum();
        double after =
                tallies.values().stream().mapToDouble(tally -> tally.sums()[1]).sum();
        assertThat(after).isLessThan(before);
    }

    private static boolean sameGpu(EngineCalibration.Curve a, EngineCalibration.Curve b) {
        return a.setup().gpu().name().equals(b.setup().gpu().name());
    }

    private static boolean sameEngine(EngineCalibration.Curve a, EngineCalibration.Curve b) {
        return a.setup().engine().equals(b.setup().engine())
                && a.setup().weightPrecision() == b.setup().weightPrecision();
    }

    private static boolean sameDegree(EngineCalibration.Curve a, EngineCalibration.Curve b) {
        return a.setup().tensorParallel() == b.setup().tensorParallel();
    }

    private static boolean sameLengths(EngineCalibration.Curve a, EngineCalibration.Curve b) {
        return a.inputTokens() == b.inputTokens() && a.outputTokens() == b.outputTokens();
    }

    /** Series of rows that differ in the number of clients alone, as curves; only rows whose caches surely fit. */
    private static List<EngineCalibration.Curve> curves(List<EngineMeasurement> rows) {
        Map<String, List<EngineMeasurement>> series = new LinkedHashMap<>();
        for (EngineMeasurement row : rows) {
            EngineSetup setup = row.setup();
            if (row.firstTokenIsTrustworthy()) {
                String key = String.join(
                        " ",
                        setup.gpu().name(),
                        setup.engine(),
                        setup.weightPrecision().key(),
                        "" + setup.tensorParallel(),
                        "" + row.inputTokens(),
                        "" + row.outputTokens());
                series.computeIfAbsent(key, name -> new ArrayList<>()).add(row);
            }
        }
        return series.values().stream()
                .filter(points -> points.size() >= FEWEST_POINTS)
                .map(CalibrationAccuracyTest::curve)
                .toList();
    }

    private static EngineCalibration.Curve curve(List<EngineMeasurement> rows) {
        EngineMeasurement first = rows.get(0);
        return new EngineCalibration.Curve(
                first.setup(),
                first.inputTokens(),
                first.outputTokens(),
                rows.stream()
                        .map(row -> new EngineCalibration.Point(
                                row.concurrency(),
                                row.firstTokenSeconds() + (row.outputTokens() - 1) * row.perTokenSeconds(),
                                OptionalDouble.of(row.firstTokenSeconds()),
                                OptionalDouble.of(row.perTokenSeconds())))
                        .toList());
    }

    private static List<EngineMeasurement> rows(Path file) throws IOException {
        EngineRows reader = new EngineRows(file.toString(), Optional.empty());
        return reader.points(CsvTable.read(file)).stream()
                .map(point -> new EngineMeasurement(
                        point.setup().orElseThrow(),
                        point.inputTokens(),
                        point.outputTokens(),
                        point.concurrency(),
                        Double.parseDouble(point.row().cell("ttftMillis").orElseThrow()) / 1e3,
                        Double.parseDouble(point.row().cell("tpotMillis").orElseThrow()) / 1e3))
                .toList();
    }
}
