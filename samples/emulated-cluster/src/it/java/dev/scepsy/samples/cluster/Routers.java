package dev.scepsy.samples.cluster;

import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.ConfigMapBuilder;
import io.fabric8.kubernetes.api.model.IntOrString;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.ServiceBuilder;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.api.model.apps.DeploymentBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** A balancer of requests in front of engines, written by hand: what any team would deploy. */
final class Routers {
    /** Only a request whose body has come in full before it is sent on can be tried again: hence the buffering. */
    static final String CONFIGURATION = """
            global
              log stdout format raw local0
            defaults
              mode http
              log global
              option httplog
              timeout connect 1s
              timeout client 60s
              timeout server 60s
              timeout check 5s
              option http-buffer-request
              retries 3
              option redispatch 1
              retry-on conn-failure empty-response
            resolvers cluster
              parse-resolv-conf
              accepted_payload_size 8192
              timeout resolve 100ms
              timeout retry 100ms
              hold valid 100ms
              hold nx 100ms
              hold obsolete 0s
            frontend openai
              bind "${POD_IP}:8000"
              default_backend generator
            frontend stats
              no log
              stats enable
              stats uri /stats
              bind "${POD_IP}:8404"
              http-request return status 200 content-type text/plain string ok if { path /healthz }
            backend generator
              balance leastconn
              option httpchk GET /health
              server-template engine 8 _http._tcp.generator-engines.default.svc.cluster.local resolvers cluster init-addr none check inter 500ms fall 2 rise 1
            """;

    private Routers() {}

    static ConfigMap configuration(String text) {
        return new ConfigMapBuilder()
                .withNewMetadata()
                .withName("router")
                .endMetadata()
                .addToData("haproxy.cfg", text)
                .build();
    }

    /** Finds the engines. */
    static Service engines() {
        return new ServiceBuilder(Engines.service("generator"))
                .editMetadata()
                .withName("generator-engines")
                .endMetadata()
                .editSpec()
                .withClusterIP("None")
                .editFirstPort()
                .withName("http")
                .withTargetPort(new IntOrString("http"))
                .endPort()
                .endSpec()
                .build();
    }

    /** Leads clients to the routers. */
    static Service service() {
        return new ServiceBuilder()
                .withNewMetadata()
                .withName("router")
                .endMetadata()
                .withNewSpec()
                .addToSelector("app", "router")
                .addNewPort()
                .withName("http")
                .withPort(8000)
                .withTargetPort(new IntOrString("http"))
                .endPort()
                .endSpec()
                .build();
    }

    static Deployment deployment(int replicas) {
        return new DeploymentBuilder()
                .withNewMetadata()
                .withName("router")
                .endMetadata()
                .withNewSpec()
                .withReplicas(replicas)
                .withNewSelector()
                .addToMatchLabels("app", "router")
                .endSelector()
                .withNewTemplate()
                .withNewMetadata()
                .addToLabels("app", "router")
                .endMetadata()
                .withNewSpec()
                .addNewTopologySpreadConstraint()
                .withMaxSkew(1)
                .withTopologyKey("kubernetes.io/hostname")
                .withWhenUnsatisfiable("ScheduleAnyway")
                .withNewLabelSelector()
                .addToMatchLabels("app", "router")
                .endLabelSelector()
                .endTopologySpreadConstraint()
                .addNewContainer()
                .withName("router")
                .withImage("haproxy:2.6")
                .withCommand("haproxy", "-W", "-db", "-f", "/usr/local/etc/haproxy/haproxy.cfg")
                .addNewEnv()
                .withName("POD_IP")
                .withNewValueFrom()
                .withNewFieldRef()
                .withFieldPath("status.podIP")
                .endFieldRef()
                .endValueFrom()
                .endEnv()
                .addNewPort()
                .withName("http")
                .withContainerPort(8000)
                .endPort()
                .addNewPort()
                .withName("stats")
                .withContainerPort(8404)
                .endPort()
                .withNewReadinessProbe()
                .withNewHttpGet()
                .withPath("/healthz")
                .withNewPort("stats")
                .endHttpGet()
                .withPeriodSeconds(1)
                .withFailureThreshold(1)
                .endReadinessProbe()
                .withNewLifecycle()
                .withNewPreStop()
                .withNewSleep(5L)
                .endPreStop()
                .endLifecycle()
                .addNewVolumeMount()
                .withName("configuration")
                .withMountPath("/usr/local/etc/haproxy")
                .withReadOnly(true)
                .endVolumeMount()
                .endContainer()
                .addNewVolume()
                .withName("configuration")
                .withNewConfigMap()
                .withName("router")
                .endConfigMap()
                .endVolume()
                .endSpec()
                .endTemplate()
                .endSpec()
                .build();
    }

    /** Everything, without waiting. */
    static void deploy(KubernetesClient client, int replicas, String configuration) {
        client.resource(configuration(configuration)).serverSideApply();
        client.resource(engines()).serverSideApply();
        client.resource(service()).serverSideApply();
        client.resource(deployment(replicas)).serverSideApply();
    }

    static List<Pod> pods(KubernetesClient client) {
        return Engines.pods(client, "router");
    }

    static long ready(KubernetesClient client) {
        return pods(client).stream()
                .filter(pod -> pod.getStatus().getConditions().stream()
                        .anyMatch(each -> each.getType().equals("Ready")
                                && each.getStatus().equals("True")))
                .count();
    }

    /** Processes of this machine that have the pod's address in their environment. */
    static List<ProcessHandle> processes(Pod router) {
        return ProcessHandle.allProcesses()
                .filter(process -> process.info()
                        .command()
                        .filter(each -> each.endsWith("haproxy"))
                        .isPresent())
                .filter(process -> environment(process.pid())
                        .contains("POD_IP=" + router.getStatus().getPodIP()))
                .toList();
    }

    private static String environment(long pid) {
        try {
            return Files.readString(Path.of("/proc/" + pid + "/environ"));
        } catch (IOException gone) {
            return "";
        }
    }

    /** The OpenAI API of one router pod. */
    static String baseUrl(Pod router) {
        return "http://" + router.getStatus().getPodIP() + ":8000/v1";
    }
}
