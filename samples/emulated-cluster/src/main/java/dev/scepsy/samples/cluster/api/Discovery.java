package dev.scepsy.samples.cluster.api;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** The documents by which a client learns what the server serves. */
final class Discovery {
    private static final List<String> VERBS =
            List.of("create", "delete", "deletecollection", "get", "list", "patch", "update", "watch");

    private Discovery() {}

    /** The document at a path without a trailing slash, or empty. */
    static Optional<ObjectNode> document(String path) {
        return switch (path) {
            case "/version" -> Optional.of(version());
            case "/api" -> Optional.of(coreVersions());
            case "/apis" -> Optional.of(groups());
            case "/api/v1" -> Optional.of(resources("", "v1"));
            default -> path.startsWith("/apis/") ? group(path.substring("/apis/".length())) : Optional.empty();
        };
    }

    private static Optional<ObjectNode> group(String rest) {
        String[] parts = rest.split("/", -1);
        return ResourceKind.ALL.stream()
                .filter(kind -> !kind.group().isEmpty() && kind.group().equals(parts[0]))
                .findFirst()
                .flatMap(kind -> switch (parts.length) {
                    case 1 ->
                        Optional.of(
                                describe(kind, object().put("kind", "APIGroup").put("apiVersion", "v1")));
                    case 2 ->
                        kind.version().equals(parts[1])
                                ? Optional.of(resources(kind.group(), kind.version()))
                                : Optional.empty();
                    default -> Optional.empty();
                });
    }

    private static ObjectNode version() {
        return object().put("major", "1")
                .put("minor", "34")
                .put("gitVersion", "v1.36.0+scepsy-emulated")
                .put("gitTreeState", "clean")
                .put("platform", "emulated/loopback");
    }

    private static ObjectNode coreVersions() {
        ObjectNode document = object().put("kind", "APIVersions");
        document.putArray("versions").add("v1");
        document.putArray("serverAddressByClientCIDRs");
        return document;
    }

    private static ObjectNode groups() {
        ObjectNode document = object().put("kind", "APIGroupList").put("apiVersion", "v1");
        ArrayNode groups = document.putArray("groups");
        ResourceKind.ALL.stream()
                .filter(kind -> !kind.group().isEmpty())
                .forEach(kind -> describe(kind, groups.addObject()));
        return document;
    }

    private static ObjectNode describe(ResourceKind kind, ObjectNode group) {
        group.put("name", kind.group());
        group.putArray("versions")
                .addObject()
                .put("groupVersion", kind.apiVersion())
                .put("version", kind.version());
        group.putObject("preferredVersion")
                .put("groupVersion", kind.apiVersion())
                .put("version", kind.version());
        return group;
    }

    private static ObjectNode resources(String group, String version) {
        ObjectNode document = object().put("kind", "APIResourceList")
                .put("apiVersion", "v1")
                .put("groupVersion", group.isEmpty() ? version : group + "/" + version);
        ArrayNode list = document.putArray("resources");
        for (ResourceKind kind : ResourceKind.ALL) {
            if (!kind.group().equals(group) || !kind.version().equals(version)) {
                continue;
            }
            ObjectNode resource = resource(list, kind, "", VERBS);
            kind.shortNames().forEach(resource.putArray("shortNames")::add);
            if (kind.hasStatus()) {
                resource(list, kind, "/status", List.of("get", "patch", "update"));
            }
            if (kind.hasScale()) {
                resource(list, kind, "/scale", List.of("get", "patch", "update"))
                        .put("group", "autoscaling")
                        .put("version", "v1")
                        .put("kind", "Scale");
            }
            if (kind.equals(ResourceKind.POD)) {
                resource(list, kind, "/log", List.of("get"));
                resource(list, kind, "/eviction", List.of("create"))
                        .put("group", "policy")
                        .put("version", "v1")
                        .put("kind", "Eviction");
            }
        }
        return document;
    }

    private static ObjectNode resource(ArrayNode list, ResourceKind kind, String subresource, List<String> verbs) {
        ObjectNode resource = list.addObject()
                .put("name", kind.plural() + subresource)
                .put("singularName", subresource.isEmpty() ? kind.kind().toLowerCase(Locale.ROOT) : "")
                .put("namespaced", kind.namespaced())
                .put("kind", kind.kind());
        verbs.forEach(resource.putArray("verbs")::add);
        return resource;
    }

    private static ObjectNode object() {
        return JsonNodeFactory.instance.objectNode();
    }
}
