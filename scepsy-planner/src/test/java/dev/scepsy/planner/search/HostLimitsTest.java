package dev.scepsy.planner.search;

import static dev.scepsy.planner.search.Problems.calls;
import static dev.scepsy.planner.search.Problems.cluster;
import static dev.scepsy.planner.search.Problems.found;
import static dev.scepsy.planner.search.Problems.infeasible;
import static dev.scepsy.planner.search.Problems.model;
import static dev.scepsy.planner.search.Problems.node;
import static dev.scepsy.planner.search.Problems.problem;
import static dev.scepsy.planner.search.Problems.shapes;
import static dev.scepsy.planner.search.Problems.tenths;
import static dev.scepsy.planner.search.Problems.workflow;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.scepsy.planner.allocation.GpuFraction;
import dev.scepsy.planner.allocation.ReplicaPlacement;
import dev.scepsy.planner.placement.Placement;
import dev.scepsy.planner.predict.ModelCalls;
import dev.scepsy.planner.search.GeneratedProblem.Flavour;
import dev.scepsy.planner.search.GeneratedProblem.Size;
import dev.scepsy.planner.search.choice.AllocationProblem;
import dev.scepsy.planner.search.choice.AllocationProblem.Candidate;
import dev.scepsy.planner.search.explain.Binding;
import dev.scepsy.planner.search.explain.Explainer;
import dev.scepsy.planner.search.explain.Explanation;
import dev.scepsy.planner.search.explain.LimitedBy;
import dev.scepsy.planner.search.explain.Remedies;
import dev.scepsy.planner.topology.Cluster;
import dev.scepsy.planner.topology.GpuType;
import dev.scepsy.planner.topology.HostNeed;
import dev.scepsy.planner.topology.HostResource;
import dev.scepsy.planner.topology.HostRoom;
import dev.scepsy.planner.topology.Node;
import dev.scepsy.planner.topology.Rack;
import dev.scepsy.planner.topology.Sharing;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Processors and memory of nodes, by hand. */
class HostLimitsTest {

    private static final Sharing NONE = new Sharing.Exclusive();

    private static Node limited(Node node, double cores, double memoryGiB) {
        return node.withHost(new HostRoom(
                cores > 0 ? OptionalDouble.of(cores) : OptionalDouble.empty(),
                memoryGiB > 0 ? OptionalDouble.of(memoryGiB) : OptionalDouble.empty()));
    }

    private static Candidate needing(int width, double fraction, double latency, double cores, double memoryGiB) {
        return new Candidate(
                Problems.GPU,
                width,
                GpuFraction.of(fraction),
                steady(latency, fraction * Problems.GIB),
                new HostNeed(cores, memoryGiB));
    }

    /** Every replica more makes calls faster. */
    private static Curve steady(double latency, double memoryGiBPerGpu) {
        return new Curve(new double[] {0.01, 10}, new double[] {latency, 2 * latency}, 10, memoryGiBPerGpu);
    }

    private static AllocationProblem oneModel(Cluster cluster, Candidate... candidates) {
        return problem(cluster, List.of(model("m", candidates)), workflow("w", 4, 1, 0, calls("m", 1)));
    }

    @Test
    void aLimitedNodeTakesWhatItsProcessorsAllowAndTheOtherOneTheRest() {
        // 3 cores are one engine of 3, although node-1 has two GPUs; node-2 says nothing
        Cluster cluster = cluster(limited(node("node-1", 2, NONE), 3, 0), node("node-2", 2, NONE));

        SearchResult.Found found = found(oneModel(cluster, needing(1, 1, 1, 3, 8)));

        assertThat(shapes(found)).containsExactly("m 3 x t=1 f=1");
        assertThat(found.plan().placements().stream().map(ReplicaPlacement::node))
                .containsExactlyInAnyOrder("node-1", "node-2", "node-2");
        assertThat(found.plan().optimalityGap()).isZero();
    }

    @Test
    void tenTimesATenthFillACoreExactly() {
        Cluster exact = cluster(limited(node("n", 1, tenths()), 1, 0));
        Cluster short1 = cluster(limited(node("n", 1, tenths()), 0.999999, 0));

        assertThat(shapes(found(oneModel(exact, needing(1, 0.1, 1, 0.1, 0))))).containsExactly("m 10 x t=1 f=0.1");
        assertThat(shapes(found(oneModel(short1, needing(1, 0.1, 1, 0.1, 0))))).containsExactly("m 9 x t=1 f=0.1");
    }

    @Test
    void hostMemoryLimitsLikeProcessorsAndTheScarcerOneCounts() {
        // 10 cores are five engines of 2, 28 GiB four of 7
        Cluster both = cluster(limited(node("n", 8, NONE), 10, 28));
        Cluster memory = cluster(limited(node("n", 8, NONE), 0, 28));
        Cluster processors = cluster(limited(node("n", 8, NONE), 10, 0));

        assertThat(shapes(found(oneModel(both, needing(1, 1, 1, 2, 7))))).containsExactly("m 4 x t=1 f=1");
        assertThat(shapes(found(oneModel(memory, needing(1, 1, 1, 2, 7))))).containsExactly("m 4 x t=1 f=1");
        assertThat(shapes(found(oneModel(processors, needing(1, 1, 1, 2, 7))))).containsExactly("m 5 x t=1 f=1");
    }

    @Test
    void aGroupStandsWhereTwoSinglesWouldBeFasterAndNeedMore() {
        // singles win by the GPUs; two of them need 6 cores, the pair 4
        Candidate single = needing(1, 1, 1, 3, 0);
        Candidate pair = needing(2, 1, 0.9, 4, 0);

        assertThat(shapes(found(oneModel(cluster(node("n", 2, NONE)), single, pair))))
                .hasSize(1);
        assertThat(shapes(found(oneModel(cluster(limited(node("n", 2, NONE), 4, 0)), single, pair))))
                .containsExactly("m 1 x t=2 f=1");
        AllocationProblem two = new AllocationProblem(
                cluster(limited(node("n", 2, NONE), 4, 0)),
                List.of(new AllocationProblem.ModelOptions("m", 2, OptionalInt.empty(), List.of(single, pair))),
                List.of(workflow("w", 4, 1, 0, calls("m", 1))),
                1);
        assertThat(infeasible(two).reasons()).singleElement().satisfies(reason -> {
            assertThat(reason.reason()).isEqualTo("unplaceable");
            assertThat(reason.message())
                    .contains("Processors of node n: 2 engines of [m] need at least 6 cores, and it gives 4")
                    .contains("Raise cpuCores", "lower engineCpuCores");
        });
    }

    @Test
    void everyGpuTypeHasItsOwnNodes() {
        GpuType other = new GpuType("B", 40);
        Cluster mixed = new Cluster(List.of(new Rack(
                "r", List.of(limited(node("a", 4, NONE), 6, 0), limited(new Node("b", other, 4, 2, NONE), 0, 24)))));
        Candidate onB = new Candidate("B", 1, GpuFraction.whole(), steady(1, 40), new HostNeed(3, 8));
        AllocationProblem problem = problem(
                mixed,
                List.of(model("m", needing(1, 1, 1, 3, 8)), model("n", onB)),
                workflow("w", 4, 1, 0, calls("m", 1), calls("n", 1)));

        assertThat(shapes(found(problem))).containsExactly("m 2 x t=1 f=1", "n 3 x t=1 f=1");
    }

    @Test
    void whatNoArrangementHoldsIsSaidToBeTheNodes() {
        // two nodes of 3 cores hold one engine of 2 each, though 6 cores are three of them
        Cluster cluster = cluster(limited(node("x", 2, NONE), 3, 0), limited(node("y", 2, NONE), 3, 0));
        AllocationProblem problem = problem(
                cluster,
                List.of(
                        model("m", needing(1, 1, 1, 2, 0)),
                        model("n", needing(1, 1, 1, 2, 0)),
                        model("o", needing(1, 1, 1, 2, 0))),
                workflow("w", 4, 1, 0, calls("m", 1), calls("n", 1), calls("o", 1)));

        SearchResult.Infeasible infeasible = infeasible(problem);

        assertThat(infeasible.reasons())
                .singleElement()
                .satisfies(
                        reason -> assertThat(reason.message())
                                .startsWith(
                                        "The GPUs would hold models [m, n, o], but no arrangement also keeps every node's engines"));
        assertThat(Remedies.of(problem, infeasible, Placement::on))
                .anySatisfy(remedy -> assertThat(remedy.message())
                        .isEqualTo("Raise cpuCores of the nodes to 1.34 times what they are, or lower engineCpuCores of"
                                + " the models by as much."));
    }

    @Test
    void anEngineTooLargeForEveryNodeIsSaidAlone() {
        Cluster cluster = cluster(limited(node("x", 2, NONE), 3, 0), limited(node("y", 2, NONE), 3, 0));

        SearchResult.Infeasible infeasible = infeasible(oneModel(cluster, needing(1, 1, 1, 4, 0)));

        assertThat(infeasible.reasons()).singleElement().satisfies(reason -> {
            assertThat(reason.model()).hasValue("m");
            assertThat(reason.message()).contains("keeps every node's engines within its processors");
        });
    }

    @Test
    void theReportNamesTheNodesWhereTheyAreWhatLimits() {
        AllocationProblem problem = oneModel(cluster(limited(node("n", 2, tenths()), 9, 0)), needing(1, 0.1, 1, 3, 8));
        SearchResult.Found found = found(problem);

        Explanation explanation = Explainer.explain(problem, found.plan(), Placement::on, false);

        assertThat(shapes(found)).containsExactly("m 3 x t=1 f=0.1");
        assertThat(explanation.models().get(0).limit()).isInstanceOfSatisfying(LimitedBy.OfHosts.class, limit -> {
            assertThat(limit.scarce()).containsExactly(HostResource.PROCESSORS);
            assertThat(limit.choice().gainSeconds()).isPositive();
        });
        assertThat(explanation.resources().binding()).isInstanceOfSatisfying(Binding.Hosts.class, binding -> {
            assertThat(binding.freeGpus()).isCloseTo(1.7, within(1e-9));
            assertThat(binding.taken())
                    .containsExactly(new Binding.Taken(HostResource.PROCESSORS, 9, OptionalDouble.of(9)));
        });
    }

    @Test
    void manyModelsOnFewProcessorsTakeFewerAndLargerEngines() {
        // 20 models on 64 GPUs: by GPUs eight tenths each do best, 160 engines of 3 cores; the nodes hold 64
        List<Node> nodes = new ArrayList<>();
        for (int i = 0; i < 8; i++) {
            nodes.add(limited(node("n" + i, 8, tenths()), 24, 0));
        }
        List<AllocationProblem.ModelOptions> models = new ArrayList<>();
        List<ModelCalls> all = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
            List<Candidate> candidates = new ArrayList<>();
            for (int k = 1; k <= 10; k++) {
                candidates.add(new Candidate(
                        Problems.GPU,
                        1,
                        new GpuFraction(k, 10),
                        new Curve(
                                new double[] {0.01, 1.5 * k},
                                new double[] {2.0 / (k + i), 5.0 / (k + i)},
                                1.5 * k,
                                8 * k),
                        new HostNeed(3, 8)));
            }
            models.add(model("m" + i, candidates.toArray(Candidate[]::new)));
            all.add(calls("m" + i, 1));
        }
        AllocationProblem problem = problem(
                new Cluster(List.of(new Rack("r", nodes))),
                models,
                workflow("w", 10, 1, 0, all.toArray(ModelCalls[]::new)));

        SearchResult.Found found = found(problem);

        LegalPlan.check(problem, found.plan());
        assertThat(found.plan().placements().size()).isBetween(20, 64);
        assertThat(found.plan().lowerBoundSeconds())
                .isLessThanOrEqualTo(found.plan().objectiveSeconds());
    }

    @ParameterizedTest
    @EnumSource(Flavour.class)
    void limitsThatCannotBindChangeNeitherPlanNorWork(Flavour flavour) {
        for (int seed = 0; seed < 4; seed++) {
            AllocationProblem plain = GeneratedProblem.of(seed, flavour, new Size(3, 8, 2));
            AllocationProblem generous = plain.withCluster(new Cluster(plain.cluster().racks().stream()
                    .map(rack -> new Rack(
                            rack.name(),
                            rack.nodes().stream()
                                    .map(node -> limited(node, 1e4, 1e5))
                                    .toList()))
                    .toList()));

            assertThat(Search.plan(generous, Placement::on)).isEqualTo(Search.plan(plain, Placement::on));
        }
    }
}
