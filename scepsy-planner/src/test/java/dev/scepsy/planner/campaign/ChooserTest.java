package dev.scepsy.planner.campaign;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.scepsy.planner.allocation.GpuFraction;
import dev.scepsy.planner.allocation.LlmAllocation;
import dev.scepsy.planner.placement.Placement;
import dev.scepsy.planner.predict.ModelCalls;
import dev.scepsy.planner.predict.WorkflowDemand;
import dev.scepsy.planner.profile.Catalogue;
import dev.scepsy.planner.profile.EngineProfiles;
import dev.scepsy.planner.profile.GpuFacts;
import dev.scepsy.planner.profile.ProfileKey;
import dev.scepsy.planner.profile.ProfileResult;
import dev.scepsy.planner.profile.ServedModel;
import dev.scepsy.planner.search.choice.AllocationProblem;
import dev.scepsy.planner.topology.Cluster;
import dev.scepsy.planner.topology.GpuType;
import dev.scepsy.planner.topology.Node;
import dev.scepsy.planner.topology.Rack;
import dev.scepsy.planner.topology.Sharing;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Random;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Choosing what to measure, on problems small enough to see through and on hidden worlds. */
class ChooserTest {

    private static Combination combination(String model, int tensorParallel, double fraction, double error) {
        return new Combination(new ProfileKey(model, "G", tensorParallel, GpuFraction.of(fraction)), error);
    }

    /** Plan i uses combination i alone and takes {@code seconds[i]} times its factor. */
    private record OneOf(double... seconds) implements Planning<Integer> {
        @Override
        public Optional<Integer> best(double[] logFactors) {
            int best = 0;
            for (int i = 1; i < seconds.length; i++) {
                best = seconds(i, logFactors) < seconds(best, logFactors) ? i : best;
            }
            return Optional.of(best);
        }

        @Override
        public double seconds(Integer plan, double[] logFactors) {
            return seconds[plan] * Math.exp(logFactors[plan]);
        }

        @Override
        public boolean isLegal(Integer plan, double[] logFactors) {
            return true;
        }

        @Override
        public boolean uses(Integer plan, int i) {
            return plan == i;
        }
    }

    @Test
    void measuringOneTellsOfItsLikeAndNothingOfOthers() {
        Belief prior = Belief.prior(List.of(
                combination("a", 1, 1, 0.2),
                combination("a", 1, 0.9999, 0.2),
                combination("a", 4, 1, 0.2),
                combination("b", 1, 1, 0.2)));
        Belief after = prior.measured(0, 0.3, 0);
        assertThat(after.mean(0)).isCloseTo(0.3, within(1e-12));
        assertThat(after.deviation(0)).isCloseTo(0, within(1e-9));
        assertThat(after.mean(1)).isCloseTo(0.3 * 0.8, within(1e-4));
        // two doublings of t apart
        double alike = 0.5 + 0.3 * Math.exp(-1);
        assertThat(after.mean(2)).isCloseTo(0.3 * alike, within(1e-12));
        assertThat(after.deviation(2)).isCloseTo(0.2 * Math.sqrt(1 - alike * alike), within(1e-12));
        assertThat(after.mean(3)).isZero();
        assertThat(after.deviation(3)).isCloseTo(0.2, within(1e-12));
    }

    @Test
    void drawsHaveTheMeansAndSpreadThatAreBelieved() {
        Belief belief = Belief.prior(List.of(combination("a", 1, 1, 0.2), combination("a", 2, 1, 0.3)))
                .measured(0, 0.1, 0.05);
        List<double[]> draws = belief.draws(4000, 7);
        for (int i = 0; i < 2; i++) {
            int number = i;
            double mean =
                    draws.stream().mapToDouble(draw -> draw[number]).average().orElseThrow();
            double variance = draws.stream()
                    .mapToDouble(draw -> Math.pow(draw[number] - mean, 2))
                    .average()
                    .orElseThrow();
            assertThat(mean).isCloseTo(belief.mean(i), within(1e-9));
            assertThat(Math.sqrt(variance)).isCloseTo(belief.deviation(i), within(0.05 * belief.deviation(i)));
        }
        assertThat(belief.draws(6, 7)).usingRecursiveComparison().isEqualTo(belief.draws(6, 7));
    }

    @Test
    void whatCouldChangeThePlanIsMeasuredFirst() {
        List<Combination> combinations =
                List.of(combination("a", 1, 1, 0.2), combination("b", 1, 1, 0.2), combination("c", 1, 1, 0.2));
        // the third could be twice as good and would still not be chosen
        OneOf plans = new OneOf(1, 1.05, 9);
        Verdict<Integer> verdict = Chooser.standard(1).judge(Belief.prior(combinations), plans, i -> true);
        assertThat(verdict.plan()).hasValue(0);
        assertThat(verdict.keptShare()).isBetween(0.4, 0.75);
        assertThat(verdict.expectedLoss()).isBetween(0.05, 0.15);
        assertThat(verdict.next().orElseThrow()).isIn(0, 1);
        assertThat(verdict.expectedLossAfter()).isLessThan(verdict.expectedLoss());
    }

    @Test
    void nothingThatIsKnownIsMeasuredAndACertainPlanIsCertain() {
        List<Combination> combinations = List.of(combination("a", 1, 1, 0.2), combination("b", 1, 1, 0.2));
        Belief known = Belief.prior(combinations).measured(0, -0.2, 0.001).measured(1, 0.2, 0.001);
        Verdict<Integer> verdict = Chooser.standard(1).judge(known, new OneOf(1, 1.05), i -> false);
        assertThat(verdict.keptShare()).isEqualTo(1);
        assertThat(verdict.expectedLoss()).isZero();
        assertThat(verdict.next()).isEmpty();
    }

    @Test
    void whatNoGoodPlanUsesIsLeftForLaterHoweverUncertain() {
        // the third combination is the least certain, and no plan uses it
        Planning<Integer> plans = new Planning<>() {
            @Override
            public Optional<Integer> best(double[] logFactors) {
                return Optional.of(seconds(1, logFactors) < seconds(0, logFactors) ? 1 : 0);
            }

            @Override
            public double seconds(Integer plan, double[] x) {
                return plan == 0 ? 1 : 0.56 * (Math.exp(x[0]) + Math.exp(x[1]));
            }

            @Override
            public boolean isLegal(Integer plan, double[] logFactors) {
                return true;
            }

            @Override
            public boolean uses(Integer plan, int i) {
                return plan == 1 && i < 2;
            }
        };
        List<Combination> combinations =
                List.of(combination("a", 1, 1, 0.05), combination("b", 1, 1, 0.2), combination("c", 1, 1, 0.3));
        Verdict<Integer> verdict = Chooser.standard(1).judge(Belief.prior(combinations), plans, i -> true);
        assertThat(verdict.next()).hasValue(1);
    }

    // hidden worlds

    private static final int SEEDS = Boolean.getBoolean("scepsy.full") ? 100 : 20;

    private static final List<ServedModel> MODELS = List.of(
            served("generator", "Llama-3.1-8B"), served("critic", "Qwen3-1.7B"), served("planner", "Qwen2.5-14B"));

    private static ServedModel served(String name, String architecture) {
        return ServedModel.named(name).toBuilder().architecture(architecture).build();
    }

    /** A problem as the engine model sees it, and what its engines really are. */
    private record World(
            AllocationProblem problem, List<Combination> combinations, double[] truth, SearchedPlans plans) {

        static World of(int seed) {
            Random random = new Random(seed);
            Cluster cluster = cluster();
            GpuFacts gpu = Catalogue.builtIn().gpu("A100-SXM-80GB").orElseThrow();
            List<AllocationProblem.ModelOptions> options = new ArrayList<>();
            List<ModelCalls> calls = new ArrayList<>();
            List<Combination> combinations = new ArrayList<>();
            List<Double> truth = new ArrayList<>();
            for (ServedModel model : MODELS) {
                List<AllocationProblem.Candidate> candidates = new ArrayList<>();
                double ofModel = 0.12 * random.nextGaussian();
                for (int t = 1; t <= 4; t *= 2) {
                    double ofDegree = 0.07 * random.nextGaussian();
                    for (double f : t == 1 ? new double[] {0.25, 0.5, 0.75, 1} : new double[] {1}) {
                        ProfileResult result = EngineProfiles.builtIn()
                                .profile(
                                        model,
                                        Catalogue.builtIn()
                                                .architecture(
                                                        model.architecture().orElseThrow())
                                                .orElseThrow(),
                                        gpu,
                                        t,
                                        GpuFraction.of(f),
                                        700,
                                        model.name().equals("critic") ? 30 : 200);
                        if (result instanceof ProfileResult.Modelled modelled) {
                            candidates.add(new AllocationProblem.Candidate(
                                    gpu.name(), t, GpuFraction.of(f), modelled.profile()));
                            combinations.add(new Combination(
                                    new ProfileKey(model.name(), gpu.name(), t, GpuFraction.of(f)), 0.17));
                            truth.add(ofModel + ofDegree + 0.07 * random.nextGaussian());
                        }
                    }
                }
                options.add(new AllocationProblem.ModelOptions(model.name(), 1, OptionalInt.empty(), candidates));
                double n = 1 + 3 * random.nextDouble();
                calls.add(new ModelCalls(model.name(), n, n));
            }
            WorkflowDemand demand = new WorkflowDemand("w", 0.3 + random.nextDouble(), 1, 0.2, 0, calls);
            AllocationProblem problem = new AllocationProblem(cluster, options, List.of(demand), 0.85);
            return new World(
                    problem,
                    combinations,
                    truth.stream().mapToDouble(Double::doubleValue).toArray(),
                    new SearchedPlans(problem, combinations, key -> true, Placement::on));
        }

        /** The plan after {@code order} was measured, with what all else is then believed to be. */
        double secondsOfPlan(Belief belief) {
            return plans.best(belief.means())
                    .map(plan -> plans.seconds(plan, truth))
                    .orElse(Double.POSITIVE_INFINITY);
        }

        Belief measured(Belief belief, int i, Random noise) {
            return belief.measured(i, truth[i] + 0.01 * noise.nextGaussian(), 0.03);
        }
    }

    private static Cluster cluster() {
        Sharing quarters = new Sharing.Grid(Sharing.Mode.MPS, GpuFraction.of(0.25), false);
        return new Cluster(List.of(
                new Rack("r", List.of(new Node("n", new GpuType("A100-SXM-80GB", 80), 4, 4, quarters)))));
    }

    @Test
    void afterAThirdOfTheGridThePlanIsAsGoodAsAfterAllOfItInNineteenOfTwentyWorlds() {
        List<Double> chosen = new ArrayList<>();
        List<Double> random = new ArrayList<>();
        List<Double> unmeasured = new ArrayList<>();
        int measurements = 0;
        int grid = 0;
        for (int seed = 0; seed < SEEDS; seed++) {
            World world = World.of(seed);
            int size = world.combinations().size();
            Random noise = new Random(seed);
            Belief all = Belief.prior(world.combinations());
            for (int i = 0; i < size; i++) {
                all = world.measured(all, i, noise);
            }
            double full = world.secondsOfPlan(all);
            Belief belief = Belief.prior(world.combinations());
            unmeasured.add(world.secondsOfPlan(belief) / full - 1);
            Set<Integer> known = new HashSet<>();
            for (int step = 0; step < (size + 2) / 3; step++) {
                Verdict<List<LlmAllocation>> verdict =
                        new Chooser(32, 0.03, seed).judge(belief, world.plans(), i -> !known.contains(i));
                if (verdict.expectedLoss() < 0.001 || verdict.next().isEmpty()) {
                    break;
                }
                int next = verdict.next().getAsInt();
                known.add(next);
                belief = world.measured(belief, next, noise);
            }
            chosen.add(world.secondsOfPlan(belief) / full - 1);
            measurements += known.size();
            grid += size;
            List<Integer> order =
                    new ArrayList<>(IntStream.range(0, size).boxed().toList());
            Collections.shuffle(order, new Random(seed));
            Belief blind = Belief.prior(world.combinations());
            for (int i : order.subList(0, Math.max(1, known.size()))) {
                blind = world.measured(blind, i, noise);
            }
            random.add(world.secondsOfPlan(blind) / full - 1);
        }
        System.out.printf(
                Locale.ROOT,
                "loss against the full grid, %d worlds: unmeasured mean %.2f %% worst %.2f %%; chosen (%d of %d"
                        + " measured) mean %.2f %% worst %.2f %%; as many at random mean %.2f %% worst %.2f %%%n",
                SEEDS,
                100 * mean(unmeasured),
                100 * Collections.max(unmeasured),
                measurements,
                grid,
                100 * mean(chosen),
                100 * Collections.max(chosen),
                100 * mean(random),
                100 * Collections.max(random));
        long within = chosen.stream().filter(loss -> loss <= 0.02).count();
        assertThat(within).isGreaterThanOrEqualTo(Math.round(0.95 * SEEDS));
        assertThat(mean(chosen)).isLessThan(0.005).isLessThan(0.25 * mean(random));
    }

    private static double mean(List<Double> values) {
        return values.stream().mapToDouble(value -> value).average().orElseThrow();
    }
}
