package dev.scepsy.samples.cluster;

import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.ServiceBuilder;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.api.model.apps.DeploymentBuilder;
import io.fabric8.kubernetes.client.ConfigBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;

/** Writes the objects that tests deploy, and waits for what becomes of them. */
public final class Engines {
    private Engines() {}

    public static KubernetesClient client(EmulatedCluster cluster) {
        return new KubernetesClientBuilder()
                .withConfig(new ConfigBuilder()
                        .withMasterUrl(cluster.apiServerUrl())
                        .withNamespace("default")
                        .build())
                .build();
    }

    /** Engines of {@code model} with a share of a GPU each. */
    public static Deployment deployment(String name, String model, String fraction, int replicas) {
        return new DeploymentBuilder()
                .withNewMetadata()
                .withName(name)
                .endMetadata()
                .withNewSpec()
                .withReplicas(replicas)
                .withNewSelector()
                .addToMatchLabels("app", name)
                .endSelector()
                .withNewTemplate()
                .withNewMetadata()
                .addToLabels("app", name)
                .addToLabels("scepsy.dev/model", model)
                .addToAnnotations("scepsy.dev/gpu-fraction", fraction)
                .endMetadata()
                .withNewSpec()
                .addNewContainer()
                .withName("engine")
                .withImage("vllm/vllm-openai:emulated")
                .withCommand("vllm", "serve")
                .withArgs(
                        model,
                        "--served-model-name",
                        model,
                        "--tensor-parallel-size",
                        "1",
                        "--gpu-memory-utilization",
                        String.valueOf(Math.min(0.92, Double.parseDouble(fraction) - 0.02)),
                        "--kv-cache-memory-bytes",
                        "8000000000")
                .addNewPort()
                .withName("http")
                .withContainerPort(8000)
                .endPort()
                .withNewReadinessProbe()
                .withNewHttpGet()
                .withPath("/health")
                .withNewPort("http")
                .endHttpGet()
                .withPeriodSeconds(1)
                .withFailureThreshold(1)
                .endReadinessProbe()
                .endContainer()
                .endSpec()
                .endTemplate()
                .endSpec()
                .build();
    }

    public static Service service(String model) {
        return new ServiceBuilder()
                .withNewMetadata()
                .withName(model)
                .endMetadata()
                .withNewSpec()
                .addToSelector("scepsy.dev/model", model)
                .addNewPort()
                .withPort(8000)
                .endPort()
                .endSpec()
                .build();
    }

    /** Applies both and waits until all engines are ready. */
    public static void serve(KubernetesClient client, String model, String fraction, int replicas) {
        serve(client, model, deployment(model, model, fraction, replicas));
    }

    /** Deploys engines of {@code model} as {@code deployment} asks for and waits until all are ready. */
    public static void serve(KubernetesClient client, String model, Deployment deployment) {
        int replicas = deployment.getSpec().getReplicas();
        client.resource(service(model)).serverSideApply();
        client.resource(deployment).serverSideApply();
        client.apps()
                .deployments()
                .withName(model)
                .waitUntilCondition(
                        each -> each != null
                                && each.getStatus() != null
                                && each.getStatus().getAvailableReplicas() != null
                                && each.getStatus().getAvailableReplicas() == replicas,
                        20,
                        TimeUnit.SECONDS);
    }

    public static List<Pod> pods(KubernetesClient client, String app) {
        return client.pods().withLabel("app", app).list().getItems();
    }

    /** Polls until {@code condition} holds. */
    public static void await(String what, BooleanSupplier condition) {
        await(what, Duration.ofSeconds(60), condition);
    }

    /** Polls for as long until {@code condition} holds. */
    public static void await(String what, Duration patience, BooleanSupplier condition) {
        long deadline = System.nanoTime() + patience.toNanos();
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() > deadline) {
                throw new AssertionError("not within " + patience.toSeconds() + " s: " + what);
            }
            LockSupport.parkNanos(10_000_000);
        }
    }
}
