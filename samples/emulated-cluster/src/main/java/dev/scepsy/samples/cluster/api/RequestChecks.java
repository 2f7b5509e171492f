package dev.scepsy.samples.cluster.api;

import com.fasterxml.jackson.databind.node.ObjectNode;
import org.jspecify.annotations.Nullable;

/** What a write request must agree on with its path and with the object it changes. */
final class RequestChecks {
    private RequestChecks() {}

    /** The body is of the kind, in the namespace and, unless null, of the name that the path says. @throws ApiFailure 400 */
    static void identity(ResourceKind kind, String namespace, @Nullable String name, ObjectNode body) {
        String bodyKind = body.path("kind").asText(kind.kind());
        String apiVersion = body.path("apiVersion").asText(kind.apiVersion());
        if (!bodyKind.equals(kind.kind()) || !apiVersion.equals(kind.apiVersion())) {
            throw ApiFailure.badRequest("the API version in the data (" + apiVersion + ", " + bodyKind
                    + ") does not match the expected API version (" + kind.apiVersion() + ", " + kind.kind() + ")");
        }
        String bodyNamespace = body.path("metadata").path("namespace").asText(namespace);
        if (kind.namespaced() && !bodyNamespace.equals(namespace)) {
            throw ApiFailure.badRequest("the namespace of the provided object does not match the namespace sent on the"
                    + " request (" + bodyNamespace + " and " + namespace + ")");
        }
        if (name != null && !body.path("metadata").path("name").asText(name).equals(name)) {
            throw ApiFailure.badRequest("the name of the object ("
                    + body.path("metadata").path("name").asText() + ") does not match the name on the URL (" + name
                    + ")");
        }
    }

    /** If the new object names a version or uid, it is the live one's. @throws ApiFailure 409 */
    static void version(ResourceKind kind, ObjectNode live, ObjectNode next) {
        String version = next.path("metadata").path("resourceVersion").asText("");
        String uid = next.path("metadata").path("uid").asText("");
        String name = live.path("metadata").path("name").asText();
        if (!version.isEmpty()
                && !version.equals(live.path("metadata").path("resourceVersion").asText())) {
            throw ApiFailure.modified(kind, name);
        }
        if (!uid.isEmpty() && !uid.equals(live.path("metadata").path("uid").asText())) {
            throw ApiFailure.conflict(kind, name, "the uid in the request does not match the object's");
        }
    }

    /** The preconditions of a deletion hold. @throws ApiFailure 409 */
    static void preconditions(ResourceKind kind, ObjectNode live, DeleteOptions options) {
        String name = live.path("metadata").path("name").asText();
        String uid = live.path("metadata").path("uid").asText();
        String version = live.path("metadata").path("resourceVersion").asText();
        if (!options.uid().orElse(uid).equals(uid)) {
            throw ApiFailure.conflict(
                    kind,
                    name,
                    "Precondition failed: UID in precondition: " + options.uid().orElse("") + ", UID in object meta: "
                            + uid);
        }
        if (!options.resourceVersion().orElse(version).equals(version)) {
            throw ApiFailure.conflict(kind, name, "the ResourceVersion in the precondition does not match");
        }
    }
}
