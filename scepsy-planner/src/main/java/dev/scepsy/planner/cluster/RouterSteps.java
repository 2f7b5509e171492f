package dev.scepsy.planner.cluster;

import dev.scepsy.planner.router.RouterKind;
import dev.scepsy.planner.router.RouterProgram;
import dev.scepsy.planner.router.Routing;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.api.model.apps.DeploymentStatus;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Carries out what a push does to the router. Requests always have somewhere to go: a router is ready before Services lead to it,
 * and goes only after they lead elsewhere.
 */
final class RouterSteps {

    /** How long a pod may take to be ready, images pulled, s; assumed. */
    private static final double ASSUMED_START_SECONDS = 15;

    /** Longest time without a further pod being ready. */
    private static final Duration LONGEST_START = Duration.ofMinutes(5);

    /** A pod whose image does not come, or that ends again and again, is given up after so long. */
    private static final Duration LONGEST_TROUBLE = Duration.ofSeconds(60);

    private final KubernetesCluster cluster;
    private final Patience patience;
    private final ApplyOptions options;
    private final Consumer<PushEvent> listener;

    RouterSteps(KubernetesCluster cluster, Patience patience, ApplyOptions options, Consumer<PushEvent> listener) {
        this.cluster = cluster;
        this.patience = patience;
        this.options = options;
        this.listener = listener;
    }

    /** What a push to {@code target} will do; empty where all is as it should be. */
    static List<RouterStep> planned(KubernetesCluster cluster, Intent target, Timing timing) {
        Optional<Deployment> live = cluster.router();
        Routing routing = target.routing();
        List<RouterStep> steps = new ArrayList<>();
        Optional<Deployment> wanted = target.engines().isEmpty()
                ? Optional.empty()
                : RouterManifests.of(target).deployment();
        if (wanted.isPresent()) {
            if (live.isEmpty() || !isSame(live.get(), wanted.get())) {
                int pods = routing.settings().replicas();
                steps.add(new RouterStep(
                        RouterStep.Action.START,
                        (live.isEmpty() ? "start" : "replace the pods of") + " router "
                                + routing.kind().key() + " (" + pods + " replica(s))",
                        new StepTime(
                                live.isEmpty() ? ASSUMED_START_SECONDS : pods * ASSUMED_START_SECONDS,
                                false,
                                live.isEmpty() ? "pods side by side" : "pods one by one")));
            }
            if (live.isEmpty()) {
                steps.add(new RouterStep(
                        RouterStep.Action.LEAD_TO_ROUTER,
                        "lead the Services of " + target.models() + " to the router",
                        new StepTime(1, false, "labels only")));
            }
        } else if (live.isPresent()) {
            steps.add(new RouterStep(
                    RouterStep.Action.LEAD_TO_ENGINES,
                    "lead the Services of " + target.models() + " to their engines",
                    new StepTime(timing.endpoints().toMillis() / 1000.0, false, "until proxies have followed")));
            steps.add(new RouterStep(
                    RouterStep.Action.REMOVE,
                    "remove the router, which finishes its requests",
                    new StepTime(
                            RouterProgram.FAREWELL_SECONDS,
                            false,
                            "until clients have closed their connections to it")));
        }
        if (routing.kind() == RouterKind.INFERENCE_EXTENSION) {
            steps.add(new RouterStep(
                    RouterStep.Action.WRITE_ROUTES,
                    "write an InferencePool and an HTTPRoute for each of " + target.models(),
                    new StepTime(1, false, "objects only")));
        }
        return steps;
    }

    /** Whether the pods of {@code live} are those of {@code wanted}. */
    static boolean isSame(Deployment live, Deployment wanted) {
        return digest(live).equals(digest(wanted))
                && wanted.getSpec().getReplicas().equals(live.getSpec().getReplicas());
    }

    private static String digest(Deployment deployment) {
        return Optional.ofNullable(deployment.getMetadata().getAnnotations())
                .map(annotations -> annotations.get(Names.TEMPLATE))
                .orElse("");
    }

    /** Why the cluster cannot take {@code target}'s routing; empty where it can. */
    static Optional<PushOutcome.Refused> obstacles(KubernetesCluster cluster, Intent target) {
        if (target.routing().kind() != RouterKind.INFERENCE_EXTENSION) {
            return Optional.empty();
        }
        List<String> missing = InferenceExtension.apis().stream()
                .filter(api -> !cluster.answers(api))
                .toList();
        return missing.isEmpty()
                ? Optional.empty()
                : Optional.of(new PushOutcome.Refused(
                        missing.stream()
                                .map(api -> "The cluster does not know " + api.substring("/apis/".length())
                                        + ", which the router (inference-extension) needs.")
                                .toList(),
                        List.of(
                                "Install the Gateway API (kubectl apply -f https://github.com/kubernetes-sigs/gateway-api/releases/latest/download/standard-install.yaml)"
                                        + " and its Inference Extension (kubectl apply -f https://github.com/kubernetes-sigs/gateway-api-inference-extension/releases/latest/download/manifests.yaml).",
                                "Use another router: kind haproxy needs nothing of the cluster.")));
    }

    /**
     * Starts the router of {@code intent} or lets it take its configuration, and waits until all its pods are ready.
     *
     * @param enginesServe whether DNS names any engine; without one no pod becomes ready, and it is not waited for
     */
    void start(Intent intent, boolean enginesServe) throws PushInterruptedException, PushFailedException {
        RouterManifests manifests = RouterManifests.of(intent);
        for (HasMetadata object : manifests.objects()) {
            patience.run(() -> cluster.apply(object, options.forceConflicts()));
        }
        Optional<Deployment> wanted = manifests.deployment();
        if (wanted.isPresent() && enginesServe) {
            await(wanted.get());
        } else if (wanted.isPresent()) {
            tell("The router is waited for once an engine serves.");
        }
    }

    private void await(Deployment wanted) throws PushInterruptedException, PushFailedException {
        Instant began = patience.in(Duration.ZERO);
        Instant deadline = patience.in(LONGEST_START);
        Optional<Instant> troubled = Optional.empty();
        int ready = -1;
        String said = "";
        while (true) {
            Optional<Deployment> live = patience.call(cluster::router);
            if (live.isPresent() && isRolledOut(live.get(), wanted)) {
                if (!said.isEmpty() || patience.secondsSince(began) > 1) {
                    tell(String.format(Locale.ROOT, "The router is ready after %.1f s.", patience.secondsSince(began)));
                }
                return;
            }
            int now = live.map(RouterSteps::updatedAndReady).orElse(0);
            if (now > ready) {
                ready = now;
                deadline = patience.in(LONGEST_START);
            }
            Optional<String> trouble = trouble();
            if (trouble.isPresent() && !trouble.get().equals(said)) {
                said = trouble.get();
                tell("The router is not ready. " + said);
            }
            troubled =
                    trouble.isEmpty() ? Optional.empty() : troubled.or(() -> Optional.of(patience.in(LONGEST_TROUBLE)));
            if (patience.passed(deadline) || troubled.filter(patience::passed).isPresent()) {
                throw new PushFailedException("The router did not become ready within "
                        + Math.round(patience.secondsSince(began)) + " s. "
                        + trouble.orElse("Its pods wait for DNS to name an engine: is clusterDomain right?"));
            }
            patience.poll();
        }
    }

    private void tell(String sentence) {
        listener.accept(new PushEvent.Note(sentence));
    }

    static int updatedAndReady(Deployment live) {
        DeploymentStatus status = live.getStatus();
        return status == null ? 0 : Math.min(number(status.getUpdatedReplicas()), number(status.getReadyReplicas()));
    }

    private static boolean isRolledOut(Deployment live, Deployment wanted) {
        DeploymentStatus status = live.getStatus();
        int replicas = wanted.getSpec().getReplicas();
        return status != null
                && isSame(live, wanted)
                && number(status.getObservedGeneration())
                        >= number(live.getMetadata().getGeneration())
                && number(status.getUpdatedReplicas()) == replicas
                && number(status.getReadyReplicas()) == replicas
                && number(status.getReplicas()) == replicas;
    }

    private static int number(@Nullable Number number) {
        return number == null ? 0 : number.intValue();
    }

    /** What keeps one of its pods from running, beside that it has not begun yet. */
    private Optional<String> trouble() throws PushInterruptedException, PushFailedException {
        return troubles(patience.call(() -> cluster.podsLabelled(Names.ROLE, Names.ROUTER))).stream()
                .findFirst();
    }

    static List<String> troubles(List<Pod> pods) {
        return pods.stream()
                .map(LivePod::of)
                .filter(pod -> !pod.ready() && !pod.terminating() && pod.outlook() != Outlook.OPEN)
                .map(pod -> "Pod " + pod.name() + ": " + pod.trouble())
                .toList();
    }

    /** Removes what {@code target} has no use for: the router, its configurations of before, its account. */
    void tidy(Intent target, List<Intent> intents) throws PushInterruptedException, PushFailedException {
        RouterManifests manifests = RouterManifests.of(target);
        if (manifests.deployment().isEmpty() && patience.call(cluster::router).isPresent()) {
            patience.run(cluster::deleteRouter);
            awaitFarewell();
        }
        List<String> wanted = manifests.objects().stream()
                .map(object -> object.getKind() + " " + object.getMetadata().getName())
                .toList();
        if (intents.stream().anyMatch(intent -> intent.routing().routes())) {
            for (String name : patience.call(cluster::routerConfigMaps)) {
                if (!wanted.contains("ConfigMap " + name)) {
                    patience.run(() -> cluster.deleteConfigMap(name));
                }
            }
        }
        for (Intent intent : intents) {
            for (HasMetadata object : RouterManifests.of(intent).objects()) {
                if (!wanted.contains(
                                object.getKind() + " " + object.getMetadata().getName())
                        && isTidiedHere(object.getKind())) {
                    patience.run(() -> cluster.delete(object));
                }
            }
        }
    }

    /**
     * Until its pods take no request any more. Clients that keep connections to them go on sending until these are closed, and
     * need to find engines as long; answers under way need none, and are not waited for.
     */
    private void awaitFarewell() throws PushInterruptedException, PushFailedException {
        Instant deadline = patience.in(Duration.ofSeconds(RouterProgram.FAREWELL_SECONDS));
        while (!patience.passed(deadline)
                && !patience.call(() -> cluster.podsLabelled(Names.ROLE, Names.ROUTER))
                        .isEmpty()) {
            patience.poll();
        }
    }

    /** Services, budgets and config maps are found by their labels, wherever they come from. */
    private static boolean isTidiedHere(String kind) {
        return List.of("ServiceAccount", "Role", "RoleBinding", "InferencePool", "HTTPRoute")
                .contains(kind);
    }
}
