package dev.scepsy.planner.serve.loop;

import com.fasterxml.jackson.databind.JsonNode;
import dev.scepsy.planner.serve.journal.Freeze;
import dev.scepsy.planner.serve.journal.Pin;
import dev.scepsy.planner.serve.journal.PlanEntry;
import dev.scepsy.planner.serve.journal.Proposal;
import dev.scepsy.planner.serve.journal.Suspect;
import dev.scepsy.planner.serve.settings.Actor;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What people may do to the loop and ask of it. What a method has returned is durable. Thread-safe. All throw {@link
 * dev.scepsy.planner.serve.journal.StoreException} where the store cannot be used.
 */
public interface Operations {

    /** Not as things stand; the message says how they stand. Answered 409. */
    final class ConflictException extends Exception {
        private static final long serialVersionUID = 1;
        private final String state;

        public ConflictException(String message, String state) {
            super(message);
            this.state = state;
        }

        /** The present state, such as that of a proposal. */
        public String state() {
            return state;
        }
    }

    /** There is no such thing. Answered 404. */
    final class UnknownException extends Exception {
        private static final long serialVersionUID = 1;

        public UnknownException(String message) {
            super(message);
        }
    }

    /** The request's content cannot be: every problem in a sentence. Answered 400. */
    final class BadRequestException extends Exception {
        private static final long serialVersionUID = 1;
        private final transient List<String> problems;

        public BadRequestException(List<String> problems) {
            super(String.join(" ", problems));
            this.problems = List.copyOf(problems);
        }

        public List<String> problems() {
            return problems;
        }
    }

    /**
     * Plans now; supersedes an open proposal and never applies by itself.
     *
     * @param targets by workflow; empty: as configured and measured
     */
    Proposal plan(Actor actor, Map<String, Double> targets, @Nullable String reason)
            throws ConflictException, BadRequestException;

    /** Plans under changed circumstances; records nothing. The newest question of a session wins: the one before is answered at once with what it has. */
    WhatIfAnswer whatIf(String session, WhatIfQuestion question) throws ConflictException, BadRequestException;

    Proposal approve(Actor actor, String proposal, @Nullable String reason) throws ConflictException, UnknownException;

    Proposal reject(Actor actor, String proposal, @Nullable String reason) throws ConflictException, UnknownException;

    /** Back to the plan before; the answer's push runs on. */
    PlanEntry rollBack(Actor actor, @Nullable String reason) throws ConflictException;

    /** Shape parts that are null are free; all null: as the model is served now. */
    Pin pin(Actor actor, Pin wanted) throws ConflictException, UnknownException, BadRequestException;

    void unpin(Actor actor, String model, @Nullable String reason) throws UnknownException;

    Freeze freeze(Actor actor, @Nullable String reason, @Nullable Instant until) throws BadRequestException;

    void unfreeze(Actor actor, @Nullable String reason) throws UnknownException;

    /** The GPUs of a node on which engines were slow may be used again. */
    void trust(Actor actor, String node, @Nullable String reason) throws UnknownException;

    /** What is served, what differs from the plan, pins, suspects, freeze. */
    ClusterView cluster();

    /** Per described model, in name order. */
    List<ModelView> models();

    /** How the loop stands. */
    LoopView loop();

    /** Why the cluster cannot be used now, a sentence; empty where it can, or none is configured. */
    Optional<String> trouble();

    /**
     * Circumstances; empty or null: as they are.
     *
     * @param gpus GPUs by node: {@code 0} takes a node away
     * @param without models that are not self-hosted any more
     * @param faster by model, factor above 0 on its speed
     */
    record WhatIfQuestion(
            Map<String, Double> targets,
            Map<String, Double> limits,
            Map<String, Integer> gpus,
            List<String> without,
            Map<String, Double> faster) {}

    /**
     * An answer.
     *
     * @param plan {@code plan.json}, or the reasons why there is none
     * @param feasible whether there is a plan
     * @param proven whether it is known to be the best
     * @param interrupted by a newer question or by time
     */
    record WhatIfAnswer(JsonNode plan, boolean feasible, boolean proven, boolean interrupted, double seconds) {}

    /**
     * Nodes with racks, GPUs and engines on them.
     *
     * @param planOnly true: nothing is known of what runs, only what is planned; null: it is known
     */
    record ClusterView(
            @Nullable String planEntry,
            @Nullable String clusterPlanId,
            List<NodeView> nodes,
            List<EngineView> engines,
            List<String> differences,
            List<Pin> pins,
            List<Suspect> suspects,
            @Nullable Freeze freeze,
            @Nullable String push,
            @Nullable Boolean planOnly) {

        /** Of a cluster that is looked at. */
        public ClusterView(
                @Nullable String planEntry,
                @Nullable String clusterPlanId,
                List<NodeView> nodes,
                List<EngineView> engines,
                List<String> differences,
                List<Pin> pins,
                List<Suspect> suspects,
                @Nullable Freeze freeze,
                @Nullable String push) {
            this(planEntry, clusterPlanId, nodes, engines, differences, pins, suspects, freeze, push, null);
        }
    }

    /**
     * A node; domains are numbered blocks of its GPUs.
     *
     * @param usable whether plans use it; nodes of the cluster file that are gone or closed are listed and are not
     * @param why it is not usable, a sentence; null: it is
     * @param occupied what others than planned engines hold of its GPUs
     */
    record NodeView(
            String name,
            String rack,
            String gpu,
            int gpus,
            int domainSize,
            double memoryGiB,
            String sharing,
            boolean usable,
            @Nullable String why,
            List<OccupiedView> occupied) {

        /** One that is usable, and that nobody else uses. */
        public NodeView(
                String name,
                String rack,
                String gpu,
                int gpus,
                int domainSize,
                double memoryGiB,
                String sharing,
                boolean usable) {
            this(name, rack, gpu, gpus, domainSize, memoryGiB, sharing, usable, null, List.of());
        }
    }

    /** What others hold of one GPU; {@code gpuFraction} 1: all of it. */
    record OccupiedView(int gpu, double gpuFraction, double memoryGiB) {}

    /**
     * One engine.
     *
     * @param gpus numbers on its node
     * @param planned whether the plan that serves wants it
     * @param ready null: not known
     * @param found whether something of it is there, ready or not; null: not known
     * @param pod its name; null: not known
     */
    record EngineView(
            String model,
            int replica,
            String node,
            List<Integer> gpus,
            double gpuFraction,
            int tensorParallel,
            double memoryGiBPerGpu,
            boolean planned,
            @Nullable Boolean ready,
            List<String> trouble,
            @Nullable Boolean found,
            @Nullable String pod) {

        /** One of which is not known whether it is there, nor as which pod. */
        public EngineView(
                String model,
                int replica,
                String node,
                List<Integer> gpus,
                double gpuFraction,
                int tensorParallel,
                double memoryGiBPerGpu,
                boolean planned,
                @Nullable Boolean ready,
                List<String> trouble) {
            this(
                    model,
                    replica,
                    node,
                    gpus,
                    gpuFraction,
                    tensorParallel,
                    memoryGiBPerGpu,
                    planned,
                    ready,
                    trouble,
                    null,
                    null);
        }
    }

    /** A model; nulls: not known. */
    record ModelView(
            String model,
            boolean external,
            @Nullable Integer replicas,
            @Nullable Double running,
            @Nullable Double waiting,
            @Nullable Double cacheUse,
            @Nullable Double prefixCacheHitRate,
            @Nullable Double measuredPerSecond,
            @Nullable Double predictedPerSecond,
            @Nullable Double measuredLatencySeconds,
            @Nullable Double predictedLatencySeconds,
            @Nullable Double measuredUtilisation,
            @Nullable Double predictedUtilisation,
            List<String> notes) {}

    /**
     * The loop.
     *
     * @param stageSeconds by stage: count and sum of durations, s
     * @param cooldownUntil null: none runs
     * @param notes what it does not do and why, sentences
     * @param workflows what each shall have and has, in name order
     */
    record LoopView(
            String mode,
            @Nullable Instant cooldownUntil,
            Map<String, StageTime> stageSeconds,
            Map<String, Double> predictedLatencySeconds,
            Map<String, Double> measuredLatencySeconds,
            List<String> notes,
            long failures,
            List<WorkflowView> workflows) {}

    /**
     * One workflow, by its shown name; nulls: not known.
     *
     * @param targetPerSecond what planning would use now
     * @param targetFrom {@code configured}, {@code stated} (by {@code @Workflow}), {@code measured} or {@code unknown}; null with the target
     * @param latencyLimitSeconds null: none
     * @param measuredPerSecond arrivals over the last bins
     * @param predictedLatencySeconds of the plan that serves, at the rates it was made for; the throughput likewise
     * @param measuredLatencySeconds mean of the last minutes, those of {@code verify.after}
     */
    record WorkflowView(
            String workflow,
            @Nullable Double targetPerSecond,
            @Nullable String targetFrom,
            @Nullable Double latencyLimitSeconds,
            @Nullable Double measuredPerSecond,
            @Nullable Double predictedLatencySeconds,
            @Nullable Double measuredLatencySeconds,
            @Nullable Double maxThroughputPerSecond) {}

    record StageTime(long count, double sumSeconds) {}
}
