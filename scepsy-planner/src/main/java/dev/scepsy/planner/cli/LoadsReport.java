package dev.scepsy.planner.cli;

import dev.scepsy.planner.cluster.ReplicaLoads;
import dev.scepsy.planner.cluster.ReplicaLoads.Uneven;
import dev.scepsy.planner.file.Json;
import dev.scepsy.planner.stat.ReadableNumber;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/** What {@code scepsy status} says of how loads fall on replicas. */
final class LoadsReport {

    private static final int SHOWN = 16;

    private LoadsReport() {}

    /** A sentence per model whose loads are uneven or could not be measured; none where nothing is to be said. */
    static List<String> sentences(List<ReplicaLoads> loads) {
        List<String> sentences = new ArrayList<>();
        for (ReplicaLoads model : loads) {
            uneven(model).ifPresent(sentences::add);
            if (model.engines().isEmpty()) {
                sentences.add("Loads of the " + model.replicas() + " replicas of model " + model.model()
                        + " were not measured: " + model.notMeasured().orElse("none answered."));
            }
        }
        return sentences;
    }

    private static Optional<String> uneven(ReplicaLoads model) {
        Uneven uneven = model.uneven();
        if (uneven == Uneven.NO) {
            return Optional.empty();
        }
        String counts = model.engines().stream()
                .limit(SHOWN)
                .map(engine -> ReadableNumber.of(
                        uneven == Uneven.FINISHED ? engine.finished().orElse(0) : engine.inProgress(), 6))
                .collect(Collectors.joining(", "));
        int asked = model.engines().size();
        String where = asked == model.replicas()
                ? "its " + asked + " replicas"
                : asked + " of its " + model.replicas() + " replicas";
        return Optional.of("Loads of model " + model.model() + " are uneven: " + counts
                + (uneven == Uneven.FINISHED ? " requests finished since their start on " : " requests in progress on ")
                + where + "; "
                + (model.routed()
                        ? "a router of requests runs, so clients reach engines past it: look at the base URLs they use."
                        : "kube-proxy balances connections, not requests: set router: {kind: haproxy} in models.yaml and"
                                + " apply the plan again."));
    }

    /** One item of {@code loads} in the output of {@code status --json}. */
    static void write(Json json, ReplicaLoads model) throws IOException {
        json.field("model", model.model())
                .field("replicas", model.replicas())
                .field("uneven", model.uneven() != Uneven.NO)
                .field("shownBy", shownBy(model.uneven()))
                .field("notMeasured", model.notMeasured().orElse(""))
                .objects(
                        "engines",
                        model.engines(),
                        (item, engine) -> item.field("pod", engine.pod())
                                .field("requestsInProgress", engine.inProgress())
                                .fieldIfPresent("requestsFinished", engine.finished()));
    }

    private static String shownBy(Uneven uneven) {
        return switch (uneven) {
            case NO -> "";
            case IN_PROGRESS -> "requestsInProgress";
            case FINISHED -> "requestsFinished";
        };
    }
}
