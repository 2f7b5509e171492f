package dev.scepsy.samples.cluster.api;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;

/** A request the API refuses, as the {@code Status} object that Kubernetes answers with. */
public final class ApiFailure extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /** One entry of {@code details.causes}. */
    record Cause(String reason, String message, String field) {}

    private final int code;
    private final String reason;
    private final transient ObjectNode details;

    private ApiFailure(int code, String reason, String message, ObjectNode details) {
        super(message, null, false, false);
        this.code = code;
        this.reason = reason;
        this.details = details;
    }

    public int code() {
        return code;
    }

    public String reason() {
        return reason;
    }

    static ApiFailure badRequest(String message) {
        return new ApiFailure(400, "BadRequest", message, object());
    }

    static ApiFailure notFound(ResourceKind kind, String name) {
        return new ApiFailure(
                404,
                "NotFound",
                kind.qualifiedPlural() + " \"" + name + "\" not found",
                details(kind.group(), kind.plural(), name));
    }

    /** Admission does not take the object. */
    static ApiFailure forbidden(ResourceKind kind, String name, String why) {
        return new ApiFailure(
                403,
                "Forbidden",
                kind.qualifiedPlural() + " \"" + name + "\" is forbidden: " + why,
                details(kind.group(), kind.plural(), name));
    }

    /** Authorisation does not let {@code user} do this. */
    static ApiFailure forbiddenUser(String user, String verb, String path) {
        String what = Target.of(path)
                .map(target -> (target.name().isEmpty()
                                ? target.kind().qualifiedPlural()
                                : target.kind().qualifiedPlural() + " \"" + target.name() + "\"")
                        + " is forbidden: User \"" + user + "\" cannot " + verb + " resource \""
                        + target.kind().plural() + "\" in API group \""
                        + target.kind().group() + "\" in the namespace \""
                        + target.namespace() + "\"")
                .orElse("forbidden: User \"" + user + "\" cannot " + verb + " path \"" + path + "\"");
        return new ApiFailure(403, "Forbidden", what, object());
    }

    /** A disruption budget holds the pod. */
    static ApiFailure disruption(String budget, int needed, long healthy) {
        ObjectNode details = object();
        details.putArray("causes")
                .addObject()
                .put("reason", "DisruptionBudget")
                .put(
                        "message",
                        "The disruption budget " + budget + " needs " + needed + " healthy pods and has " + healthy
                                + " currently");
        return new ApiFailure(
                429, "TooManyRequests", "Cannot evict pod as it would violate the pod's disruption budget.", details);
    }

    static ApiFailure unauthorized() {
        return new ApiFailure(401, "Unauthorized", "Unauthorized", object());
    }

    static ApiFailure unavailable() {
        return new ApiFailure(503, "ServiceUnavailable", "apiserver not ready", object());
    }

    /** The server reached the pod's node and nobody listens there. */
    static ApiFailure unreachablePod(int port) {
        return new ApiFailure(
                503,
                "ServiceUnavailable",
                "error trying to reach service: dial tcp 127.0.0.1:" + port + ": connect: connection refused",
                object());
    }

    static ApiFailure noSuchPath() {
        return new ApiFailure(404, "NotFound", "the server could not find the requested resource", object());
    }

    static ApiFailure methodNotAllowed() {
        return new ApiFailure(
                405, "MethodNotAllowed", "the server does not allow this method on the requested resource", object());
    }

    static ApiFailure alreadyExists(ResourceKind kind, String name) {
        return new ApiFailure(
                409,
                "AlreadyExists",
                kind.qualifiedPlural() + " \"" + name + "\" already exists",
                details(kind.group(), kind.plural(), name));
    }

    static ApiFailure conflict(ResourceKind kind, String name, String why) {
        return new ApiFailure(
                409,
                "Conflict",
                "Operation cannot be fulfilled on " + kind.qualifiedPlural() + " \"" + name + "\": " + why,
                details(kind.group(), kind.plural(), name));
    }

    static ApiFailure modified(ResourceKind kind, String name) {
        return conflict(
                kind,
                name,
                "the object has been modified; please apply your changes to the latest version and try again");
    }

    /** Server-side apply found fields that other managers own with other values. */
    static ApiFailure applyConflict(String message, List<Cause> causes) {
        return new ApiFailure(409, "Conflict", message, withCauses(object(), causes));
    }

    static ApiFailure expired(long oldestKept) {
        return new ApiFailure(
                410, "Expired", "too old resource version: the oldest still kept is " + oldestKept, object());
    }

    static ApiFailure unsupportedMediaType(String contentType) {
        return new ApiFailure(
                415,
                "UnsupportedMediaType",
                "the body of the request was in an unknown format (" + contentType
                        + ") - accepted media types include: application/json-patch+json, application/merge-patch+json,"
                        + " application/strategic-merge-patch+json, application/apply-patch+yaml",
                object());
    }

    static ApiFailure invalid(ResourceKind kind, String name, List<Cause> causes) {
        StringBuilder message = new StringBuilder(kind.qualifiedKind() + " \"" + name + "\" is invalid: ");
        String text = String.join(
                ", ",
                causes.stream()
                        .map(cause -> cause.field() + ": " + cause.message())
                        .toList());
        message.append(causes.size() > 1 ? "[" + text + "]" : text);
        return new ApiFailure(
                422, "Invalid", message.toString(), withCauses(details(kind.group(), kind.kind(), name), causes));
    }

    /** The {@code Status} object. */
    ObjectNode status() {
        ObjectNode status = object();
        status.put("kind", "Status").put("apiVersion", "v1").putObject("metadata");
        status.put("status", "Failure").put("message", getMessage()).put("reason", reason);
        status.set("details", details);
        return status.put("code", code);
    }

    private static ObjectNode details(String group, String kind, String name) {
        ObjectNode details = object().put("name", name);
        if (!group.isEmpty()) {
            details.put("group", group);
        }
        return details.put("kind", kind);
    }

    private static ObjectNode withCauses(ObjectNode details, List<Cause> causes) {
        var list = details.putArray("causes");
        for (Cause cause : causes) {
            list.addObject()
                    .put("reason", cause.reason())
                    .put("message", cause.message())
                    .put("field", cause.field());
        }
        return details;
    }

    private static ObjectNode object() {
        return JsonNodeFactory.instance.objectNode();
    }
}
