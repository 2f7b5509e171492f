package dev.scepsy.planner.search;

import static org.assertj.core.api.Assertions.assertThat;

import dev.scepsy.planner.allocation.Objective;
import dev.scepsy.planner.file.PlanFile;
import dev.scepsy.planner.placement.Placement;
import dev.scepsy.planner.predict.WorkflowDemand;
import dev.scepsy.planner.search.GeneratedProblem.Flavour;
import dev.scepsy.planner.search.GeneratedProblem.Size;
import dev.scepsy.planner.search.choice.AllocationProblem;
import dev.scepsy.planner.search.choice.SearchLimits;
import dev.scepsy.planner.search.solver.HighestScale;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.function.Supplier;
import org.assertj.core.api.SoftAssertions;
import org.junit.jupiter.api.Test;

/**
 * What the search answers to some 300 generated problems, small and large, full and infeasible, of every objective: the bytes of
 * the plan or of its reasons, what is proven, and the effort. Whoever changes how the search is written, not what it answers,
 * keeps every line. {@code -Dscepsy.rewrite-golden=true} writes {@code golden-plans.tsv} anew; a commit that changes lines says why.
 * One problem in eight without {@code -Dscepsy.full=true}.
 */
class GoldenPlansTest {

    private static final Path FILE = Path.of("src/test/resources/golden-plans.tsv");
    private static final String HEADER = "problem\tverdict\tsha256\tnodes\tplacementChecks";

    /** A rewrite may look at a tenth more partial plans, or at a few where there are few. */
    private static final double EFFORT_TOLERANCE = 0.1;

    private static final int FEW = 20;
    private static final int ONE_IN = 8;

    private record Answer(String verdict, String bytes, long nodes, long placementChecks) {

        static Answer of(AllocationProblem problem) {
            SearchResult result = Search.plan(problem, Placement::on);
            if (result instanceof SearchResult.Found found) {
                String verdict = found.plan().optimalityGap() > 0
                        ? "gap"
                        : found.effort().placementProven() ? "optimal" : "optimal of the relaxation";
                return new Answer(
                        verdict,
                        hash(PlanFile.toJson(found.plan())),
                        found.effort().nodes(),
                        found.effort().placementChecks());
            }
            SearchResult.Infeasible infeasible = (SearchResult.Infeasible) result;
            return new Answer("infeasible", hash(PlanFile.toJson(infeasible)), 0, 0);
        }

        String line(String name) {
            return String.join("\t", name, verdict, bytes, Long.toString(nodes), Long.toString(placementChecks));
        }

        static Answer parsed(String[] cells) {
            return new Answer(cells[1], cells[2], Long.parseLong(cells[3]), Long.parseLong(cells[4]));
        }

        private static String hash(String text) {
            try {
                byte[] digest = MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
                return HexFormat.of().formatHex(digest, 0, 8);
            } catch (NoSuchAlgorithmException e) {
                throw new IllegalStateException(e);
            }
        }
    }

    @Test
    void plansProofsAndEffortAreWhatTheyWere() throws IOException {
        Map<String, Supplier<AllocationProblem>> problems = problems();
        if (Boolean.getBoolean("scepsy.rewrite-golden")) {
            List<String> lines = new ArrayList<>(List.of(HEADER));
            problems.forEach(
                    (name, problem) -> lines.add(Answer.of(problem.get()).line(name)));
            Files.write(FILE, lines);
        }
        Map<String, Answer> golden = new LinkedHashMap<>();
        List<String> lines = Files.readAllLines(FILE);
        for (String line : lines.subList(1, lines.size())) {
            String[] cells = line.split("\t");
            golden.put(cells[0], Answer.parsed(cells));
        }
        assertThat(golden.keySet()).containsExactlyElementsOf(problems.keySet());

        boolean full = Boolean.getBoolean("scepsy.full");
        SoftAssertions softly = new SoftAssertions();
        int index = 0;
        int compared = 0;
        for (Map.Entry<String, Supplier<AllocationProblem>> problem : problems.entrySet()) {
            if (full || index++ % ONE_IN == 0) {
                compare(
                        softly,
                        problem.getKey(),
                        golden.get(problem.getKey()),
                        Answer.of(problem.getValue().get()));
                compared++;
            }
        }
        System.out.println("Golden plans: " + compared + " of " + problems.size() + " problems compared.");
        softly.assertAll();
    }

    private static void compare(SoftAssertions softly, String name, Answer was, Answer is) {
        softly.assertThat(is.verdict()).as(name + ": verdict").isEqualTo(was.verdict());
        softly.assertThat(is.bytes()).as(name + ": bytes").isEqualTo(was.bytes());
        softly.assertThat((double) is.nodes())
                .as(name + ": partial plans looked at")
                .isLessThanOrEqualTo(Math.max(was.nodes() * (1 + EFFORT_TOLERANCE), was.nodes() + FEW));
    }

    /** In a fixed order, by name. */
    private static Map<String, Supplier<AllocationProblem>> problems() {
        Map<String, Supplier<AllocationProblem>> problems = new LinkedHashMap<>();
        for (Flavour flavour : Flavour.values()) {
            for (int seed = 0; seed < 8; seed++) {
                int of = seed;
                Size size = new Size(2 + seed % 3, 4 + 2 * (seed % 3), 1 + seed % 2);
                problems.put("small " + flavour + " " + seed, () -> GeneratedProblem.of(of, flavour, size));
            }
            for (int seed = 100; seed < 104; seed++) {
                int of = seed;
                problems.put(
                        "middle " + flavour + " " + seed, () -> GeneratedProblem.of(of, flavour, new Size(5, 24, 3)));
            }
            int of = flavour.ordinal();
            problems.put("large " + flavour, () -> GeneratedProblem.of(of, flavour, new Size(20, 160, 6)));
        }
        for (Objective objective : Objective.values()) {
            for (int seed = 200; seed < 220; seed++) {
                int of = seed;
                Flavour flavour = List.of(Flavour.PLAIN, Flavour.TWO_TYPES, Flavour.MEMORY_BOUND)
                        .get(seed % 3);
                problems.put(
                        "objective " + objective + " " + seed,
                        () -> limited(GeneratedProblem.of(of, flavour, new Size(3, 12, 2)), of)
                                .withObjective(objective));
            }
        }
        for (int seed = 0; seed < 16; seed++) {
            int of = seed;
            problems.put("full cluster " + seed, () -> atTheHighest(WideGroups.of(of, 4, 2)));
            problems.put("overfull cluster " + seed, () -> aboveTheHighest(WideGroups.of(of, 4, 2)));
        }
        for (int seed = 0; seed < 4; seed++) {
            int of = seed;
            problems.put("wide groups " + seed, () -> WideGroups.of(of));
            problems.put("uneven wide groups " + seed, () -> WideGroups.uneven(of));
        }
        for (int models : new int[] {20, 40}) {
            for (int gpus : new int[] {104, 320, 1000}) {
                problems.put(
                        "fleet of " + models + " on " + gpus,
                        () -> LagrangianHeuristicTest.fleet(models, gpus, models / 5));
            }
        }
        return problems;
    }

    /** Every other problem with a latency limit on its first workflow. */
    private static AllocationProblem limited(AllocationProblem problem, int seed) {
        if (seed % 2 == 0 || problem.workflows().isEmpty()) {
            return problem;
        }
        List<WorkflowDemand> workflows = new ArrayList<>(problem.workflows());
        workflows.set(0, workflows.get(0).withLatencyLimit(OptionalDouble.of(4 + seed % 5)));
        return problem.withWorkflows(workflows);
    }

    private static AllocationProblem atTheHighest(AllocationProblem problem) {
        return problem.withTargetsTimes(highest(problem) * 0.99999);
    }

    private static AllocationProblem aboveTheHighest(AllocationProblem problem) {
        return problem.withTargetsTimes(highest(problem) * 1.0001);
    }

    private static double highest(AllocationProblem problem) {
        return HighestScale.of(problem, Placement::on, SearchLimits.standard().nodes(), SearchLimits.Stop.NEVER)
                .scale()
                .orElse(1);
    }
}
