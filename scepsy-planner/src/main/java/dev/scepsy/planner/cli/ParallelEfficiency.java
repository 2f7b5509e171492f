package dev.scepsy.planner.cli;

import dev.scepsy.planner.allocation.LlmAllocation;
import dev.scepsy.planner.allocation.Plan;
import dev.scepsy.planner.problem.PlanningProblem;
import dev.scepsy.planner.profile.AllReduce;
import dev.scepsy.planner.profile.EngineModel;
import dev.scepsy.planner.profile.EngineSetup;
import dev.scepsy.planner.profile.ServedModel;
import dev.scepsy.planner.stat.ReadableNumber;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** What tensor-parallel groups of a plan are taken to lose to their links, and what that stands on. */
final class ParallelEfficiency {

    /** A moderately busy engine with calls of usual length. */
    private static final double REQUESTS = 16;

    private static final double CONTEXT_TOKENS = 1_000;

    private ParallelEfficiency() {}

    /** One sentence per group of more than one GPU; measured curves hold their links' time already. */
    static List<String> of(PlanningProblem problem, Plan plan) {
        List<String> sentences = new ArrayList<>();
        for (LlmAllocation allocation : plan.allocations()) {
            Optional<ServedModel> model = problem.model(allocation.model());
            if (allocation.tensorParallel() > 1 && model.isPresent()) {
                problem.engineSetup(
                                model.get(), allocation.gpu(), allocation.tensorParallel(), allocation.gpuFraction())
                        .ifPresent(setup -> sentences.add(sentence(allocation, setup, problem, model.get())));
            }
        }
        return sentences;
    }

    private static String sentence(
            LlmAllocation allocation, EngineSetup setup, PlanningProblem problem, ServedModel model) {
        EngineModel engine = new EngineModel(setup, problem.engineCoefficients(model, allocation.gpu()));
        Optional<AllReduce.Link> measured = setup.gpu().allReduce().over(setup.tensorParallel());
        String links = measured.isPresent()
                ? "measured links, " + ReadableNumber.of(measured.get().latencySeconds() * 1e6, 3) + " us and "
                        + ReadableNumber.of(measured.get().busBytesPerSecond() / 1e9, 3) + " GB/s"
                : (setup.gpu().nvlinkOneWayGBps().isPresent() ? "NVLink" : "PCIe") + " of "
                        + ReadableNumber.of(setup.gpu().linkBytesPerSecond() / 1e9, 3)
                        + " GB/s by its data sheet; all_reduce_perf and scepsy profile import would say yours";
        return String.format(
                Locale.ROOT,
                "%s t=%d on %s: %.0f %% of a step is work, the rest all-reduce (%s)",
                allocation.model(),
                allocation.tensorParallel(),
                allocation.gpu(),
                100 * engine.parallelEfficiency(REQUESTS, CONTEXT_TOKENS),
                links);
    }
}
