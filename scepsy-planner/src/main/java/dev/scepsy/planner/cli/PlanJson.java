package dev.scepsy.planner.cli;

import dev.scepsy.planner.allocation.Plan;
import dev.scepsy.planner.file.Json;
import dev.scepsy.planner.file.PlanFile;
import dev.scepsy.planner.planning.PlanningResult;
import dev.scepsy.planner.planning.Refinement;
import dev.scepsy.planner.search.SearchResult;
import dev.scepsy.planner.search.choice.SearchEffort;
import dev.scepsy.planner.search.explain.Explanation;
import dev.scepsy.planner.search.infeasible.InfeasibleReason;
import java.io.IOException;
import java.util.Map;
import java.util.OptionalDouble;

/** The explanation of a plan, and the answers to what-ifs, for programs. The plan itself is in its file. */
final class PlanJson {

    private PlanJson() {}

    static String of(PlanningResult.Planned planned) {
        Plan plan = planned.plan();
        Explanation explanation = planned.explanation().orElseThrow();
        SearchEffort effort = planned.effort();
        return Json.object(json -> {
            json.field("objectiveSeconds", plan.objectiveSeconds())
                    .field("lowerBoundSeconds", plan.lowerBoundSeconds())
                    .field("optimalityGap", plan.optimalityGap())
                    .field("gpusUsed", plan.gpusUsed())
                    .field("largestFreeGroup", plan.largestFreeGroup())
                    .objectIfPresent("goal", plan.goal(), PlanFile::writeGoal)
                    .objects("sharing", planned.shares(), PlanFile::writeShare)
                    .object("placement", new PlacementStory(planned.effects().orElseThrow())::write)
                    .objects("models", explanation.models(), PlanJson::model)
                    .objects("workflows", explanation.workflows(), PlanJson::workflow)
                    .field("binding", PlanSentences.of(explanation.resources().binding()))
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
                            body -> body.field("choices", effort.choices())
                                    .field("choicesKept", effort.choicesKept())
                                    .field("nodes", effort.nodes())
                                    .field("placementChecks", effort.placementChecks()))
                    .objects("whatIf", planned.whatIfs().entrySet(), PlanJson::whatIf);
            if (planned.refinement().isPresent()) {
                Refinement refinement = planned.refinement().get();
                json.object(
                        "refinement",
                        body -> body.field("plans", refinement.judged().size())
                                .fieldOrNull(
                                        "bestByFormulaSeconds",
                                        finite(refinement.judged().get(0).objectiveSeconds()))
                                .fieldOrNull(
                                        "chosenSeconds",
                                        finite(refinement.chosen().objectiveSeconds())));
            }
        });
    }

    /** Nothing where executions never ended. */
    private static OptionalDouble finite(double seconds) {
        return Double.isFinite(seconds) ? OptionalDouble.of(seconds) : OptionalDouble.empty();
    }

    private static void model(Json json, Explanation.ModelStory story) throws IOException {
        json.field("model", story.model())
                .field("requestsPerSecond", story.load())
                .field("utilisation", story.utilisation())
                .field("latencySeconds", story.latencySeconds())
                .field("objectiveSeconds", story.objectiveSeconds())
                .field("limit", PlanSentences.kind(story.limit()))
                .field("limitedBy", PlanSentences.of(story.limit()))
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
