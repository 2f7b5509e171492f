package dev.scepsy.samples.cluster.api;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/**
 * What admission refuses of pods, in the words of Kubernetes 1.36: Pod Security (by the namespace's {@code enforce} label)
 * and resource quotas. Controllers meet it when they create pods; workloads are only warned of.
 */
final class Admission {
    private static final Map<String, BigDecimal> SUFFIXES = Map.of(
            "m", new BigDecimal("0.001"),
            "k", BigDecimal.valueOf(1000),
            "M", BigDecimal.valueOf(1_000_000),
            "G", BigDecimal.valueOf(1_000_000_000),
            "Ki", BigDecimal.valueOf(1L << 10),
            "Mi", BigDecimal.valueOf(1L << 20),
            "Gi", BigDecimal.valueOf(1L << 30),
            "Ti", BigDecimal.valueOf(1L << 40));

    private final ObjectStore store;

    Admission(ObjectStore store) {
        this.store = store;
    }

    /** @throws ApiFailure 403 */
    void check(String namespace, ObjectNode pod) {
        String name = pod.path("metadata").path("name").asText();
        String level = label(namespace, "enforce");
        List<String> violations = violations(level, pod.path("spec"));
        if (!violations.isEmpty()) {
            throw ApiFailure.forbidden(
                    ResourceKind.POD,
                    name,
                    "violates PodSecurity \"" + level + ":latest\": " + String.join(", ", violations));
        }
        for (ObjectNode quota : store.list(ResourceKind.RESOURCE_QUOTA)) {
            if (quota.path("metadata").path("namespace").asText().equals(namespace)) {
                checkQuota(quota, namespace, name, pod);
            }
        }
    }

    /** What the server says of a workload whose pods would be refused; empty where they would not be. */
    List<String> warnings(String namespace, JsonNode podSpec) {
        String warn = label(namespace, "warn");
        String level = warn.isEmpty() ? label(namespace, "enforce") : warn;
        List<String> violations = violations(level, podSpec);
        return violations.isEmpty()
                ? List.of()
                : List.of("would violate PodSecurity \"" + level + ":latest\": " + String.join(", ", violations));
    }

    private String label(String namespace, String mode) {
        ObjectNode found = store.get(ResourceKind.NAMESPACE, "", namespace);
        return found == null
                ? ""
                : found.path("metadata")
                        .path("labels")
                        .path("pod-security.kubernetes.io/" + mode)
                        .asText("");
    }

    private static List<String> violations(String level, JsonNode spec) {
        List<String> found = new ArrayList<>();
        if (!level.equals("baseline") && !level.equals("restricted")) {
            return found;
        }
        if (spec.path("hostIPC").asBoolean(false)) {
            found.add("host namespaces (hostIPC=true)");
        }
        List<String> hostPaths = new ArrayList<>();
        spec.path("volumes").forEach(volume -> {
            if (volume.has("hostPath")) {
                hostPaths.add("\"" + volume.path("name").asText() + "\"");
            }
        });
        if (!hostPaths.isEmpty()) {
            found.add("hostPath volumes (volume" + (hostPaths.size() > 1 ? "s " : " ") + String.join(", ", hostPaths)
                    + ")");
        }
        if (level.equals("restricted")) {
            restricted(spec, found);
        }
        return found;
    }

    private static void restricted(JsonNode spec, List<String> found) {
        for (JsonNode container : spec.path("containers")) {
            String name = container.path("name").asText();
            JsonNode security = container.path("securityContext");
            if (security.path("allowPrivilegeEscalation").asBoolean(true)) {
                found.add("allowPrivilegeEscalation != false (container \"" + name
                        + "\" must set securityContext.allowPrivilegeEscalation=false)");
            }
            if (!security.path("capabilities").path("drop").toString().contains("\"ALL\"")) {
                found.add("unrestricted capabilities (container \"" + name
                        + "\" must set securityContext.capabilities.drop=[\"ALL\"])");
            }
            boolean nonRoot = security.path("runAsNonRoot")
                    .asBoolean(spec.path("securityContext").path("runAsNonRoot").asBoolean(false));
            if (!nonRoot) {
                found.add("runAsNonRoot != true (pod or container \"" + name
                        + "\" must set securityContext.runAsNonRoot=true)");
            }
            boolean seccomp = security.has("seccompProfile")
                    || spec.path("securityContext").has("seccompProfile");
            if (!seccomp) {
                found.add("seccompProfile (pod or container \"" + name
                        + "\" must set securityContext.seccompProfile.type to \"RuntimeDefault\" or \"Localhost\")");
            }
        }
    }

    private void checkQuota(ObjectNode quota, String namespace, String podName, ObjectNode pod) {
        String name = quota.path("metadata").path("name").asText();
        List<String> unsaid = new ArrayList<>();
        Map<String, String> requested = new TreeMap<>();
        Map<String, String> used = new TreeMap<>();
        Map<String, String> limited = new TreeMap<>();
        quota.path("spec").path("hard").properties().forEach(hard -> {
            String resource = hard.getKey();
            boolean mustBeSaid = resource.matches("(requests|limits)\\.(cpu|memory)");
            for (JsonNode container : pod.path("spec").path("containers")) {
                if (mustBeSaid && amount(container, resource).signum() == 0) {
                    unsaid.add(resource + " for: " + container.path("name").asText());
                }
            }
            BigDecimal wanted = amountOf(pod, resource);
            BigDecimal before = BigDecimal.ZERO;
            for (ObjectNode other : store.list(ResourceKind.POD)) {
                if (other.path("metadata").path("namespace").asText().equals(namespace)) {
                    before = before.add(amountOf(other, resource));
                }
            }
            String most = hard.getValue().asText();
            if (wanted.signum() > 0 && before.add(wanted).compareTo(quantity(most)) > 0) {
                requested.put(resource, plain(wanted));
                used.put(resource, plain(before));
                limited.put(resource, most);
            }
        });
        if (!unsaid.isEmpty()) {
            throw ApiFailure.forbidden(
                    ResourceKind.POD, podName, "failed quota: " + name + ": must specify " + String.join("; ", unsaid));
        }
        if (!requested.isEmpty()) {
            throw ApiFailure.forbidden(
                    ResourceKind.POD,
                    podName,
                    "exceeded quota: " + name + ", requested: " + text(requested) + ", used: " + text(used)
                            + ", limited: " + text(limited));
        }
    }

    private static BigDecimal amountOf(JsonNode pod, String resource) {
        if (resource.equals("pods")) {
            return BigDecimal.ONE;
        }
        BigDecimal sum = BigDecimal.ZERO;
        for (JsonNode container : pod.path("spec").path("containers")) {
            sum = sum.add(amount(container, resource));
        }
        return sum;
    }

    /** Limits stand for requests that are not said. */
    private static BigDecimal amount(JsonNode container, String resource) {
        JsonNode resources = container.path("resources");
        if (resource.startsWith("limits.")) {
            return quantity(resources
                    .path("limits")
                    .path(resource.substring("limits.".length()))
                    .asText("0"));
        }
        String plain = resource.startsWith("requests.") ? resource.substring("requests.".length()) : resource;
        String limit = resources.path("limits").path(plain).asText("0");
        return quantity(resources.path("requests").path(plain).asText(limit));
    }

    private static String text(Map<String, String> amounts) {
        List<String> parts = new ArrayList<>();
        amounts.forEach((resource, amount) -> parts.add(resource + "=" + amount));
        return String.join(",", parts);
    }

    private static String plain(BigDecimal amount) {
        return amount.stripTrailingZeros().toPlainString();
    }

    static BigDecimal quantity(String text) {
        String digits = text.replaceAll("[A-Za-z]+$", "");
        String suffix = text.substring(digits.length());
        try {
            return new BigDecimal(digits).multiply(SUFFIXES.getOrDefault(suffix, BigDecimal.ONE));
        } catch (NumberFormatException malformed) {
            throw new IllegalArgumentException(
                    String.format(Locale.ROOT, "quantities must match a number and a suffix: \"%s\"", text), malformed);
        }
    }
}
