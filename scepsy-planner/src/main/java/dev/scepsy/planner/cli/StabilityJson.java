package dev.scepsy.planner.cli;

import dev.scepsy.planner.file.Json;
import dev.scepsy.planner.share.Stability;
import java.io.IOException;
import java.util.List;

/** {@code stability.json}: how stable every workflow's shares are; bands that are not known yet are null. */
final class StabilityJson {

    private StabilityJson() {}

    static String of(List<Stability> stabilities) {
        return Json.object(json -> json.objects("workflows", stabilities, StabilityJson::workflow));
    }

    private static void workflow(Json json, Stability stability) throws IOException {
        json.field("workflow", stability.workflow())
                .field("executions", stability.executions())
                .field("precision", stability.precision())
                .field("endToEndVariation", stability.endToEndVariation())
                .fieldOrNull("steadiness", stability.steadiness());
        if (stability.stableSince().isPresent()) {
            json.field("stableSinceExecution", stability.stableSince().getAsInt())
                    .field(
                            "stableSinceEpochNanos",
                            stability.stableSinceEpochNanos().orElse(0));
        }
        if (stability.moreExecutions().isPresent()) {
            json.field("moreExecutions", stability.moreExecutions().getAsLong());
        }
        json.objects("models", stability.models(), (item, model) -> {
            item.field("model", model.model()).field("executionShare", model.share());
            if (Double.isFinite(model.halfWidth())) {
                item.field("halfWidth95", model.halfWidth());
            }
            item.field("timeVariation", model.timeVariation()).field("shareVariation", model.shareVariation());
        });
        json.field("movingWindow", stability.window());
        json.objects("points", stability.points(), (item, point) -> point(item, stability, point));
    }

    private static void point(Json json, Stability stability, Stability.Point point) throws IOException {
        json.field("execution", point.execution()).field("endEpochNanos", point.endEpochNanos());
        json.object("parts", parts -> {
            for (int m = 0; m < point.parts().size(); m++) {
                parts.field(stability.models().get(m).model(), point.parts().get(m));
            }
        });
        json.field("otherPart", point.otherPart());
        json.object("executionShares", shares -> {
            for (int m = 0; m < point.shares().size(); m++) {
                shares.field(stability.models().get(m).model(), point.shares().get(m));
            }
        });
        json.object("halfWidths95", widths -> {
            for (int m = 0; m < point.halfWidths().size(); m++) {
                if (Double.isFinite(point.halfWidths().get(m))) {
                    widths.field(
                            stability.models().get(m).model(),
                            point.halfWidths().get(m));
                }
            }
        });
    }
}
