package dev.scepsy.planner.search.exact;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.scepsy.planner.placement.Placement;
import dev.scepsy.planner.search.BruteForce;
import dev.scepsy.planner.search.GeneratedProblem;
import dev.scepsy.planner.search.GeneratedProblem.Flavour;
import dev.scepsy.planner.search.GeneratedProblem.Size;
import dev.scepsy.planner.search.Search;
import dev.scepsy.planner.search.SearchResult;
import dev.scepsy.planner.search.choice.AllocationProblem;
import dev.scepsy.planner.search.choice.Choice;
import dev.scepsy.planner.search.choice.ChoiceConstants;
import dev.scepsy.planner.search.choice.ChoiceSpace;
import dev.scepsy.planner.search.choice.Dominance;
import dev.scepsy.planner.search.choice.Measure;
import dev.scepsy.planner.search.choice.SearchLimits;
import dev.scepsy.planner.search.price.ReducedCostFixing;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The search for full clusters by itself, on problems that {@link ExactSearch} decides before it comes to it. */
class BranchAndPriceTest {

    private static final int PROBLEMS_PER_FLAVOUR = Boolean.getBoolean("scepsy.full") ? 100 : 8;
    private static final long PLENTY = 10_000_000;

    @ParameterizedTest
    @EnumSource(Flavour.class)
    void findsThePlanAndTheTieWinnerOfTryingEverything(Flavour flavour) {
        for (int seed = 500; seed < 500 + PROBLEMS_PER_FLAVOUR; seed++) {
            Size size = new Size(2 + seed % 2, 3 + seed % 3, 1 + seed % 2);
            AllocationProblem problem = GeneratedProblem.of(seed, flavour, size);
            String name = flavour + " " + seed + " " + size;
            Optional<BruteForce.Best> expected = BruteForce.solve(problem);
            ChoiceSpace space = ChoiceSpace.of(problem, 1);
            Measure latency = Measure.latency(space);
            List<List<Choice>> choices = choices(space, latency);
            NoGoods noGoods = new NoGoods(Placement.on(problem.cluster(), space.placementShapes()), space);
            ReducedCostFixing bounds = new ReducedCostFixing(space, List.of());
            BranchAndPrice search = new BranchAndPrice(
                    choices,
                    bounds,
                    noGoods,
                    PLENTY,
                    SearchLimits.Stop.NEVER,
                    Double.POSITIVE_INFINITY,
                    latency.fixed());
            search.solve();
            assertThat(search.complete()).as(name).isTrue();
            assertThat(search.plan().isPresent()).as(name).isEqualTo(expected.isPresent());
            if (expected.isEmpty()) {
                assertThat(search.lowerBound()).as(name).isInfinite();
                continue;
            }
            double objective = latency.fixed() + search.cost();
            assertThat(objective).as(name).isCloseTo(expected.get().objective(), within(objective * 2e-10 + 1e-12));
            double limit = search.cost() + ChoiceConstants.TIE_TOLERANCE * objective;
            long compute = search.plan().orElseThrow().stream()
                    .mapToLong(Choice::compute)
                    .sum();
            List<Choice> winner = new BranchAndPrice(
                            choices,
                            new ReducedCostFixing(space, List.of()),
                            noGoods,
                            PLENTY,
                            SearchLimits.Stop.NEVER,
                            Double.POSITIVE_INFINITY,
                            latency.fixed())
                    .tieWinner(limit, compute)
                    .orElseThrow();
            for (int model = 0; model < winner.size(); model++) {
                BruteForce.Pick pick = expected.get().picks().get(model);
                Choice choice = winner.get(model);
                assertThat(choice.replicas()).as(name).isEqualTo(pick.replicas());
                assertThat(choice.shape().shape().gpuFraction())
                        .as(name)
                        .isEqualTo(pick.candidate().gpuFraction());
                assertThat(choice.shape().tensorParallel())
                        .as(name)
                        .isEqualTo(pick.candidate().tensorParallel());
            }
        }
    }

    @ParameterizedTest
    @EnumSource(Flavour.class)
    void boundsNeverExceedWhatAPlanCosts(Flavour flavour) {
        for (int seed = 900; seed < 900 + PROBLEMS_PER_FLAVOUR; seed++) {
            AllocationProblem problem = GeneratedProblem.of(seed, flavour, new Size(4, 12, 2));
            if (!(Search.plan(problem, Placement::on) instanceof SearchResult.Found found)) {
                continue;
            }
            ChoiceSpace space = ChoiceSpace.of(problem, 1);
            Measure latency = Measure.latency(space);
            List<List<Choice>> choices = choices(space, latency);
            double cost = found.plan().objectiveSeconds() - latency.fixed();
            double limit = cost * (1 + 1e-6) + 1e-9;
            Optional<ReducedCostFixing.Remaining> left =
                    new ReducedCostFixing(space, List.of()).tighten(choices, limit);
            assertThat(left).as(flavour + " " + seed).isPresent();
            assertThat(left.get().bound()).isLessThanOrEqualTo(cost * (1 + 1e-9) + 1e-9);
            for (int model = 0; model < space.models(); model++) {
                int at = model;
                assertThat(left.get().choices().get(model))
                        .as("what the plan chose is still there: " + flavour + " " + seed)
                        .anyMatch(choice -> choice.replicas()
                                        == found.plan().allocations().get(at).replicas()
                                && choice.shape()
                                        .shape()
                                        .gpuFraction()
                                        .equals(found.plan()
                                                .allocations()
                                                .get(at)
                                                .gpuFraction())
                                && choice.shape().tensorParallel()
                                        == found.plan().allocations().get(at).tensorParallel());
            }
        }
    }

    @ParameterizedTest
    @EnumSource(
            value = Flavour.class,
            names = {"TIGHT", "WIDE_SHARED_GROUPS"})
    void workThatEndsLeavesABound(Flavour flavour) {
        AllocationProblem problem = GeneratedProblem.of(3, flavour, new Size(4, 12, 2));
        ChoiceSpace space = ChoiceSpace.of(problem, 1);
        Measure latency = Measure.latency(space);
        List<List<Choice>> choices = choices(space, latency);
        double whole = Double.NEGATIVE_INFINITY;
        for (long nodes : new long[] {PLENTY, 300, 50, 1}) {
            BranchAndPrice search = new BranchAndPrice(
                    choices,
                    new ReducedCostFixing(space, List.of()),
                    new NoGoods(Placement.on(problem.cluster(), space.placementShapes()), space),
                    nodes,
                    SearchLimits.Stop.NEVER,
                    Double.POSITIVE_INFINITY,
                    latency.fixed());
            search.solve();
            if (nodes == PLENTY) {
                whole = search.cost();
            }
            assertThat(search.lowerBound()).isLessThanOrEqualTo(whole);
            assertThat(search.cost()).isGreaterThanOrEqualTo(whole);
            assertThat(search.complete()).isEqualTo(search.lowerBound() >= search.cost());
        }
    }

    private static List<List<Choice>> choices(ChoiceSpace space, Measure measure) {
        return IntStream.range(0, space.models())
                .mapToObj(model -> Dominance.undominated(space, model).stream()
                        .map(choice -> choice.withCost(measure.of().applyAsDouble(choice)))
                        .toList())
                .toList();
    }
}
