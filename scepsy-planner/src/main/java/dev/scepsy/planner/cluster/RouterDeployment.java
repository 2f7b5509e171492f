package dev.scepsy.planner.cluster;

import dev.scepsy.planner.router.RouterProgram;
import dev.scepsy.planner.router.Routing;
import io.fabric8.kubernetes.api.model.ContainerBuilder;
import io.fabric8.kubernetes.api.model.IntOrString;
import io.fabric8.kubernetes.api.model.ObjectMeta;
import io.fabric8.kubernetes.api.model.PodTemplateSpec;
import io.fabric8.kubernetes.api.model.PodTemplateSpecBuilder;
import io.fabric8.kubernetes.api.model.Probe;
import io.fabric8.kubernetes.api.model.ProbeBuilder;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.api.model.apps.DeploymentBuilder;
import java.util.Optional;

/** Writes the Deployment of the router: a change replaces its pods one by one, each only when its successor is ready. */
final class RouterDeployment {

    static final String CONTAINER = "router";
    static final String ACCOUNT = Names.ROUTER_NAME;

    private static final String HTTP = "http";
    private static final String STATS = "stats";
    private static final String VOLUME = "configuration";
    private static final String LEAST_CPU = "250m";
    private static final String MOST_CPU = "2";
    private static final int LEAST_MEMORY_MIB = 256;
    private static final int DIGEST_LENGTH = 16;

    /** Beyond what the program takes to finish its requests, s. */
    private static final int SPARE_SECONDS = 10;

    private RouterDeployment() {}

    static Deployment of(
            RouterProgram program,
            ObjectMeta meta,
            Optional<String> configMap,
            Routing routing,
            ServingOptions options) {
        PodTemplateSpecBuilder pod = new PodTemplateSpecBuilder()
                .withNewMetadata()
                .addToLabels(Names.ROLE, Names.ROUTER)
                .endMetadata()
                .withNewSpec()
                .withEnableServiceLinks(false)
                .withAutomountServiceAccountToken(program.watchesPods())
                .withTerminationGracePeriodSeconds((long) program.graceSeconds() + SPARE_SECONDS)
                .addNewTopologySpreadConstraint()
                .withMaxSkew(1)
                .withTopologyKey(Names.HOSTNAME)
                .withWhenUnsatisfiable("ScheduleAnyway")
                .withNewLabelSelector()
                .addToMatchLabels(Names.ROLE, Names.ROUTER)
                .endLabelSelector()
                .endTopologySpreadConstraint()
                .withNewSecurityContext()
                .withRunAsNonRoot(true)
                .withRunAsUser((long) program.user())
                .withRunAsGroup((long) program.user())
                .withNewSeccompProfile()
                .withType("RuntimeDefault")
                .endSeccompProfile()
                .endSecurityContext()
                .addToContainers(container(program, configMap.isPresent(), options.port())
                        .build())
                .endSpec();
        if (program.watchesPods()) {
            pod.editSpec().withServiceAccountName(ACCOUNT).endSpec();
        }
        configMap.ifPresent(name -> pod.editSpec()
                .addNewVolume()
                .withName(VOLUME)
                .withNewConfigMap()
                .withName(name)
                .endConfigMap()
                .endVolume()
                .endSpec());
        PodTemplateSpec template = pod.build();
        return new DeploymentBuilder()
                .withMetadata(meta)
                .editMetadata()
                .addToAnnotations(
                        Names.TEMPLATE,
                        Names.digest(Manifests.TEXT.asJson(template)).substring(0, DIGEST_LENGTH))
                .endMetadata()
                .withNewSpec()
                .withReplicas(routing.settings().replicas())
                .withNewStrategy()
                .withType("RollingUpdate")
                .withNewRollingUpdate()
                .withMaxUnavailable(new IntOrString(0))
                .withMaxSurge(new IntOrString(1))
                .endRollingUpdate()
                .endStrategy()
                .withNewSelector()
                .addToMatchLabels(Names.ROLE, Names.ROUTER)
                .endSelector()
                .withTemplate(template)
                .endSpec()
                .build();
    }

    private static ContainerBuilder container(RouterProgram program, boolean mounts, int port) {
        ContainerBuilder container = new ContainerBuilder()
                .withName(CONTAINER)
                .withImage(program.image())
                .withCommand(program.command())
                .withNewSecurityContext()
                .withAllowPrivilegeEscalation(false)
                .withReadOnlyRootFilesystem(!program.watchesPods()) // Python writes beside its modules
                .withNewCapabilities()
                .addToDrop("ALL")
                .endCapabilities()
                .endSecurityContext()
                .addNewEnv()
                .withName(RouterProgram.POD_IP)
                .withNewValueFrom()
                .withNewFieldRef()
                .withFieldPath("status.podIP")
                .endFieldRef()
                .endValueFrom()
                .endEnv()
                .addNewPort()
                .withName(HTTP)
                .withContainerPort(port)
                .endPort()
                .withNewResources()
                .addToRequests("cpu", Quantity.parse(LEAST_CPU))
                .addToRequests("memory", Quantity.parse(LEAST_MEMORY_MIB + "Mi"))
                .addToLimits("cpu", Quantity.parse(MOST_CPU))
                .addToLimits("memory", Quantity.parse(Math.max(LEAST_MEMORY_MIB, program.memoryMiB()) + "Mi"))
                .endResources()
                .withStartupProbe(probe(program, port, program.livePath(), 1, 60))
                .withReadinessProbe(probe(program, port, program.readyPath(), 1, 3))
                .withLivenessProbe(probe(program, port, program.livePath(), 5, 6))
                .withNewLifecycle()
                .withNewPreStop()
                .withNewExec()
                .withCommand(program.preStop())
                .endExec()
                .endPreStop()
                .endLifecycle();
        if (program.statsPort() != port) {
            container
                    .addNewPort()
                    .withName(STATS)
                    .withContainerPort(program.statsPort())
                    .endPort();
        }
        if (mounts) {
            container
                    .addNewVolumeMount()
                    .withName(VOLUME)
                    .withMountPath(program.folder())
                    .withReadOnly(true)
                    .endVolumeMount();
        }
        return container;
    }

    private static Probe probe(RouterProgram program, int port, String path, int period, int failures) {
        return new ProbeBuilder()
                .withNewHttpGet()
                .withPath(path)
                .withNewPort(program.statsPort() == port ? HTTP : STATS)
                .endHttpGet()
                .withPeriodSeconds(period)
                .withTimeoutSeconds(2)
                .withFailureThreshold(failures)
                .build();
    }
}
