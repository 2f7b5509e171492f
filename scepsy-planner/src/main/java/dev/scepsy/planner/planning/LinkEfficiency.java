package dev.scepsy.planner.planning;

import dev.scepsy.planner.allocation.LlmAllocation;
import dev.scepsy.planner.allocation.Plan;
import dev.scepsy.planner.problem.PlanningProblem;
import dev.scepsy.planner.profile.AllReduce;
import dev.scepsy.planner.profile.EngineModel;
import dev.scepsy.planner.profile.EngineSetup;
import dev.scepsy.planner.profile.ServedModel;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * What the tensor-parallel groups of one allocation are taken to lose to their links, and what that rests on. Immutable.
 *
 * @param allocation of more than one GPU a replica
 * @param workPart part of a step that is no all-reduce, in (0, 1]; of a moderately busy engine with calls of usual length
 * @param measured the links as they were measured; empty: the data sheet's
 * @param nvlink whether the data sheet's link is NVLink; PCIe otherwise
 * @param dataSheetGBps one way, GB/s
 */
public record LinkEfficiency(
        LlmAllocation allocation,
        double workPart,
        Optional<AllReduce.Link> measured,
        boolean nvlink,
        double dataSheetGBps) {

    /** A moderately busy engine with calls of usual length. */
    private static final double REQUESTS = 16;

    private static final double CONTEXT_TOKENS = 1_000;

    /** One per group of more than one GPU; measured curves hold their links' time already. */
    static List<LinkEfficiency> of(PlanningProblem problem, Plan plan) {
        List<LinkEfficiency> found = new ArrayList<>();
        for (LlmAllocation allocation : plan.allocations()) {
            Optional<ServedModel> model = problem.model(allocation.model());
            if (allocation.tensorParallel() > 1 && model.isPresent()) {
                problem.engineSetup(
                                model.get(), allocation.gpu(), allocation.tensorParallel(), allocation.gpuFraction())
                        .ifPresent(setup -> found.add(of(allocation, setup, problem, model.get())));
            }
        }
        return found;
    }

    private static LinkEfficiency of(
            LlmAllocation allocation, EngineSetup setup, PlanningProblem problem, ServedModel model) {
        EngineModel engine = new EngineModel(setup, problem.engineCoefficients(model, allocation.gpu()));
        return new LinkEfficiency(
                allocation,
                engine.parallelEfficiency(REQUESTS, CONTEXT_TOKENS),
                setup.gpu().allReduce().over(setup.tensorParallel()),
                setup.gpu().nvlinkOneWayGBps().isPresent(),
                setup.gpu().linkBytesPerSecond() / 1e9);
    }
}
