package dev.scepsy.planner.cli;

import dev.scepsy.planner.allocation.Plan;
import dev.scepsy.planner.file.Json;
import dev.scepsy.planner.file.PlanFile;
import dev.scepsy.planner.search.AllocationProblem;
import dev.scepsy.planner.search.Explanation;
import dev.scepsy.planner.search.InfeasibleReason;
import dev.scepsy.planner.search.SearchResult;
import dev.scepsy.planner.topology.HeldShare;
import java.io.IOException;
import java.util.Map;
import java.util.Optional;

/** The explanation of a plan, and the answers to what-ifs, for programs. The plan itself is in its file. */
final class PlanJson {

    private PlanJson() {}

    static String of(
            AllocationProblem problem,
            SearchResult.Found found,
            Explanation explanation,
            PlacementStory placement,
            Optional<Refinement> refinement,
            Map<String, SearchResult> changed) {
        Plan plan = found.plan();
        return Json.object(json -> {
            json.field("objectiveSeconds", plan.objectiveSeconds())
                    .field("lowerBoundSeconds", plan.lowerBoundSeconds())
                    .field("optimalityGap", plan.optimalityGap())
                    .field("gpusUsed", plan.gpusUsed())
                    .field("largestFreeGroup", plan.largestFreeGroup())
                    .objectIfPresent("goal", plan.goal(), PlanFile::writeGoal)
                    .objects("sharing", HeldShare.of(problem.cluster(), plan), PlanFile::writeShare)
                    .object("placement", placement::write)
                    .objects("models", explanation.models(), PlanJson::model)
                    .objects("workflows", explanation.workflows(), PlanJson::workflow)
                    .field("binding", explanation.resources().binding())
                    .object("oneMoreGpu", body -> {
                        if (explanation.oneMoreGpu().isPresent()) {
                            body.field("gpu", explanation.oneMoreGpu().get().gpu())
                                    .field(
                                            "objectiveSeconds",
                                            explanation.oneMoreGpu().get().objectiveSeconds());
                        }
                    })
                    .objects(
                            "comparedWith",
                            explanation.rivals(),
                            (item, rival) -> item.field("name", rival.name())
                                    .fieldOrNull("objectiveSeconds", rival.objectiveSeconds())
                                    .field("remark", rival.remark()))
                    .object(
                            "effort",
                            effort -> effort.field("choices", found.effort().choices())
                                    .field("choicesKept", found.effort().choicesKept())
                                    .field("nodes", found.effort().nodes())
                                    .field("placementChecks", found.effort().placementChecks()))
                    .objects("whatIf", changed.entrySet(), PlanJson::whatIf);
            if (refinement.isPresent()) {
                json.object("refinement", refinement.get()::write);
            }
        });
    }

    private static void model(Json json, Explanation.ModelStory story) throws IOException {
        json.field("model", story.model())
                .field("requestsPerSecond", story.load())
                .field("utilisation", story.utilisation())
                .field("latencySeconds", story.latencySeconds())
                .field("objectiveSeconds", story.objectiveSeconds())
                .field("limitedBy", story.limit())
                .objects(
                        "alternatives",
                        story.alternatives(),
                        (item, other) -> item.field("gpu", other.gpu())
                                .field("tensorParallel", other.tensorParallel())
                                .field("gpuFraction", other.gpuFraction())
                                .field("replicas", other.replicas())
                                .field("extraSeconds", other.extraSeconds()));
    }

    private static void workflow(Json json, Explanation.WorkflowStory workflow) throws IOException {
        json.field("workflow", workflow.workflow())
                .field("latencySeconds", workflow.latencySeconds())
                .field("fixedSeconds", workflow.fixedSeconds())
                .objects(
                        "contributions",
                        workflow.contributions(),
                        (item, part) -> item.field("model", part.model()).field("seconds", part.seconds()));
    }

    private static void whatIf(Json json, Map.Entry<String, SearchResult> changed) throws IOException {
        json.field("change", changed.getKey());
        if (changed.getValue() instanceof SearchResult.Found found) {
            json.field("objectiveSeconds", found.plan().objectiveSeconds())
                    .field("gpusUsed", found.plan().gpusUsed())
                    .objects(
                            "allocations",
                            found.plan().allocations(),
                            (item, allocation) -> item.field("model", allocation.model())
                                    .field("gpu", allocation.gpu())
                                    .field(
                                            "gpuFraction",
                                            allocation.gpuFraction().toDouble())
                                    .field("tensorParallel", allocation.tensorParallel())
                                    .field("replicas", allocation.replicas()));
        } else if (changed.getValue() instanceof SearchResult.Infeasible infeasible) {
            json.objects("infeasible", infeasible.reasons(), (item, reason) -> reason(item, reason))
                    .fieldOrNull("highestCommonScale", infeasible.highestCommonScale());
        }
    }

    private static void reason(Json json, InfeasibleReason reason) throws IOException {
        json.field("reason", reason.reason()).field("message", reason.message());
    }
}
