package dev.scepsy.planner.platform;

import static dev.scepsy.planner.platform.Capabilities.partly;
import static dev.scepsy.planner.platform.Capabilities.yes;

import dev.scepsy.planner.cluster.ApplyOptions;
import dev.scepsy.planner.cluster.ClusterClient;
import dev.scepsy.planner.cluster.ClusterUnreachableException;
import dev.scepsy.planner.cluster.Manifests;
import dev.scepsy.planner.cluster.PushEvent;
import dev.scepsy.planner.cluster.PushOutcome;
import dev.scepsy.planner.cluster.ServingState;
import dev.scepsy.planner.cluster.VerifiedPlacement;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * Kubernetes through the cluster client: Deployments and Services, staged pushes with floors, rollback. {@link ClusterClient} says more
 * than this interface does; the command line asks it directly.
 */
public final class KubernetesPlatform implements Platform {

    private final Optional<ClusterClient> client;
    private final ApplyOptions options;

    private KubernetesPlatform(Optional<ClusterClient> client, ApplyOptions options) {
        this.client = client;
        this.options = options;
    }

    /** One that renders and talks to no cluster. */
    public static KubernetesPlatform offline() {
        return new KubernetesPlatform(Optional.empty(), ApplyOptions.DEFAULT);
    }

    /** One that pushes through {@code client}, which its opener closes. */
    public static KubernetesPlatform of(ClusterClient client, ApplyOptions options) {
        return new KubernetesPlatform(Optional.of(client), options);
    }

    @Override
    public String name() {
        return "kubernetes";
    }

    @Override
    public Capabilities capabilities() {
        return Capabilities.of(
                yes("node affinity"),
                partly("pinned with `mps`, `time-slicing`, `hami` (UUIDs) and `dra`; else the kubelet or KAI picks"),
                partly("MPS, HAMi and DRA; nothing with `time-slicing` and `kai`"),
                partly("MPS, HAMi and DRA; else the engine's own limit"),
                yes("step by step; no step before the one before it is ready"));
    }

    @Override
    public Rendering render(PlacedPlan plan) {
        Manifests manifests = Manifests.of(plan.intent());
        List<String> notes = new ArrayList<>();
        manifests.enforcement().forEach((place, enforced) -> notes.add(place + ": " + enforced));
        return new Rendering.Files(manifests.files(), notes);
    }

    @Override
    public PlatformState read() throws PlatformUnreachableException {
        try {
            return state(open().read());
        } catch (ClusterUnreachableException unreachable) {
            throw new PlatformUnreachableException(String.valueOf(unreachable.getMessage()), unreachable);
        }
    }

    private ClusterClient open() throws PlatformUnreachableException {
        return client.orElseThrow(
                () -> new PlatformUnreachableException("No cluster was named: open one with KubernetesPlatform.of."));
    }

    private static PlatformState state(ServingState state) {
        List<PlatformState.Serving> serving = new ArrayList<>();
        for (ServingState.EngineState engine : state.engines()) {
            serving.add(new PlatformState.Serving(
                    engine.deployment(),
                    engine.engine().model(),
                    engine.planned(),
                    engine.ready(),
                    engine.asPlanned()
                            ? "as planned"
                            : engine.found() + " found " + String.join("; ", engine.trouble()),
                    engine.found() == engine.planned()
                            && engine.placements().stream().allMatch(VerifiedPlacement::asPlanned)));
        }
        List<String> unfinished = new ArrayList<>(state.leaving());
        if (!state.progress().isEmpty()) {
            unfinished.add(state.progress());
        }
        return new PlatformState(serving, List.of(), unfinished);
    }

    @Override
    public PlatformOutcome apply(PlacedPlan plan, Consumer<String> told) {
        if (client.isEmpty()) {
            return new PlatformOutcome.Refused(
                    List.of("No cluster was named."), List.of("Open one with KubernetesPlatform.of."));
        }
        PushOutcome outcome = client.get().apply(plan.intent(), options, event -> tell(event, told));
        if (outcome instanceof PushOutcome.Applied applied) {
            return new PlatformOutcome.Applied(
                    "Plan " + applied.planId() + " is served: " + applied.done().size() + " steps done.");
        }
        if (outcome instanceof PushOutcome.Refused refused) {
            return new PlatformOutcome.Refused(refused.reasons(), refused.remedies());
        }
        return outcome instanceof PushOutcome.RolledBack rolledBack
                ? new PlatformOutcome.RolledBack(rolledBack.reason())
                : new PlatformOutcome.StoppedMidway(((PushOutcome.StoppedMidway) outcome).reason());
    }

    private static void tell(PushEvent event, Consumer<String> told) {
        if (event instanceof PushEvent.Planned planned) {
            told.accept("Plan " + planned.planId() + ": " + planned.steps().size() + " steps.");
        } else if (event instanceof PushEvent.Started started) {
            told.accept("[" + started.number() + "/" + started.of() + "] " + started.step());
        } else if (event instanceof PushEvent.RollingBack back) {
            told.accept("Rolling back: " + back.reason());
        } else if (event instanceof PushEvent.Note note) {
            told.accept(note.text());
        }
    }
}
