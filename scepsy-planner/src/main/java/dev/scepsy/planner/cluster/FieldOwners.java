package dev.scepsy.planner.cluster;

import io.fabric8.kubernetes.api.model.ManagedFieldsEntry;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Who else sets fields that a plan sets, and what to do about it. */
final class FieldOwners {

    /** What the controllers of HorizontalPodAutoscalers sign with; KEDA scales through one of these. */
    private static final String AUTOSCALER = "kube-controller-manager";

    private static final String ARGO_CD = "argocd";
    private static final String FLUX = "kustomize-controller";
    private static final String SCALE = "scale";

    private FieldOwners() {}

    /** Who last set the replica count, in a sentence; empty where it was this client or nobody is named. */
    static Optional<String> ofReplicas(Deployment deployment) {
        List<ManagedFieldsEntry> entries = deployment.getMetadata().getManagedFields();
        if (entries == null) {
            return Optional.empty();
        }
        return entries.stream()
                .filter(entry -> !Names.FIELD_MANAGER.equals(entry.getManager()) && ownsReplicas(entry))
                .findFirst()
                .map(entry -> "Its replica count was set by (" + entry.getManager() + ")"
                        + (SCALE.equals(entry.getSubresource()) ? " through its scale" : "")
                        + (AUTOSCALER.equals(entry.getManager()) ? ", so an autoscaler owns it" : ""));
    }

    private static boolean ownsReplicas(ManagedFieldsEntry entry) {
        return entry.getFieldsV1() != null
                && entry.getFieldsV1().getAdditionalProperties().get("f:spec") instanceof Map<?, ?> spec
                && spec.containsKey("f:replicas");
    }

    /** @param conflicts as {@link KubernetesCluster#conflicts} gives them; at least one */
    static List<String> remedies(List<String> conflicts) {
        List<String> remedies = new ArrayList<>();
        if (conflicts.stream()
                .anyMatch(each ->
                        each.endsWith(".spec.replicas") && (each.contains("\"scale\"") || each.contains(AUTOSCALER)))) {
            remedies.add("A plan sets replica counts, and so does an autoscaler or 'kubectl scale'. Delete the"
                    + " HorizontalPodAutoscaler or ScaledObject of these deployments (kubectl get hpa): with"
                    + " --force-conflicts alone it would set them back.");
        }
        if (conflicts.stream().anyMatch(each -> each.contains("\"" + ARGO_CD))) {
            remedies.add(
                    "Argo CD writes these objects from Git: commit what 'scepsy render' writes there, or take them out"
                            + " of its application; with --force-conflicts alone its next sync would set them back.");
        }
        if (conflicts.stream().anyMatch(each -> each.contains("\"" + FLUX + "\""))) {
            remedies.add("Flux writes these objects from Git: commit what 'scepsy render' writes there, or suspend its"
                    + " kustomization; with --force-conflicts alone its next reconciliation would set them back.");
        }
        remedies.add("Let the other manager give the field up, or take it over: --force-conflicts.");
        return remedies;
    }
}
