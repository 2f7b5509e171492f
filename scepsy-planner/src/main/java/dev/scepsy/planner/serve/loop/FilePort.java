package dev.scepsy.planner.serve.loop;

import dev.scepsy.planner.allocation.LlmAllocation;
import dev.scepsy.planner.allocation.Plan;
import dev.scepsy.planner.allocation.ReplicaPlacement;
import dev.scepsy.planner.cluster.Intent;
import dev.scepsy.planner.file.ClusterFile;
import dev.scepsy.planner.file.ModelsFile;
import dev.scepsy.planner.file.Problem;
import dev.scepsy.planner.file.Reading;
import dev.scepsy.planner.profile.Catalogue;
import dev.scepsy.planner.topology.Cluster;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * Hardware in a file and no server to push to: plans are proposed, and nothing is applied. What serves is not known, so that every plan is a first
 * one; how long engines take to start is not known either, and moving costs nothing.
 */
public final class FilePort implements ClusterPort {

    private final Path file;

    private FilePort(Path file) {
        this.file = file;
    }

    /** @param file {@code cluster.yaml}; read at every look */
    public static FilePort of(Path file) {
        return new FilePort(file);
    }

    @Override
    public boolean applies() {
        return false;
    }

    @Override
    public Look look() {
        Reading<ClusterFile.Described> read = ClusterFile.read(file, Catalogue.builtIn());
        return new Look(
                read,
                read.warnings().stream().map(Problem::message).toList(),
                Optional.empty(),
                List.of(),
                List.of(),
                List.of());
    }

    @Override
    public Pushed pushed() {
        return Pushed.NOTHING;
    }

    @Override
    public String planId(Plan plan, Reading.Legal<ModelsFile.Described> models, Cluster cluster) {
        return Intent.idOf(plan);
    }

    @Override
    public Rehearsal rehearse(Plan plan, Reading.Legal<ModelsFile.Described> models, Cluster cluster) {
        Map<String, LlmAllocation> allocations = PlanText.byModel(plan.allocations());
        List<RehearsedStep> starts = new ArrayList<>();
        for (ReplicaPlacement placement : plan.placements()) {
            LlmAllocation allocation = allocations.get(placement.model());
            if (allocation != null) {
                starts.add(new RehearsedStep(
                        placement.model(),
                        true,
                        0,
                        allocation.tensorParallel() * allocation.gpuFraction().toDouble(),
                        "start " + placement.model() + " on " + placement.node() + " GPU " + placement.gpus()));
            }
        }
        return new Rehearsal(List.of(), List.of(starts));
    }

    @Override
    public PushEnd push(
            Plan plan, Reading.Legal<ModelsFile.Described> models, Cluster cluster, Consumer<String> steps) {
        return nothingHere();
    }

    @Override
    public PushEnd resume(Consumer<String> steps) {
        return nothingHere();
    }

    @Override
    public PushEnd goBack(Consumer<String> steps) {
        return nothingHere();
    }

    private static PushEnd nothingHere() {
        return new PushEnd(End.REFUSED, "Only a cluster file is configured (cluster.file), and no server to push to.");
    }

    @Override
    public void stop(String reason) {}

    @Override
    public void close() {}
}
