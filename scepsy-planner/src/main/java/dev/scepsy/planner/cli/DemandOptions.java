package dev.scepsy.planner.cli;

import dev.scepsy.planner.file.ModelsFile;
import dev.scepsy.planner.file.Problem;
import dev.scepsy.planner.file.Reading;
import dev.scepsy.planner.problem.ReferenceEngine;
import dev.scepsy.planner.profile.Catalogue;
import dev.scepsy.planner.profile.GpuFacts;
import dev.scepsy.planner.share.Demand;
import dev.scepsy.planner.share.Demands;
import dev.scepsy.planner.share.EngineSeconds;
import dev.scepsy.planner.share.ModelStatistics;
import dev.scepsy.planner.share.WorkflowShares;
import dev.scepsy.planner.share.WorkflowStatistics;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The options that say what calls ask of engines: {@code @Mixin DemandOptions demand}. */
final class DemandOptions {

    /** Part of the calls' time from which waiting is worth a word. */
    private static final double MUCH_WAITING = 0.2;

    @Option(
            names = "--models",
            paramLabel = "models.yaml",
            description = "Models to also state the demand of, from tokens and the engine model on"
                    + " --reference-gpu: shares measured on an overloaded cluster include its queues. Roles of"
                    + " a model are then told apart by the engine model, too.")
    private @Nullable Path models;

    @Option(
            names = "--reference-gpu",
            paramLabel = "GPU",
            defaultValue = "H100-SXM-80GB",
            description = "GPU type that --models states the demand for (default: ${DEFAULT-VALUE}).")
    private String referenceGpu = "H100-SXM-80GB";

    private Demands.EngineSecondsPerCall engine = Demands.EngineSecondsPerCall.UNKNOWN;

    /** Reads the models file, if one is given. */
    void read(Terminal terminal, List<Problem> problems) {
        if (models == null) {
            return;
        }
        Catalogue catalogue = Catalogue.builtIn();
        if (catalogue.gpu(referenceGpu).isEmpty()) {
            problems.add(terminal.wrongArgument("--reference-gpu (" + referenceGpu + ") is not in the catalogue."
                    + KnownNames.meant(
                            referenceGpu,
                            catalogue.gpus().stream().map(GpuFacts::name).toList())));
            return;
        }
        Reading<ModelsFile.Described> read = ModelsFile.read(models, catalogue);
        problems.addAll(read.whyMalformed());
        terminal.warn(read);
        if (read instanceof Reading.Legal<ModelsFile.Described> legal) {
            engine = new ReferenceEngine(
                    legal.value(), catalogue.gpu(referenceGpu).orElseThrow());
        }
    }

    /** The engine model at the reference; it knows no model where none are given. */
    Demands.EngineSecondsPerCall engine() {
        return engine;
    }

    /** The same statistics with demands. */
    WorkflowShares in(WorkflowShares shares) {
        return new WorkflowShares(
                shares.workflows().stream()
                        .map(workflow -> isKnown(workflow) ? Demands.in(workflow, engine) : workflow)
                        .toList(),
                shares.incompleteExecutions());
    }

    /** Whether anything but durations speaks of demand. */
    private boolean isKnown(WorkflowStatistics workflow) {
        return models != null
                || workflow.models().stream()
                        .anyMatch(model -> model.engineSeconds().isPresent());
    }

    /** One line per model whose demand is known from elsewhere than its durations, and notes on waiting. */
    static List<String> waiting(WorkflowStatistics workflow) {
        List<String> notes = new ArrayList<>();
        for (ModelStatistics model : workflow.models()) {
            model.engineSeconds().ifPresent(engine -> {
                double part = waitingPart(model, engine);
                if (part >= MUCH_WAITING) {
                    notes.add(String.format(
                            Locale.ROOT,
                            "note: workflow %s: %.0f %% of the time of calls to %s was queueing: shares measured under this"
                                    + " load overstate it. demandShare states it without",
                            workflow.name(),
                            100 * part,
                            model.model()));
                }
            });
        }
        return notes;
    }

    private static double waitingPart(ModelStatistics model, EngineSeconds engine) {
        double seconds = model.meanCallSeconds().orElse(0);
        return seconds > 0 ? engine.queue() / seconds : 0;
    }

    /** {@code demand of critic: 0.41 s per call, share 12.3 % (from engine; measured 0.83 s, 20.1 %)}. */
    static List<String> lines(WorkflowStatistics workflow) {
        List<String> lines = new ArrayList<>();
        for (ModelStatistics model : workflow.models()) {
            model.demand()
                    .ifPresent(demand -> lines.add(String.format(
                            Locale.ROOT,
                            "  demand of %s: %.3f s per call, share %.1f %% (from %s; measured %.3f s, %.1f %%)",
                            model.model(),
                            demand.seconds(),
                            100 * demand.share(),
                            source(demand),
                            model.meanCallSeconds().orElse(0),
                            100 * model.executionShare().orElse(0))));
        }
        return lines;
    }

    private static String source(Demand demand) {
        return switch (demand.source()) {
            case ENGINE -> "the engine's prefill and decode";
            case TOKENS -> "its tokens and the engine model";
            case MEASURED -> "its duration, waiting included";
        };
    }
}
