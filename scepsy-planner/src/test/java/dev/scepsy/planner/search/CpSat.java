package dev.scepsy.planner.search;

import com.google.ortools.Loader;
import com.google.ortools.sat.CpModel;
import com.google.ortools.sat.CpSolver;
import com.google.ortools.sat.CpSolverStatus;
import com.google.ortools.sat.IntVar;
import com.google.ortools.sat.LinearExpr;
import com.google.ortools.sat.LinearExprBuilder;
import com.google.ortools.sat.Literal;
import dev.scepsy.planner.search.choice.AllocationProblem;
import dev.scepsy.planner.search.choice.AllocationProblem.Candidate;
import dev.scepsy.planner.search.choice.AllocationProblem.ModelOptions;
import dev.scepsy.planner.topology.Node;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalDouble;

/**
 * The problem handed to OR-Tools CP-SAT: one literal per choice, one integer per (shape, domain) for groups and per
 * (shape, GPU) for shards. Shards of one shape on a domain's GPUs split into groups of t different GPUs exactly when no
 * GPU holds more shards than there are groups.
 */
final class CpSat {

    private static final long COST_UNIT = 1_000_000_000L;

    /** What the solver said. */
    record Answer(CpSolverStatus status, OptionalDouble cost) {
        boolean decided() {
            return status == CpSolverStatus.OPTIMAL || status == CpSolverStatus.INFEASIBLE;
        }
    }

    private final AllocationProblem problem;
    private final CpModel model = new CpModel();
    private final LinearExprBuilder objective = LinearExpr.newBuilder();
    private final List<List<LinearExprBuilder>> compute = new ArrayList<>();
    private final List<List<LinearExprBuilder>> memory = new ArrayList<>();

    private CpSat(AllocationProblem problem) {
        this.problem = problem;
        for (Node node : problem.cluster().nodes()) {
            List<LinearExprBuilder> computeOfNode = new ArrayList<>();
            List<LinearExprBuilder> memoryOfNode = new ArrayList<>();
            for (int gpu = 0; gpu < node.gpus(); gpu++) {
                LinearExprBuilder computeOfGpu = LinearExpr.newBuilder();
                LinearExprBuilder memoryOfGpu = LinearExpr.newBuilder();
                node.occupied(gpu).ifPresent(part -> {
                    computeOfGpu.add(
                            part.gpuFraction().toDecimal().movePointRight(2).longValueExact());
                    memoryOfGpu.add(milli(part.memoryGiB()));
                });
                computeOfNode.add(computeOfGpu);
                memoryOfNode.add(memoryOfGpu);
            }
            compute.add(computeOfNode);
            memory.add(memoryOfNode);
        }
    }

    /** Whether the native library loads on this platform. */
    static boolean available() {
        try {
            Loader.loadNativeLibraries();
            return true;
        } catch (RuntimeException | UnsatisfiedLinkError e) {
            return false;
        }
    }

    static Answer solve(AllocationProblem problem, double seconds) {
        return new CpSat(problem).run(seconds);
    }

    private Answer run(double seconds) {
        BruteForce rules = new BruteForce(problem);
        for (ModelOptions options : rules.models()) {
            List<BruteForce.Pick> picks = rules.picks(options);
            Literal[] chosen = new Literal[picks.size()];
            for (int i = 0; i < chosen.length; i++) {
                chosen[i] = model.newBoolVar("choice");
                objective.addTerm(chosen[i], Math.round(rules.cost(picks.get(i)) * COST_UNIT));
            }
            model.addExactlyOne(chosen);
            for (Candidate candidate : options.candidates()) {
                LinearExprBuilder wanted = LinearExpr.newBuilder();
                int most = 0;
                for (int i = 0; i < chosen.length; i++) {
                    if (picks.get(i).candidate().equals(candidate)) {
                        wanted.addTerm(chosen[i], picks.get(i).replicas());
                        most = Math.max(most, picks.get(i).replicas());
                    }
                }
                if (most > 0) {
                    model.addEquality(wanted, stand(candidate, most));
                }
            }
        }
        for (int n = 0; n < compute.size(); n++) {
            Node node = problem.cluster().nodes().get(n);
            for (int gpu = 0; gpu < node.gpus(); gpu++) {
                model.addLessOrEqual(compute.get(n).get(gpu), 100);
                model.addLessOrEqual(memory.get(n).get(gpu), milli(node.gpu().memoryGiB()));
            }
        }
        model.minimize(objective);
        CpSolver solver = new CpSolver();
        solver.getParameters().setNumWorkers(1).setRandomSeed(1).setMaxTimeInSeconds(seconds);
        CpSolverStatus status = solver.solve(model);
        return new Answer(
                status,
                status == CpSolverStatus.OPTIMAL
                        ? OptionalDouble.of(solver.objectiveValue() / COST_UNIT)
                        : OptionalDouble.empty());
    }

    /** Replicas of one shape over all domains. */
    private LinearExprBuilder stand(Candidate candidate, int most) {
        LinearExprBuilder standing = LinearExpr.newBuilder();
        int width = candidate.tensorParallel();
        for (int n = 0; n < compute.size(); n++) {
            Node node = problem.cluster().nodes().get(n);
            boolean allowed = node.gpu().name().equals(candidate.gpu())
                    && node.sharing().allows(candidate.gpuFraction())
                    && (width == 1
                            || candidate.gpuFraction().isWhole()
                            || node.sharing().tensorParallel());
            for (int domain = 0; allowed && domain < node.domains(); domain++) {
                if (node.domainGpus(domain) < width) {
                    continue;
                }
                IntVar groups = model.newIntVar(0, most, "groups");
                standing.add(groups);
                LinearExprBuilder shards = LinearExpr.newBuilder();
                for (int i = 0; i < node.domainGpus(domain); i++) {
                    int gpu = domain * node.domainSize() + i;
                    IntVar here = model.newIntVar(0, most, "shards");
                    model.addLessOrEqual(here, groups);
                    shards.add(here);
                    compute.get(n)
                            .get(gpu)
                            .addTerm(
                                    here,
                                    candidate
                                            .gpuFraction()
                                            .toDecimal()
                                            .movePointRight(2)
                                            .longValueExact());
                    memory.get(n)
                            .get(gpu)
                            .addTerm(here, milli(candidate.profile().memoryGiBPerGpu()));
                }
                model.addEquality(shards, LinearExpr.term(groups, width));
            }
        }
        return standing;
    }

    private static long milli(double gib) {
        return BigDecimal.valueOf(gib).movePointRight(3).longValueExact();
    }
}
