package dev.scepsy.samples.cluster.api;

import java.util.List;
import java.util.Optional;

/**
 * A type of object the API serves. Immutable.
 *
 * @param group API group, empty for the core group
 * @param hasStatus whether {@code status} is written through the {@code /status} subresource only
 * @param hasScale whether {@code /scale} exists
 */
public record ResourceKind(
        String group,
        String version,
        String plural,
        String kind,
        List<String> shortNames,
        boolean namespaced,
        boolean hasStatus,
        boolean hasScale) {

    public static final ResourceKind NAMESPACE = core("namespaces", "Namespace", List.of("ns"), false, true);
    public static final ResourceKind NODE = core("nodes", "Node", List.of("no"), false, true);
    public static final ResourceKind POD = core("pods", "Pod", List.of("po"), true, true);
    public static final ResourceKind SERVICE = core("services", "Service", List.of("svc"), true, true);
    public static final ResourceKind CONFIG_MAP = core("configmaps", "ConfigMap", List.of("cm"), true, false);
    public static final ResourceKind EVENT = core("events", "Event", List.of("ev"), true, false);
    public static final ResourceKind ENDPOINTS = core("endpoints", "Endpoints", List.of("ep"), true, false);
    public static final ResourceKind RESOURCE_QUOTA =
            core("resourcequotas", "ResourceQuota", List.of("quota"), true, true);
    public static final ResourceKind DEPLOYMENT =
            new ResourceKind("apps", "v1", "deployments", "Deployment", List.of("deploy"), true, true, true);
    public static final ResourceKind LEASE =
            new ResourceKind("coordination.k8s.io", "v1", "leases", "Lease", List.of(), true, false, false);
    public static final ResourceKind RESOURCE_CLAIM =
            new ResourceKind("resource.k8s.io", "v1", "resourceclaims", "ResourceClaim", List.of(), true, true, false);

    public static final ResourceKind DISRUPTION_BUDGET = new ResourceKind(
            "policy", "v1", "poddisruptionbudgets", "PodDisruptionBudget", List.of("pdb"), true, true, false);

    /** Every type served, in the order in which discovery lists them. */
    public static final List<ResourceKind> ALL = List.of(
            NAMESPACE,
            NODE,
            POD,
            SERVICE,
            CONFIG_MAP,
            EVENT,
            ENDPOINTS,
            RESOURCE_QUOTA,
            DEPLOYMENT,
            LEASE,
            DISRUPTION_BUDGET,
            RESOURCE_CLAIM);

    private static ResourceKind core(
            String plural, String kind, List<String> shortNames, boolean namespaced, boolean hasStatus) {
        return new ResourceKind("", "v1", plural, kind, shortNames, namespaced, hasStatus, false);
    }

    static Optional<ResourceKind> find(String group, String version, String plural) {
        return ALL.stream()
                .filter(kind -> kind.group.equals(group) && kind.version.equals(version) && kind.plural.equals(plural))
                .findFirst();
    }

    /** {@code v1} or {@code apps/v1}. */
    public String apiVersion() {
        return group.isEmpty() ? version : group + "/" + version;
    }

    /** {@code pods} or {@code deployments.apps}, as messages name it. */
    String qualifiedPlural() {
        return group.isEmpty() ? plural : plural + "." + group;
    }

    String qualifiedKind() {
        return group.isEmpty() ? kind : kind + "." + group;
    }
}
