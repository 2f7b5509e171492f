package dev.scepsy.samples.cluster.api;

import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * What a request's path names.
 *
 * @param namespace empty: all namespaces, or a kind that has none
 * @param name empty: the collection
 * @param subresource empty: the object itself
 */
record Target(ResourceKind kind, String namespace, String name, String subresource) {

    /** Empty if no resource lives at the path. */
    static Optional<Target> of(String path) {
        List<String> parts =
                Arrays.stream(path.split("/")).filter(part -> !part.isEmpty()).toList();
        if (parts.size() >= 3 && parts.get(0).equals("api")) {
            return of("", parts.get(1), parts.subList(2, parts.size()));
        }
        if (parts.size() >= 4 && parts.get(0).equals("apis")) {
            return of(parts.get(1), parts.get(2), parts.subList(3, parts.size()));
        }
        return Optional.empty();
    }

    private static Optional<Target> of(String group, String version, List<String> rest) {
        boolean inNamespace = rest.size() >= 3
                && rest.get(0).equals("namespaces")
                && ResourceKind.find(group, version, rest.get(2)).isPresent();
        String namespace = inNamespace ? rest.get(1) : "";
        List<String> resource = inNamespace ? rest.subList(2, rest.size()) : rest;
        if (resource.size() > 3) {
            return Optional.empty();
        }
        return ResourceKind.find(group, version, resource.get(0))
                .filter(kind -> kind.namespaced() || !inNamespace)
                .filter(kind -> resource.size() == 1 || inNamespace || !kind.namespaced())
                .map(kind -> new Target(
                        kind,
                        namespace,
                        resource.size() > 1 ? resource.get(1) : "",
                        resource.size() > 2 ? resource.get(2) : ""));
    }
}
