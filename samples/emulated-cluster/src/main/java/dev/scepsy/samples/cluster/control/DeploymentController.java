package dev.scepsy.samples.cluster.control;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.scepsy.samples.cluster.api.ApiFailure;
import dev.scepsy.samples.cluster.api.DeleteOptions;
import dev.scepsy.samples.cluster.api.ResourceKind;
import dev.scepsy.samples.cluster.api.Resources;
import dev.scepsy.samples.cluster.api.WriteOptions;
import dev.scepsy.samples.cluster.engine.EventClock;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Keeps every deployment's pods as its spec wants them. Pods belong to the deployment directly, without replica sets;
 * pods of an older template are told apart by the {@code pod-template-hash} label.
 */
final class DeploymentController {
    private static final String MANAGER = "kube-controller-manager";
    private static final String HASH = "pod-template-hash";

    private final Resources resources;
    private final EventClock clock;
    private final Runnable reconcileLater;
    private final Map<String, Double> readySinceSeconds = new HashMap<>();
    private final Map<String, Progress> progress = new HashMap<>();

    /** Why pods were not created, and when it is tried again. */
    private record Refusal(String message, double waitSeconds, double againSeconds) {}

    private static final double LONGEST_RETRY_SECONDS = 30;

    private final Map<String, Refusal> refusals = new HashMap<>();

    private record Progress(String state, double sinceSeconds) {}

    DeploymentController(Resources resources, EventClock clock, Runnable reconcileLater) {
        this.resources = resources;
        this.clock = clock;
        this.reconcileLater = reconcileLater;
    }

    void reconcile() {
        for (ObjectNode deployment : resources.store().list(ResourceKind.DEPLOYMENT)) {
            if (!deployment.path("metadata").has("deletionTimestamp")) {
                reconcile(deployment);
            }
        }
    }

    private void reconcile(ObjectNode deployment) {
        String hash = hash(deployment.path("spec").path("template"));
        List<PodView> pods = podsOf(deployment);
        trackReadiness(pods);
        List<PodView> living = pods.stream().filter(pod -> !pod.isTerminating()).toList();
        List<PodView> current =
                living.stream().filter(pod -> pod.label(HASH).equals(hash)).toList();
        List<PodView> old =
                living.stream().filter(pod -> !pod.label(HASH).equals(hash)).toList();
        if (deployment.path("spec").path("strategy").path("type").asText().equals("Recreate")) {
            recreate(deployment, hash, current, old, pods.size() - living.size());
        } else {
            roll(deployment, hash, current, old);
        }
        writeStatus(deployment, hash);
    }

    private void recreate(
            ObjectNode deployment, String hash, List<PodView> current, List<PodView> old, int terminating) {
        old.forEach(this::delete);
        boolean oldGone = old.isEmpty()
                && (terminating == 0
                        || podsOf(deployment).stream()
                                .allMatch(pod ->
                                        !pod.isTerminating() || pod.label(HASH).equals(hash)));
        int wanted = replicas(deployment);
        if (oldGone) {
            create(deployment, hash, wanted - current.size());
        }
        shrink(current, current.size() - wanted);
    }

    private void roll(ObjectNode deployment, String hash, List<PodView> current, List<PodView> old) {
        int wanted = replicas(deployment);
        RolloutBounds bounds = RolloutBounds.of(deployment.path("spec"));
        int total = current.size() + old.size();
        int surge = old.isEmpty() ? wanted : wanted + bounds.maxSurge();
        create(deployment, hash, Math.min(wanted - current.size(), surge - total));
        shrink(current, current.size() - wanted);
        if (old.isEmpty()) {
            return;
        }
        int minimum = wanted - bounds.maxUnavailable();
        long unavailableNew =
                current.stream().filter(pod -> !isAvailable(deployment, pod)).count();
        int removable = (int) Math.max(0, total - minimum - unavailableNew);
        List<PodView> brokenOld = old.stream()
                .filter(pod -> !isAvailable(deployment, pod))
                .limit(removable)
                .toList();
        brokenOld.forEach(this::delete);
        long available = current.size()
                - unavailableNew
                + old.stream().filter(pod -> isAvailable(deployment, pod)).count();
        List<PodView> healthyOld =
                old.stream().filter(pod -> isAvailable(deployment, pod)).toList();
        shrink(healthyOld, (int) Math.max(0, available - minimum));
    }

    private void create(ObjectNode deployment, String hash, int count) {
        for (int i = 0; i < count; i++) {
            ObjectNode template = (ObjectNode) deployment.path("spec").path("template");
            ObjectNode pod = JsonNodeFactory.instance.objectNode();
            ObjectNode metadata = pod.putObject("metadata");
            String name = deployment.path("metadata").path("name").asText();
            metadata.put("name", name + "-" + hash + "-" + resources.generatedSuffix());
            metadata.set("labels", template.path("metadata").path("labels").deepCopy());
            metadata.withObject("/labels").put(HASH, hash);
            if (template.path("metadata").has("annotations")) {
                metadata.set(
                        "annotations",
                        template.path("metadata").path("annotations").deepCopy());
            }
            metadata.putArray("ownerReferences")
                    .addObject()
                    .put("apiVersion", "apps/v1")
                    .put("kind", "Deployment")
                    .put("name", name)
                    .put("uid", deployment.path("metadata").path("uid").asText())
                    .put("controller", true)
                    .put("blockOwnerDeletion", true);
            pod.set("spec", template.path("spec").deepCopy());
            String namespace = deployment.path("metadata").path("namespace").asText();
            if (!create(deployment, namespace, pod)) {
                return;
            }
        }
    }

    // As the replica set controller: what admission refuses is a condition, and tried again after a while.
    private boolean create(ObjectNode deployment, String namespace, ObjectNode pod) {
        String uid = deployment.path("metadata").path("uid").asText();
        Refusal before = refusals.get(uid);
        if (before != null && clock.nowSeconds() < before.againSeconds()) {
            return false;
        }
        try {
            resources.create(ResourceKind.POD, namespace, pod, WriteOptions.by(MANAGER));
            refusals.remove(uid);
            return true;
        } catch (ApiFailure refused) {
            double wait = before == null ? 1 : Math.min(LONGEST_RETRY_SECONDS, 2 * before.waitSeconds());
            refusals.put(uid, new Refusal(String.valueOf(refused.getMessage()), wait, clock.nowSeconds() + wait));
            clock.after(wait + 0.001, reconcileLater);
            return false;
        }
    }

    // Kubernetes' order: not scheduled, not ready, cheaper by annotation, younger.
    private void shrink(List<PodView> pods, int count) {
        if (count <= 0) {
            return;
        }
        pods.stream()
                .sorted(Comparator.comparing((PodView pod) -> !pod.node().isEmpty())
                        .thenComparing(PodView::isReady)
                        .thenComparingInt(pod -> pod.annotation(Annotations.DELETION_COST)
                                .map(Integer::parseInt)
                                .orElse(0))
                        .thenComparing(pod -> -readySinceSeconds.getOrDefault(pod.uid(), 0.0)))
                .limit(count)
                .forEach(this::delete);
    }

    private void delete(PodView pod) {
        resources.delete(ResourceKind.POD, pod.namespace(), pod.name(), DeleteOptions.background());
    }

    private void trackReadiness(List<PodView> pods) {
        for (PodView pod : pods) {
            if (pod.isReady()) {
                readySinceSeconds.putIfAbsent(pod.uid(), clock.nowSeconds());
            } else {
                readySinceSeconds.remove(pod.uid());
            }
        }
    }

    private boolean isAvailable(ObjectNode deployment, PodView pod) {
        Double since = readySinceSeconds.get(pod.uid());
        if (since == null || !pod.isReady()) {
            return false;
        }
        double left = since + deployment.path("spec").path("minReadySeconds").asInt(0) - clock.nowSeconds();
        if (left > 0) {
            clock.after(left, reconcileLater);
        }
        return left <= 0;
    }

    private void writeStatus(ObjectNode deployment, String hash) {
        List<PodView> pods =
                podsOf(deployment).stream().filter(pod -> !pod.isTerminating()).toList();
        int wanted = replicas(deployment);
        int updated =
                (int) pods.stream().filter(pod -> pod.label(HASH).equals(hash)).count();
        int ready = (int) pods.stream().filter(PodView::isReady).count();
        int available =
                (int) pods.stream().filter(pod -> isAvailable(deployment, pod)).count();
        boolean complete = updated == wanted && pods.size() == wanted && available == wanted;
        boolean overdue =
                isOverdue(deployment, hash + updated + "/" + ready + "/" + available + "/" + pods.size(), complete);
        int minimum = wanted - RolloutBounds.of(deployment.path("spec")).maxUnavailable();
        boolean enough = available >= minimum;
        resources.edit(ResourceKind.DEPLOYMENT, deployment, Resources.Part.STATUS, MANAGER, next -> {
            ObjectNode status = next.withObject("/status");
            status.put(
                    "observedGeneration",
                    deployment.path("metadata").path("generation").asInt());
            count(status, "replicas", pods.size());
            count(status, "updatedReplicas", updated);
            count(status, "readyReplicas", ready);
            count(status, "availableReplicas", available);
            count(status, "unavailableReplicas", Math.max(0, Math.max(wanted, pods.size()) - available));
            Conditions.set(
                    next,
                    resources.timestamp(),
                    "Available",
                    enough,
                    enough ? "MinimumReplicasAvailable" : "MinimumReplicasUnavailable",
                    enough ? "Deployment has minimum availability." : "Deployment does not have minimum availability.");
            Refusal refusal = refusals.get(next.path("metadata").path("uid").asText());
            if (refusal == null) {
                Conditions.remove(next, "ReplicaFailure");
            } else {
                Conditions.set(next, resources.timestamp(), "ReplicaFailure", true, "FailedCreate", refusal.message());
            }
            String name = next.path("metadata").path("name").asText();
            Conditions.set(
                    next,
                    resources.timestamp(),
                    "Progressing",
                    !overdue,
                    overdue ? "ProgressDeadlineExceeded" : complete ? "NewReplicaSetAvailable" : "ReplicaSetUpdated",
                    overdue
                            ? "Deployment \"" + name + "\" has timed out progressing."
                            : complete
                                    ? "Deployment \"" + name + "\" has successfully progressed."
                                    : "Deployment \"" + name + "\" is progressing.");
        });
    }

    /** Whether nothing has changed for longer than the deployment allows; deadlines are emulated seconds. */
    private boolean isOverdue(ObjectNode deployment, String state, boolean complete) {
        String uid = deployment.path("metadata").path("uid").asText();
        Progress last = progress.get(uid);
        if (last == null || !last.state().equals(state)) {
            last = new Progress(state, clock.nowSeconds());
            progress.put(uid, last);
            if (!complete) {
                clock.after(deadlineSeconds(deployment) + 0.001, reconcileLater);
            }
        }
        return !complete && clock.nowSeconds() - last.sinceSeconds() > deadlineSeconds(deployment);
    }

    private static int deadlineSeconds(ObjectNode deployment) {
        return deployment.path("spec").path("progressDeadlineSeconds").asInt(600);
    }

    private static void count(ObjectNode status, String field, int value) {
        if (value == 0) {
            status.remove(field);
        } else {
            status.put(field, value);
        }
    }

    private List<PodView> podsOf(ObjectNode deployment) {
        String uid = deployment.path("metadata").path("uid").asText();
        return resources.store().list(ResourceKind.POD).stream()
                .map(PodView::new)
                .filter(pod -> pod.ownerUid().equals(uid))
                .toList();
    }

    private static int replicas(ObjectNode deployment) {
        return deployment.path("spec").path("replicas").asInt(1);
    }

    // FNV-1a over the template's text; the store keeps field order, so equal templates have equal texts.
    static String hash(JsonNode template) {
        long hash = 0xcbf29ce484222325L;
        String text = template.toString();
        for (int i = 0; i < text.length(); i++) {
            hash = (hash ^ text.charAt(i)) * 0x100000001b3L;
        }
        return Long.toString((hash ^ (hash >>> 32)) & 0xffffffffL, 36);
    }
}
