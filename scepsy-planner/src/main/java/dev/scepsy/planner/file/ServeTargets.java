package dev.scepsy.planner.file;

import dev.scepsy.planner.serve.settings.ServeSettings.Target;
import dev.scepsy.planner.serve.settings.ServeSettings.TargetDefaults;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The part {@code targets} of {@code serve.yaml}: what workflows shall have, by name.
 *
 * @param byWorkflow stated targets
 * @param usual how a target is made of measured rates
 */
record ServeTargets(Map<String, Target> byWorkflow, TargetDefaults usual) {

    /** The key that is no workflow's; a workflow of this name is written {@code default@SERVICE}. */
    private static final String DEFAULT = "default";

    private static final double USUAL_QUANTILE = 0.95;
    private static final Duration USUAL_BIN = Duration.ofMinutes(5);
    private static final double USUAL_HEADROOM = 1.2;
    private static final double LARGEST_HEADROOM = 10;
    private static final double LARGEST_RATE = 1_000_000;

    /** @param window that statistics are kept for: a bin is a part of it */
    static ServeTargets read(Fields top, Duration window) {
        return top.mapping("targets", fields -> targets(fields, window))
                .orElseGet(() -> new ServeTargets(Map.of(), usualDefaults()));
    }

    private static TargetDefaults usualDefaults() {
        return new TargetDefaults(USUAL_QUANTILE, USUAL_BIN, USUAL_HEADROOM);
    }

    private static ServeTargets targets(Fields fields, Duration window) {
        Map<String, Target> targets = new LinkedHashMap<>();
        for (String workflow : fields.keys()) {
            if (!workflow.equals(DEFAULT)) {
                fields.mapping(workflow, ServeTargets::target).ifPresent(target -> targets.put(workflow, target));
            }
        }
        return new ServeTargets(
                targets,
                fields.mapping(DEFAULT, each -> defaults(each, window)).orElseGet(ServeTargets::usualDefaults));
    }

    private static Target target(Fields fields) {
        if (!ServeValues.hasAny(fields, List.of("perSecond", "latencyLimitSeconds"))) {
            fields.problem("perSecond", "The target says nothing. Give perSecond, latencyLimitSeconds, or both.");
        }
        return new Target(
                fields.optionalNumber("perSecond", Range.between(0, LARGEST_RATE)),
                fields.optionalNumber("latencyLimitSeconds", Units.LIMIT_SECONDS));
    }

    private static TargetDefaults defaults(Fields fields, Duration window) {
        Duration bin = ServeValues.time(fields, "bin", USUAL_BIN, Duration.ofSeconds(1), Duration.ofDays(1));
        if (fields.sound("bin") && fields.has("bin") && bin.compareTo(window) > 0) {
            fields.problem(
                    "bin",
                    "The bin (" + ServeValues.shown(bin) + ") must not be longer than statistics.window ("
                            + ServeValues.shown(window) + "): no bin would ever be full.");
        }
        return new TargetDefaults(
                fields.optionalNumber("quantile", Range.PART).orElse(USUAL_QUANTILE),
                bin,
                fields.optionalNumber("headroom", Range.between(1, LARGEST_HEADROOM))
                        .orElse(USUAL_HEADROOM));
    }
}
