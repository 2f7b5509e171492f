package dev.scepsy.planner.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.scepsy.planner.engine.EngineRows;
import dev.scepsy.planner.file.CsvTable;
import dev.scepsy.planner.profile.ClosedLoop;
import dev.scepsy.planner.profile.Coefficient;
import dev.scepsy.planner.profile.EngineCoefficients;
import dev.scepsy.planner.profile.EngineError;
import dev.scepsy.planner.profile.EngineFit;
import dev.scepsy.planner.profile.EngineMeasurement;
import dev.scepsy.planner.profile.EngineModel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.function.ToDoubleFunction;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/**
 * Errors of the engine model on rows it was not fitted on, beside simpler formulas fitted on the same rows. Prints the
 * table that docs/accuracy.md quotes; {@code -Dscepsy.full=true} judges every split.
 */
class EngineAccuracyTest {

    private static final boolean FULL = Boolean.getBoolean("scepsy.full");
    private static final int FOLDS = 5;

    private static List<EngineMeasurement> rows = List.of();

    /** Mean and median absolute relative errors of one split. */
    private record Errors(
            double[] perToken,
            double[] firstToken,
            double[] request,
            double[] linear,
            double[] roofline,
            double[] tutorial) {

        /** ± 1.96 times this holds 95 % of the rows. */
        double standardError() {
            double[] sorted = request.clone();
            Arrays.sort(sorted);
            return sorted[(int) Math.ceil(0.95 * sorted.length) - 1] / 1.96;
        }

        /** Part of the rows within ± 1.96 {@code relative}. */
        double within(double relative) {
            return Arrays.stream(request)
                            .filter(error -> error <= 1.96 * relative)
                            .count()
                    / (double) request.length;
        }

        void print(String split) {
            System.out.printf(
                    Locale.ROOT,
                    "%-28s n=%3d  TPOT %5.1f %% (median %4.1f)  TTFT %5.1f %% (median %4.1f, n=%3d)"
                            + "  request %5.1f %% (eps %4.1f)  linear %5.1f %%"
                            + "  roofline %5.1f %%  tutorial %5.1f %%%n",
                    split,
                    perToken.length,
                    100 * mean(perToken),
                    100 * median(perToken),
                    100 * mean(firstToken),
                    100 * median(firstToken),
                    firstToken.length,
                    100 * mean(request),
                    100 * standardError(),
                    100 * mean(linear),
                    100 * mean(roofline),
                    100 * mean(tutorial));
        }
    }

    @BeforeAll
    static void readRows() throws IOException {
        Path file = Path.of(System.getProperty("scepsy.shared", "../../shared"), "data/silicon/train.csv");
        assumeTrue(Files.exists(file), "needs the measured rows " + file);
        EngineRows reader = new EngineRows(file.toString(), Optional.empty());
        rows = reader.points(CsvTable.read(file)).stream()
                .map(point -> new EngineMeasurement(
                        point.setup().orElseThrow(),
                        point.inputTokens(),
                        point.outputTokens(),
                        point.concurrency(),
                        Double.parseDouble(point.row().cell("ttftMillis").orElseThrow()) / 1e3,
                        Double.parseDouble(point.row().cell("tpotMillis").orElseThrow()) / 1e3))
                .toList();
        assertThat(reader.problems()).isEmpty();
    }

    @Test
    void shippedCoefficientsAreThoseTheFitFinds() {
        EngineCoefficients fitted = EngineFit.fit(rows);
        for (EngineMeasurement row : rows) {
            double shipped = perToken(EngineCoefficients.builtIn(), row);
            assertThat(shipped / perToken(fitted, row)).isBetween(0.999, 1.001);
        }
    }

    @Test
    void randomHoldOutStaysWithinTenPercent() {
        List<EngineMeasurement> shuffled = new ArrayList<>(rows);
        Collections.shuffle(shuffled, new Random(1));
        List<Errors> folds = new ArrayList<>();
        for (int fold = 0; fold < (FULL ? FOLDS : 1); fold++) {
            List<EngineMeasurement> held = new ArrayList<>();
            List<EngineMeasurement> seen = new ArrayList<>();
            for (int i = 0; i < shuffled.size(); i++) {
                (i % FOLDS == fold ? held : seen).add(shuffled.get(i));
            }
            folds.add(judge(seen, held));
        }
        Errors all = together(folds);
        all.print("random hold-out");
        assertCovers(all, EngineError.KNOWN);
        assertThat(mean(all.perToken())).isLessThan(0.10);
        assertThat(mean(all.firstToken())).isLessThan(0.28);
        assertThat(mean(all.perToken())).isLessThan(mean(all.linear()));
    }

    @Test
    void modelLeftOutStaysWithinFifteenPercent() {
        Errors all = leaveOut(row -> row.setup().architecture().name(), FULL ? 9 : 1);
        all.print("model left out, all rows");
        assertCovers(all, EngineError.NEW_MODEL);
        assertThat(mean(all.perToken())).isLessThan(0.15);
        assertThat(mean(all.perToken())).isLessThan(mean(all.linear()));
    }

    @Test
    void gpuLeftOutStaysWithinSixteenPercent() {
        Errors all = leaveOut(row -> row.setup().gpu().name(), FULL ? 9 : 1);
        all.print("GPU left out, all rows");
        assertCovers(all, EngineError.NEW_GPU);
        assertThat(mean(all.perToken())).isLessThan(0.16);
        assertThat(mean(all.perToken())).isLessThan(mean(all.linear()));
    }

    /** The errors that prediction intervals rest on hold what they say on the rows of their split. */
    private static void assertCovers(Errors errors, EngineError stated) {
        System.out.printf(
                Locale.ROOT,
                "  intervals of %s hold %.1f %% of the held-out rows%n",
                stated,
                100 * errors.within(stated.relative()));
        if (FULL) {
            assertThat(errors.within(stated.relative())).isBetween(0.94, 0.96);
            assertThat(mean(errors.firstToken())).isLessThan(0.28);
        }
    }

    @Test
    void engineLeftOutGetsASensibleGeneralAnswer() {
        assumeTrue(FULL, "runs with -Dscepsy.full=true");
        List<Errors> splits = new ArrayList<>();
        for (String engine : List.of("vllm", "trtllm")) {
            List<EngineMeasurement> seen = select(row -> !row.setup().engine().equals(engine));
            List<EngineMeasurement> held = select(row -> row.setup().engine().equals(engine)).stream()
                    .map(row -> new EngineMeasurement(
                            row.setup().withEngine("another"),
                            row.inputTokens(),
                            row.outputTokens(),
                            row.concurrency(),
                            row.firstTokenSeconds(),
                            row.perTokenSeconds()))
                    .toList();
            Errors errors = judge(seen, held);
            errors.print("without engine " + engine);
            splits.add(errors);
        }
        assertThat(mean(together(splits).perToken())).isLessThan(0.2);
    }

    @Test
    void tenPointsOfTheSameGpuAndEngineCalibrate() {
        assumeTrue(FULL, "runs with -Dscepsy.full=true");
        List<Double> errors = new ArrayList<>();
        for (String gpu : keys(row -> row.setup().gpu().name())) {
            EngineCoefficients unseen =
                    EngineFit.fit(select(row -> !row.setup().gpu().name().equals(gpu)));
            for (String engine : keys(row -> row.setup().engine())) {
                List<EngineMeasurement> group =
                        new ArrayList<>(select(row -> row.setup().gpu().name().equals(gpu)
                                && row.setup().engine().equals(engine)));
                if (group.size() < 20) {
                    continue;
                }
                Collections.shuffle(group, new Random(3));
                EngineCoefficients calibrated = EngineFit.calibrate(unseen, group.subList(0, 10));
                double[] before = relative(group.subList(10, group.size()), row -> perToken(unseen, row));
                double[] after = relative(group.subList(10, group.size()), row -> perToken(calibrated, row));
                System.out.printf(
                        Locale.ROOT,
                        "calibrated by 10: %s %s  median %.1f %% -> %.1f %%, mean %.1f %% -> %.1f %%%n",
                        gpu,
                        engine,
                        100 * median(before),
                        100 * median(after),
                        100 * mean(before),
                        100 * mean(after));
                Arrays.stream(after).forEach(errors::add);
            }
        }
        double[] all = errors.stream().mapToDouble(Double::doubleValue).toArray();
        System.out.printf(
                Locale.ROOT,
                "calibrated by 10, all: median %.1f %%, mean %.1f %%%n",
                100 * median(all),
                100 * mean(all));
        assertThat(median(all)).isLessThan(0.08);
    }

    @Test
    void everyIngredientEarnsItsPlace() {
        assumeTrue(FULL, "runs with -Dscepsy.full=true");
        double[] whole = ablated("all terms", seen -> EngineFit.fit(seen));
        ablated("kernel tables alone, nothing fitted", seen -> KERNELS_ALONE);
        for (Set<Coefficient> terms : List.of(
                Set.of(Coefficient.QUANTISING),
                Set.of(Coefficient.WHOLE_ROW_NORM_SECONDS),
                Set.of(Coefficient.PER_SPLIT_LAYER_SECONDS),
                Set.of(Coefficient.ELEMENTWISE),
                Set.of(Coefficient.PER_LAYER_SECONDS, Coefficient.PER_EXPERT_LAYER_SECONDS),
                Set.of(Coefficient.PER_REQUEST_SECONDS, Coefficient.PER_STEP_SECONDS),
                Set.of(Coefficient.PER_PROMPT_TOKEN_SECONDS, Coefficient.PER_PROMPT_STEP_SECONDS))) {
            double[] without = ablated("without " + terms, seen -> EngineFit.fitWithout(terms, seen));
            assertThat(mean(without)).isGreaterThan(mean(whole) - 0.005);
        }
    }

    /** Sums of kernel times as the tables have them, and no time for anything that no table has. */
    private static final EngineCoefficients KERNELS_ALONE = kernelsAlone();

    private static EngineCoefficients kernelsAlone() {
        Map<Coefficient, Double> values = new EnumMap<>(Coefficient.class);
        for (Coefficient coefficient : Coefficient.values()) {
            boolean factor = !coefficient.name().contains("SECONDS") && coefficient != Coefficient.ELEMENTWISE;
            values.put(coefficient, factor ? 1 : 1e-12);
        }
        return EngineCoefficients.of(values);
    }

    /** Errors in time per token on random rows, models and GPUs left out; prints the three means. */
    private static double[] ablated(String what, Function<List<EngineMeasurement>, EngineCoefficients> fit) {
        List<EngineMeasurement> shuffled = new ArrayList<>(rows);
        Collections.shuffle(shuffled, new Random(1));
        List<Double> random = new ArrayList<>();
        for (int fold = 0; fold < FOLDS; fold++) {
            int out = fold;
            random.addAll(errors(
                    fit,
                    IntStream.range(0, shuffled.size())
                            .filter(i -> i % FOLDS != out)
                            .mapToObj(shuffled::get)
                            .toList(),
                    IntStream.range(0, shuffled.size())
                            .filter(i -> i % FOLDS == out)
                            .mapToObj(shuffled::get)
                            .toList()));
        }
        List<List<Double>> splits = new ArrayList<>(List.of(random));
        for (Function<EngineMeasurement, String> key : List.<Function<EngineMeasurement, String>>of(
                row -> row.setup().architecture().name(),
                row -> row.setup().gpu().name())) {
            List<Double> left = new ArrayList<>();
            for (String value : keys(key)) {
                left.addAll(errors(
                        fit,
                        select(row -> !key.apply(row).equals(value)),
                        select(row -> key.apply(row).equals(value))));
            }
            splits.add(left);
        }
        double[] means = splits.stream()
                .mapToDouble(split -> split.stream()
                        .mapToDouble(Double::doubleValue)
                        .average()
                        .orElseThrow())
                .toArray();
        System.out.printf(
                Locale.ROOT,
                "ablation: %-90s random %.1f %%  model %.1f %%  GPU %.1f %%%n",
                what,
                100 * means[0],
                100 * means[1],
                100 * means[2]);
        return means;
    }

    private static List<Double> errors(
            Function<List<EngineMeasurement>, EngineCoefficients> fit,
            List<EngineMeasurement> seen,
            List<EngineMeasurement> held) {
        EngineCoefficients fitted = fit.apply(seen);
        return Arrays.stream(relative(held, row -> perToken(fitted, row)))
                .boxed()
                .toList();
    }

    private static Errors leaveOut(Function<EngineMeasurement, String> key, int most) {
        List<Errors> splits = new ArrayList<>();
        for (String value : keys(key).stream().limit(most).toList()) {
            Errors errors = judge(
                    select(row -> !key.apply(row).equals(value)),
                    select(row -> key.apply(row).equals(value)));
            errors.print("without " + value);
            splits.add(errors);
        }
        return together(splits);
    }

    private static List<String> keys(Function<EngineMeasurement, String> key) {
        return rows.stream().map(key).distinct().sorted().toList();
    }

    private static List<EngineMeasurement> select(Predicate<EngineMeasurement> chosen) {
        return rows.stream().filter(chosen).toList();
    }

    private static Errors judge(List<EngineMeasurement> seen, List<EngineMeasurement> held) {
        EngineCoefficients fitted = EngineFit.fit(seen);
        ToDoubleFunction<EngineMeasurement> linear = Baselines.linear(seen);
        double[] firstToken = held.stream()
                .filter(EngineMeasurement::firstTokenIsTrustworthy)
                .mapToDouble(row -> Math.abs(steady(fitted, row).firstTokenSeconds() / row.firstTokenSeconds() - 1))
                .toArray();
        double[] request = held.stream()
                .filter(EngineMeasurement::firstTokenIsTrustworthy)
                .mapToDouble(row -> Math.abs(requestSeconds(fitted, row) / requestSeconds(row) - 1))
                .toArray();
        return new Errors(
                relative(held, row -> perToken(fitted, row)),
                firstToken,
                request,
                relative(held, linear),
                relative(held, Baselines::rooflineSeconds),
                relative(held, Baselines::tutorialSeconds));
    }

    private static double requestSeconds(EngineCoefficients coefficients, EngineMeasurement row) {
        ClosedLoop.Result.Steady steady = steady(coefficients, row);
        return steady.firstTokenSeconds()
                + (row.outputTokens() - 1) * steady.perTokenSeconds().orElseThrow();
    }

    private static double requestSeconds(EngineMeasurement row) {
        return row.firstTokenSeconds() + (row.outputTokens() - 1) * row.perTokenSeconds();
    }

    private static double[] relative(List<EngineMeasurement> held, ToDoubleFunction<EngineMeasurement> predicted) {
        return held.stream()
                .mapToDouble(row -> Math.abs(predicted.applyAsDouble(row) / row.perTokenSeconds() - 1))
                .toArray();
    }

    private static ClosedLoop.Result.Steady steady(EngineCoefficients coefficients, EngineMeasurement row) {
        return (ClosedLoop.Result.Steady) ClosedLoop.at(
                new EngineModel(row.setup(), coefficients), row.inputTokens(), row.outputTokens(), row.concurrency());
    }

    private static double perToken(EngineCoefficients coefficients, EngineMeasurement row) {
        return steady(coefficients, row).perTokenSeconds().orElseThrow();
    }

    private static Errors together(List<Errors> splits) {
        return new Errors(
                joined(splits, Errors::perToken),
                joined(splits, Errors::firstToken),
                joined(splits, Errors::request),
                joined(splits, Errors::linear),
                joined(splits, Errors::roofline),
                joined(splits, Errors::tutorial));
    }

    private static double[] joined(List<Errors> splits, Function<Errors, double[]> part) {
        return splits.stream()
                .flatMapToDouble(errors -> Arrays.stream(part.apply(errors)))
                .toArray();
    }

    private static double mean(double[] values) {
        return Arrays.stream(values).average().orElseThrow();
    }

    private static double median(double[] values) {
        double[] sorted = values.clone();
        Arrays.sort(sorted);
        return sorted[sorted.length / 2];
    }
}
