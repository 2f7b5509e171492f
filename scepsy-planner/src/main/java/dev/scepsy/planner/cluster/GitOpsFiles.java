package dev.scepsy.planner.cluster;

import dev.scepsy.planner.transition.Engine;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A plan as a folder that Argo CD or Flux brings to the cluster from Git: the manifests, the record that {@code scepsy status} compares
 * with, and a {@code kustomization.yaml} that names exactly these files, so that files of earlier plans in the folder are left out
 * and what they made is pruned. Equal intents give equal bytes.
 *
 * <p>Such a tool applies everything at once: it knows no floors, and an engine that changes is away while its successor loads.
 */
public final class GitOpsFiles {

    /** The order that {@link Tool#argo} is asked to keep. */
    static final String WAVE = "argocd.argoproj.io/sync-wave";

    /** What applies the folder. */
    public enum Tool {
        /** Argo CD: engines that share a GPU are started one after another, by sync waves. */
        argo,
        /** Flux, or {@code kubectl apply -k}: neither keeps an order, so engines that share a GPU start together. */
        flux
    }

    private static final String KUSTOMIZATION = "kustomization.yaml";

    private GitOpsFiles() {}

    /** File name to text. */
    public static Map<String, String> of(Intent intent, Tool tool) {
        Manifests manifests = Manifests.of(intent);
        List<HasMetadata> objects = new ArrayList<>(manifests.objects());
        objects.add(KubernetesCluster.configMap(
                intent.options().namespace(),
                PlanRecord.NAME,
                PlanRecord.of(intent).data()));
        if (tool == Tool.argo) {
            Map<String, Integer> waves = waves(intent);
            objects.replaceAll(object -> object instanceof Deployment deployment
                    ? inWave(
                            deployment,
                            waves.getOrDefault(deployment.getMetadata().getName(), 0))
                    : object);
        }
        Map<String, String> files = new LinkedHashMap<>();
        StringBuilder kustomization = new StringBuilder("""
                apiVersion: kustomize.config.k8s.io/v1beta1
                kind: Kustomization
                resources:
                """);
        for (HasMetadata object : objects) {
            String name = Manifests.fileName(object);
            files.put(name, Manifests.yaml(object));
            kustomization.append("  - ").append(name).append('\n');
        }
        files.put(KUSTOMIZATION, kustomization.toString());
        return files;
    }

    /** How many engines start before it on its fullest GPU, by deployment; where nobody says which GPU, on its node. */
    private static Map<String, Integer> waves(Intent intent) {
        Map<String, Integer> before = new HashMap<>();
        Map<String, Integer> waves = new HashMap<>();
        for (Engine engine : intent.engines()) {
            if (!engine.shape().gpuFraction().isWhole()) {
                List<String> places = engine.gpus().isEmpty()
                        ? List.of(engine.node())
                        : engine.gpus().stream()
                                .map(gpu -> engine.node() + ":" + gpu)
                                .toList();
                int wave = places.stream()
                        .mapToInt(place -> before.getOrDefault(place, 0))
                        .max()
                        .orElse(0);
                places.forEach(place -> before.put(place, wave + 1));
                // replicas of one deployment start together, in the last of their waves
                waves.merge(Names.deployment(engine), wave, Math::max);
            }
        }
        return waves;
    }

    private static Deployment inWave(Deployment deployment, int wave) {
        return deployment
                .edit()
                .editMetadata()
                .addToAnnotations(WAVE, Integer.toString(wave))
                .endMetadata()
                .build();
    }
}
