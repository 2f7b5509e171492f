package dev.scepsy.planner.serve.loop;

import dev.scepsy.planner.allocation.Plan;
import dev.scepsy.planner.cluster.ApplyOptions;
import dev.scepsy.planner.cluster.ClusterClient;
import dev.scepsy.planner.cluster.ClusterHardware;
import dev.scepsy.planner.cluster.ClusterUnreachableException;
import dev.scepsy.planner.cluster.Intent;
import dev.scepsy.planner.cluster.PushEvent;
import dev.scepsy.planner.cluster.PushOutcome;
import dev.scepsy.planner.cluster.ServedPlan;
import dev.scepsy.planner.cluster.ServingOptions;
import dev.scepsy.planner.cluster.ServingState;
import dev.scepsy.planner.cluster.ServingState.EngineState;
import dev.scepsy.planner.cluster.StepTime;
import dev.scepsy.planner.file.ClusterFile;
import dev.scepsy.planner.file.ModelsFile;
import dev.scepsy.planner.file.Problem;
import dev.scepsy.planner.file.Reading;
import dev.scepsy.planner.file.Source;
import dev.scepsy.planner.profile.Catalogue;
import dev.scepsy.planner.serve.loop.Operations.EngineView;
import dev.scepsy.planner.serving.PlanIntent;
import dev.scepsy.planner.topology.Cluster;
import dev.scepsy.planner.transition.Step;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;

/** A Kubernetes cluster, through the client that {@code scepsy apply} uses; with a file that says what the server does not. */
public final class KubernetesPort implements ClusterPort {

    private static final String NAME = "kubernetes";

    private final ClusterClient client;
    private final Optional<Path> file;
    private final ApplyOptions options;
    private final UnaryOperator<ServingOptions> serving;

    private KubernetesPort(
            ClusterClient client, Optional<Path> file, ApplyOptions options, UnaryOperator<ServingOptions> serving) {
        this.client = client;
        this.file = file;
        this.options = options;
        this.serving = serving;
    }

    /** @param file {@code cluster.yaml}; empty: the server's labels say everything */
    public static KubernetesPort of(ClusterClient client, Optional<Path> file) {
        return of(client, file, ApplyOptions.DEFAULT, plain -> plain);
    }

    /** @param serving changes how plans are put on the cluster, such as how long engines get to drain */
    public static KubernetesPort of(
            ClusterClient client, Optional<Path> file, ApplyOptions options, UnaryOperator<ServingOptions> serving) {
        return new KubernetesPort(client, file, options, serving);
    }

    @Override
    public boolean applies() {
        return true;
    }

    @Override
    public Look look() throws UnreachableException {
        ServingState state;
        ClusterHardware hardware;
        try {
            state = client.read();
            hardware = client.hardware();
        } catch (ClusterUnreachableException gone) {
            throw new UnreachableException(String.valueOf(gone.getMessage()), gone);
        }
        Optional<Reading<ClusterFile.Described>> written =
                file.map(path -> ClusterFile.read(path, Catalogue.builtIn()));
        Reading<ClusterFile.Described> described = MergedHardware.of(written, hardware, NAME);
        ServedPlan plan = ServedPlan.of(state);
        return new Look(
                described,
                described.warnings().stream().map(Problem::message).toList(),
                plan instanceof ServedPlan.Known known
                        ? Optional.of(new Served(known.allocations(), known.placements()))
                        : Optional.empty(),
                plan instanceof ServedPlan.Unknown unknown && !state.engines().isEmpty()
                        ? unknown.reasons()
                        : List.of(),
                engines(state),
                differences(state),
                MergedHardware.leftOut(written, hardware));
    }

    private static List<EngineView> engines(ServingState state) {
        List<EngineView> views = new ArrayList<>();
        for (EngineState engine : state.engines()) {
            int most = Math.max(engine.planned(), engine.found());
            for (int i = 0; i < most; i++) {
                boolean placed = i < engine.placements().size();
                views.add(new EngineView(
                        engine.engine().model(),
                        i,
                        placed && !engine.placements().get(i).node().isEmpty()
                                ? engine.placements().get(i).node()
                                : engine.engine().node(),
                        placed && !engine.placements().get(i).gpus().isEmpty()
                                ? engine.placements().get(i).gpus()
                                : engine.engine().gpus(),
                        engine.engine().shape().gpuFraction().toDouble(),
                        engine.engine().shape().tensorParallel(),
                        engine.engine().shape().memoryGiBPerGpu(),
                        i < engine.planned(),
                        i < engine.ready(),
                        i < engine.ready() ? List.of() : engine.trouble(),
                        i < engine.found(),
                        placed ? engine.placements().get(i).pod() : null));
            }
        }
        return views;
    }

    private static List<String> differences(ServingState state) {
        List<String> differences = new ArrayList<>();
        if (!state.progress().isEmpty()) {
            differences.add("A push is unfinished: " + state.progress() + ".");
        }
        for (EngineState engine : state.engines()) {
            if (!engine.asPlanned()) {
                differences.add(engine.engine() + ": " + engine.planned() + " planned, " + engine.found() + " found, "
                        + engine.ready() + " ready"
                        + String.join(
                                "",
                                engine.trouble().stream().map(why -> "; " + why).toList())
                        + ".");
            }
        }
        state.leaving().forEach(pod -> differences.add(pod + "."));
        return differences;
    }

    @Override
    public Pushed pushed() throws UnreachableException {
        try {
            ClusterClient.OnRecord record = client.onRecord();
            return new Pushed(record.state(), record.current(), record.previous(), record.target(), record.history());
        } catch (ClusterUnreachableException gone) {
            throw new UnreachableException(String.valueOf(gone.getMessage()), gone);
        }
    }

    @Override
    public String planId(Plan plan, Reading.Legal<ModelsFile.Described> models, Cluster cluster) {
        return Intent.idOf(plan);
    }

    private PlanIntent intent(Plan plan, Reading.Legal<ModelsFile.Described> models, Cluster cluster) {
        Map<String, List<String>> uuids = client.gpuUuids();
        return PlanIntent.of(
                plan,
                Source.unwritten("plan"),
                models,
                cluster,
                plain -> serving.apply(plain.withNamespace(client.namespace()).withGpuUuids(uuids)));
    }

    @Override
    public Rehearsal rehearse(Plan plan, Reading.Legal<ModelsFile.Described> models, Cluster cluster)
            throws UnreachableException {
        PlanIntent wanted = intent(plan, models, cluster);
        if (wanted.intent().isEmpty()) {
            return new Rehearsal(
                    wanted.problems().stream().map(Object::toString).toList(), List.of());
        }
        ClusterClient.Rehearsal rehearsal = client.rehearse(wanted.intent().get(), options);
        if (rehearsal.refused().isPresent()) {
            pushed(); // whether the server answers at all
            PushOutcome.Refused refused = rehearsal.refused().get();
            List<String> why = new ArrayList<>(refused.reasons());
            why.addAll(refused.remedies());
            return new Rehearsal(why, List.of());
        }
        List<List<RehearsedStep>> waves = new ArrayList<>();
        int number = 0;
        for (List<StepTime> wave : rehearsal.forecast().waves()) {
            List<RehearsedStep> steps = new ArrayList<>();
            for (StepTime time : wave) {
                Step step = rehearsal.steps().get(number++);
                steps.add(new RehearsedStep(
                        step.engine().model(),
                        step instanceof Step.Start,
                        time.seconds(),
                        step.engine().shape().tensorParallel()
                                * step.engine().shape().gpuFraction().toDouble(),
                        step.toString()));
            }
            waves.add(steps);
        }
        return new Rehearsal(List.of(), waves);
    }

    @Override
    public PushEnd push(
            Plan plan, Reading.Legal<ModelsFile.Described> models, Cluster cluster, Consumer<String> steps) {
        PlanIntent wanted = intent(plan, models, cluster);
        return wanted.intent().isEmpty()
                ? new PushEnd(
                        End.REFUSED,
                        String.join(
                                " ",
                                wanted.problems().stream().map(Object::toString).toList()))
                : end(client.apply(wanted.intent().get(), options, event -> tell(event, steps)));
    }

    @Override
    public PushEnd resume(Consumer<String> steps) {
        return end(client.resume(options, event -> tell(event, steps)));
    }

    @Override
    public PushEnd goBack(Consumer<String> steps) {
        return end(client.rollback(options, event -> tell(event, steps)));
    }

    @Override
    public void stop(String reason) {
        client.stop(reason);
    }

    @Override
    public void close() {
        client.close();
    }

    private static void tell(PushEvent event, Consumer<String> steps) {
        if (event instanceof PushEvent.Planned planned) {
            steps.accept("Plan " + planned.planId() + ": " + planned.steps().size() + " steps, expected to take "
                    + StepTime.text(planned.forecast().totalSeconds()) + ".");
        } else if (event instanceof PushEvent.Started started) {
            steps.accept("[" + started.number() + "/" + started.of() + "] " + started.step());
        } else if (event instanceof PushEvent.Finished finished) {
            steps.accept("[" + finished.number() + "/" + finished.of() + "] done after "
                    + StepTime.text(finished.seconds()) + ": " + finished.step());
        } else if (event instanceof PushEvent.Routing routing) {
            steps.accept("router: " + routing.step());
        } else if (event instanceof PushEvent.RollingBack back) {
            steps.accept("What ran before is restored: " + back.reason());
        } else if (event instanceof PushEvent.Note note) {
            steps.accept(note.text());
        }
    }

    private PushEnd end(PushOutcome outcome) {
        if (outcome instanceof PushOutcome.Applied) {
            return new PushEnd(End.SERVES, "");
        }
        if (outcome instanceof PushOutcome.StoppedMidway stopped) {
            return new PushEnd(
                    End.STOPPED,
                    stopped.reason() + " " + stopped.done().size() + " steps were done, "
                            + stopped.left().size() + " were not.");
        }
        if (outcome instanceof PushOutcome.RolledBack back) {
            return new PushEnd(End.RESTORED, back.reason());
        }
        PushOutcome.Refused refused = (PushOutcome.Refused) outcome;
        String why = String.join(" ", refused.reasons());
        try {
            client.onRecord();
            return new PushEnd(End.REFUSED, why);
        } catch (ClusterUnreachableException gone) {
            return new PushEnd(End.UNREACHABLE, why);
        }
    }
}
