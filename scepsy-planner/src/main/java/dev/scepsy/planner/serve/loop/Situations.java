package dev.scepsy.planner.serve.loop;

import dev.scepsy.planner.allocation.GpuFraction;
import dev.scepsy.planner.file.ClusterFile;
import dev.scepsy.planner.file.ModelsFile;
import dev.scepsy.planner.file.Problem;
import dev.scepsy.planner.file.Reading;
import dev.scepsy.planner.planning.PinnedShape;
import dev.scepsy.planner.problem.ProblemAssembly;
import dev.scepsy.planner.profile.Catalogue;
import dev.scepsy.planner.serve.journal.Pin;
import dev.scepsy.planner.serve.journal.Suspect;
import dev.scepsy.planner.serve.journal.Trigger;
import dev.scepsy.planner.serve.loop.ClusterPort.Look;
import dev.scepsy.planner.serve.loop.ClusterPort.Pushed;
import dev.scepsy.planner.serve.observe.Observations.Bin;
import dev.scepsy.planner.serve.settings.ServeSettings;
import dev.scepsy.planner.share.WorkflowShares;
import dev.scepsy.planner.topology.Cluster;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;

/** Gathers what a search starts from. Thread-safe. */
final class Situations {

    private final Surroundings around;

    Situations(Surroundings around) {
        this.around = around;
    }

    /** A situation, or why there is none. */
    record Gathered(Optional<Situation> situation, List<String> why, boolean malformed) {}

    /**
     * @param asked targets of this one question, by any name of a workflow
     * @throws ClusterPort.UnreachableException if the cluster does not answer
     */
    Gathered gather(ClusterPort port, List<Trigger> triggers, Map<String, Double> asked)
            throws ClusterPort.UnreachableException {
        Pushed pushed = port.pushed();
        Look look = port.look();
        Reading<ModelsFile.Described> models = around.problems().models();
        List<String> wrong = new ArrayList<>();
        look.hardware().whyMalformed().stream().map(Problem::toString).forEach(wrong::add);
        models.whyMalformed().stream().map(Problem::toString).forEach(wrong::add);
        if (!(look.hardware() instanceof Reading.Legal<ClusterFile.Described> hardware)
                || !(models instanceof Reading.Legal<ModelsFile.Described> described)) {
            return new Gathered(Optional.empty(), wrong, true);
        }
        WorkflowShares statistics = Drifted.fresh(
                around.observations().statistics(Optional.empty()),
                triggers,
                around.observations(),
                around.clock().instant(),
                around.settings().statistics().requiredExecutions());
        List<String> unknown = new ArrayList<>();
        Targets.unclear(asked.keySet(), statistics.workflows(), "the question", unknown);
        if (!unknown.isEmpty()) {
            return new Gathered(Optional.empty(), unknown, true);
        }
        Targets targets = Targets.of(
                around.settings().targets(),
                around.settings().targetDefaults(),
                statistics.workflows(),
                rates(),
                asked);
        Cluster there = hardware.value().cluster();
        List<Suspect> suspects = around.suspects().now();
        Optional<ClusterPort.Served> served = look.served().flatMap(each -> Situation.alive(each, there));
        ProblemAssembly assembly = around.problems()
                .assembly(
                        SpareGpus.leaving(
                                SuspectGpus.without(look.hardware(), suspects),
                                Math.max(0, spare(there) - SuspectGpus.count(there, suspects)),
                                look.engines()),
                        statistics.workflows(),
                        targets.perSecond());
        ProblemAssembly asItIs = suspects.isEmpty()
                ? assembly
                : around.problems()
                        .assembly(
                                SpareGpus.leaving(look.hardware(), spare(there), look.engines()),
                                SuspectGpus.slowed(
                                        statistics.workflows(),
                                        SuspectGpus.paces(served, suspects),
                                        around.problems()::described),
                                targets.perSecond());
        List<String> notes = new ArrayList<>(look.notes());
        notes.addAll(look.whyUnknown());
        notes.addAll(Untraced.models(around.loads(), statistics.workflows(), around.problems()));
        statistics.workflows().stream()
                .filter(workflow -> workflow.notEnoughData())
                .forEach(workflow -> notes.add("Workflow (" + workflow.name() + "): not enough data, "
                        + workflow.executions().orElse(0) + " of "
                        + workflow.requiredExecutions().orElse(0) + " executions."));
        return new Gathered(
                Optional.of(new Situation(
                        triggers,
                        assembly,
                        asItIs,
                        suspects,
                        described,
                        there,
                        statistics,
                        targets,
                        served,
                        pushed.current(),
                        pushed.previous(),
                        pins(around.clock().instant()),
                        Horizon.of(around.store().journal().plans(Lifecycle.PLANS)),
                        notes)),
                List.of(),
                false);
    }

    /** GPUs to leave empty: those that are lost of the cluster as it is described are spare ones used. */
    private int spare(Cluster now) {
        int asked = around.settings().replan().spareGpus();
        if (asked == 0) {
            return 0;
        }
        int described = around.settings()
                .cluster()
                .flatMap(ServeSettings.ClusterSource::file)
                .map(file -> ClusterFile.read(file, Catalogue.builtIn()))
                .flatMap(Reading::legalValue)
                .map(whole -> whole.cluster().gpus())
                .orElse(now.gpus());
        return Math.max(0, asked - Math.max(0, described - now.gpus()));
    }

    /** Finished bins of the window. */
    Map<String, List<Bin>> rates() {
        Instant now = around.clock().instant();
        return around.observations()
                .rates(
                        around.settings().targetDefaults().bin(),
                        now.minus(around.settings().statistics().window()),
                        now);
    }

    /** Pins that hold at {@code now}, as the search takes them. */
    List<PinnedShape> pins(Instant now) {
        return around.store().journal().pins().stream()
                .filter(pin -> holds(pin, now))
                .map(pin -> new PinnedShape(
                        pin.model(),
                        Optional.ofNullable(pin.gpu()),
                        Optional.ofNullable(pin.gpuFraction()).map(GpuFraction::of),
                        pin.tensorParallel() == null ? OptionalInt.empty() : OptionalInt.of(pin.tensorParallel()),
                        pin.replicas() == null ? OptionalInt.empty() : OptionalInt.of(pin.replicas()),
                        "pinned by " + pin.by() + (pin.reason() == null ? "" : ": " + pin.reason())))
                .toList();
    }

    static boolean holds(Pin pin, Instant now) {
        return pin.until() == null || now.isBefore(pin.until());
    }

    /** What an approval is judged by. */
    Lifecycle.Basis basis(ClusterPort port) throws ClusterPort.UnreachableException {
        Pushed pushed = port.pushed();
        String cluster = port.look()
                .hardware()
                .legalValue()
                .map(ClusterFile.Described::cluster)
                .map(PlanText::fingerprint)
                .orElse("none");
        return new Lifecycle.Basis(pushed.current(), cluster);
    }
}
