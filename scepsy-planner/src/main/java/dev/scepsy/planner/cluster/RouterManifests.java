package dev.scepsy.planner.cluster;

import dev.scepsy.planner.router.RoutedModel;
import dev.scepsy.planner.router.RouterKind;
import dev.scepsy.planner.router.RouterProgram;
import dev.scepsy.planner.router.Routing;
import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.ConfigMapBuilder;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.IntOrString;
import io.fabric8.kubernetes.api.model.ObjectMeta;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.ServiceBuilder;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.api.model.policy.v1.PodDisruptionBudget;
import io.fabric8.kubernetes.api.model.policy.v1.PodDisruptionBudgetBuilder;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * The Kubernetes objects of what stands before the engines: Services by which it finds them, its configuration, its pods and the
 * Service that leads to all models. Equal routings give equal bytes. Thread-safe.
 */
final class RouterManifests {

    private static final int DIGEST_LENGTH = 10;

    private final Routing routing;
    private final ServingOptions options;
    private final String planId;
    private final Optional<RouterProgram> program;

    private RouterManifests(Routing routing, ServingOptions options, String planId) {
        this.routing = routing;
        this.options = options;
        this.planId = planId;
        this.program = RouterProgram.of(routing, options.namespace(), options.port());
    }

    static RouterManifests of(Intent intent) {
        return new RouterManifests(intent.routing(), intent.options(), intent.planId());
    }

    /** Everything, in the order in which it is applied. */
    List<HasMetadata> objects() {
        List<HasMetadata> objects = new ArrayList<>(services());
        if (routing.kind() == RouterKind.INFERENCE_EXTENSION) {
            objects.addAll(InferenceExtension.objects(routing, options, this::meta));
        }
        objects.addAll(budgets());
        configMap().ifPresent(objects::add);
        if (program.filter(RouterProgram::watchesPods).isPresent()) {
            objects.addAll(RouterAccount.objects(this::meta));
        }
        deployment().ifPresent(objects::add);
        return objects;
    }

    /** Headless ones, one per model, and the one for all models; those of the models themselves are {@link Manifests}'. */
    List<Service> services() {
        List<Service> services = new ArrayList<>();
        if (program.isPresent()) {
            routing.models().forEach(model -> services.add(engines(model)));
            services.add(new ServiceBuilder()
                    .withMetadata(meta(Names.ROUTER_NAME))
                    .withNewSpec()
                    .addToSelector(Names.ROLE, Names.ROUTER)
                    .addNewPort()
                    .withName("http")
                    .withPort(options.port())
                    .withNewTargetPort("http")
                    .endPort()
                    .endSpec()
                    .build());
        }
        return services;
    }

    /** DNS names what it selects, one record for each engine that is ready. */
    private Service engines(RoutedModel model) {
        return new ServiceBuilder()
                .withMetadata(meta(model.enginesService()))
                .editMetadata()
                .addToLabels(Names.MODEL, Names.label(model.name()))
                .addToAnnotations(Names.MODEL_NAME, model.name())
                .endMetadata()
                .withNewSpec()
                .withClusterIP("None")
                .addToSelector(Names.MODEL, Names.label(model.name()))
                .addToSelector(Names.SERVING, "true")
                .addNewPort()
                .withName("http")
                .withPort(options.port())
                .withNewTargetPort("http")
                .endPort()
                .endSpec()
                .build();
    }

    /** One pod may go at a time where there are several; a single one would keep its node from being drained for ever. */
    List<PodDisruptionBudget> budgets() {
        if (program.isEmpty() || routing.settings().replicas() < 2) {
            return List.of();
        }
        return List.of(new PodDisruptionBudgetBuilder()
                .withMetadata(meta(Names.ROUTER_NAME))
                .withNewSpec()
                .withMinAvailable(new IntOrString(1))
                .withNewSelector()
                .addToMatchLabels(Names.ROLE, Names.ROUTER)
                .endSelector()
                .endSpec()
                .build());
    }

    /** Its configuration under a name that says what stands in it, so that other files are other pods. */
    Optional<ConfigMap> configMap() {
        return program.map(RouterProgram::files)
                .filter(files -> !files.isEmpty())
                .map(files -> new ConfigMapBuilder()
                        .withMetadata(meta(configMapName(files)))
                        .withData(new TreeMap<>(files))
                        .build());
    }

    private static String configMapName(Map<String, String> files) {
        return Names.ROUTER_NAME + "-"
                + Names.digest(new TreeMap<>(files).toString()).substring(0, DIGEST_LENGTH);
    }

    Optional<Deployment> deployment() {
        return program.map(found -> RouterDeployment.of(
                found,
                meta(Names.ROUTER_NAME),
                found.files().isEmpty() ? Optional.empty() : Optional.of(configMapName(found.files())),
                routing,
                options));
    }

    private ObjectMeta meta(String name) {
        return new ObjectMetaBuilder()
                .withName(name)
                .withNamespace(options.namespace())
                .addToLabels(Names.ROLE, Names.ROUTER)
                .addToLabels(Names.PLAN, planId)
                .addToLabels(Names.MANAGED_BY, Names.FIELD_MANAGER)
                .build();
    }
}
