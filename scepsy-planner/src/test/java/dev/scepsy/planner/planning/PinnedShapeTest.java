package dev.scepsy.planner.planning;

import static org.assertj.core.api.Assertions.assertThat;

import dev.scepsy.planner.placement.Placement;
import dev.scepsy.planner.search.BruteForce;
import dev.scepsy.planner.search.GeneratedProblem;
import dev.scepsy.planner.search.GeneratedProblem.Flavour;
import dev.scepsy.planner.search.GeneratedProblem.Size;
import dev.scepsy.planner.search.Search;
import dev.scepsy.planner.search.SearchResult;
import dev.scepsy.planner.search.choice.AllocationProblem;
import dev.scepsy.planner.search.choice.AllocationProblem.Candidate;
import dev.scepsy.planner.search.choice.AllocationProblem.ModelOptions;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.Random;
import java.util.function.Predicate;
import org.assertj.core.data.Percentage;
import org.junit.jupiter.api.Test;

class PinnedShapeTest {

    private static final int MOST_REPLICAS = 4;

    /** The best plan under a pin is the best over everything that the pin allows, tried one by one by brute force. */
    @Test
    void theBestPlanUnderAPinIsTheBestOfAllThatItAllows() {
        int found = 0;
        int none = 0;
        for (long seed = 0; seed < (Boolean.getBoolean("scepsy.full") ? 200 : 25); seed++) {
            Flavour flavour = List.of(Flavour.PLAIN, Flavour.TWO_TYPES, Flavour.MEMORY_BOUND)
                    .get((int) seed % 3);
            AllocationProblem problem = GeneratedProblem.of(seed, flavour, new Size(2, 3, 1));
            ModelOptions pinned = problem.models().get(0);
            Random random = new Random(seed);
            Candidate like =
                    pinned.candidates().get(random.nextInt(pinned.candidates().size()));
            int parts = 1 + random.nextInt(15);
            PinnedShape pin = new PinnedShape(
                    pinned.name(),
                    (parts & 1) != 0 ? Optional.of(like.gpu()) : Optional.empty(),
                    (parts & 2) != 0 ? Optional.of(like.gpuFraction()) : Optional.empty(),
                    (parts & 4) != 0 ? OptionalInt.of(like.tensorParallel()) : OptionalInt.empty(),
                    (parts & 8) != 0 ? OptionalInt.of(1 + random.nextInt(2)) : OptionalInt.empty(),
                    "");
            Predicate<Candidate> allowed =
                    candidate -> ((parts & 1) == 0 || candidate.gpu().equals(like.gpu()))
                            && ((parts & 2) == 0 || candidate.gpuFraction().equals(like.gpuFraction()))
                            && ((parts & 4) == 0 || candidate.tensorParallel() == like.tensorParallel());
            OptionalDouble best = OptionalDouble.empty();
            for (Candidate candidate : pinned.candidates()) {
                for (int replicas = 1; replicas <= MOST_REPLICAS; replicas++) {
                    boolean counts = (parts & 8) == 0
                            ? replicas >= pinned.minReplicas()
                                    && replicas <= pinned.maxReplicas().orElse(MOST_REPLICAS)
                            : replicas == pin.replicas().getAsInt();
                    if (!allowed.test(candidate) || !counts) {
                        continue;
                    }
                    Optional<BruteForce.Best> here =
                            BruteForce.solve(only(problem, pinned.name(), candidate, replicas));
                    if (here.isPresent() && here.get().objective() < best.orElse(Double.POSITIVE_INFINITY)) {
                        best = OptionalDouble.of(here.get().objective());
                    }
                }
            }
            SearchResult result = Search.plan(PinnedShape.restrict(problem, List.of(pin)), Placement::on);
            if (result instanceof SearchResult.Found plan) {
                found++;
                assertThat(best).as("seed " + seed).isPresent();
                // more replicas than were tried here may only be better
                assertThat(plan.plan().objectiveSeconds())
                        .as("seed " + seed)
                        .isCloseTo(best.getAsDouble(), Percentage.withPercentage(1e-6));
                assertThat(plan.plan().allocations().stream()
                                .filter(allocation -> allocation.model().equals(pinned.name())))
                        .allMatch(pin::allows);
            } else {
                none++;
                assertThat(best).as("seed " + seed).isEmpty();
            }
        }
        assertThat(found).isGreaterThan(8);
        assertThat(none).isGreaterThan(0);
    }

    private static AllocationProblem only(AllocationProblem problem, String name, Candidate candidate, int replicas) {
        return problem.withModels(problem.models().stream()
                .map(model -> model.name().equals(name)
                        ? new ModelOptions(name, replicas, OptionalInt.of(replicas), List.of(candidate))
                        : model)
                .toList());
    }

    @Test
    void anImpossiblePinIsNamed() {
        AllocationProblem problem = GeneratedProblem.of(1, Flavour.PLAIN, new Size(2, 3, 1));
        String model = problem.models().get(0).name();
        PinnedShape pin = new PinnedShape(
                model, Optional.empty(), Optional.empty(), OptionalInt.of(64), OptionalInt.empty(), "pinned by ann");
        assertThat(PinnedShape.impossible(problem, List.of(pin)))
                .singleElement()
                .asString()
                .contains(model, "tensorParallel 64", "pinned by ann");
        assertThat(Search.plan(PinnedShape.restrict(problem, List.of(pin)), Placement::on))
                .isInstanceOf(SearchResult.Infeasible.class);
    }
}
