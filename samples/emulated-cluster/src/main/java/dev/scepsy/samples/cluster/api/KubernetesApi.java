package dev.scepsy.samples.cluster.api;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.function.UnaryOperator;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Speaks the Kubernetes API over HTTP for the kinds of {@link ResourceKind#ALL}. Confined to the event loop. */
public final class KubernetesApi {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final long BOOKMARK_EVERY_MILLIS = 10_000;
    private static final int WATCH_QUEUE_BYTES = 16 << 20;

    private final Vertx vertx;
    private final Resources resources;
    private final Patches patches;
    private static final Pattern METRICS =
            Pattern.compile("/api/v1/namespaces/([^/]+)/pods/([^/:]+)(?::(\\d+))?/proxy/metrics");

    private final Function<ObjectNode, String> podLog;
    private final Function<ObjectNode, Optional<String>> podMetrics;
    private final ApiFaults faults;

    /**
     * @param podLog what a pod has printed so far
     * @param podMetrics what a pod publishes at {@code /metrics}; empty while nobody listens
     */
    public KubernetesApi(
            Vertx vertx,
            Resources resources,
            Function<ObjectNode, String> podLog,
            Function<ObjectNode, Optional<String>> podMetrics,
            ApiFaults faults) {
        this.podMetrics = podMetrics;
        this.faults = faults;
        this.vertx = vertx;
        this.resources = resources;
        this.patches = new Patches(resources.schema());
        this.podLog = podLog;
    }

    /** Answers one request. */
    public void handle(HttpServerRequest request) {
        if (faults.answer(request)) {
            return;
        }
        if (request.method().equals(HttpMethod.GET)) {
            answer(request, () -> get(request));
        } else {
            request.body().onSuccess(body -> answer(request, () -> write(request, body.toString())));
        }
    }

    private void answer(HttpServerRequest request, Runnable work) {
        try {
            work.run();
        } catch (ApiFailure refused) {
            send(request, refused.code(), refused.status());
        } catch (IllegalArgumentException | ClassCastException e) {
            ApiFailure malformed = ApiFailure.badRequest("the request cannot be understood: " + e.getMessage());
            send(request, malformed.code(), malformed.status());
        }
    }

    private void get(HttpServerRequest request) {
        String path = withoutTrailingSlash(request.path());
        if (List.of("/healthz", "/livez", "/readyz").contains(path)) {
            request.response().putHeader("Content-Type", "text/plain").end("ok");
            return;
        }
        Matcher metrics = METRICS.matcher(path);
        if (metrics.matches()) {
            ObjectNode pod = resources.require(ResourceKind.POD, metrics.group(1), metrics.group(2));
            int port = metrics.group(3) == null ? 80 : Integer.parseInt(metrics.group(3));
            String text = podMetrics.apply(pod).orElseThrow(() -> ApiFailure.unreachablePod(port));
            request.response()
                    .putHeader("Content-Type", "text/plain; version=0.0.4")
                    .end(text);
            return;
        }
        Optional<ObjectNode> document = Discovery.document(path);
        if (document.isPresent()) {
            send(request, 200, document.get());
            return;
        }
        Target target = Target.of(path).orElseThrow(ApiFailure::noSuchPath);
        if (target.name().isEmpty() || flag(request, "watch")) {
            collection(request, target);
            return;
        }
        ObjectNode object = resources.require(target.kind(), target.namespace(), target.name());
        switch (target.subresource()) {
            case "" -> send(request, 200, object);
            case "status" -> send(request, 200, object);
            case "scale" -> send(request, 200, ScaleView.of(object));
            case "log" ->
                request.response().putHeader("Content-Type", "text/plain").end(podLog.apply(object));
            default -> throw ApiFailure.noSuchPath();
        }
    }

    private void collection(HttpServerRequest request, Target target) {
        Predicate<ObjectNode> selector = Selector.ofLabels(parameter(request, "labelSelector"))
                .and(Selector.ofFields(parameter(request, "fieldSelector")));
        if (!target.name().isEmpty()) {
            selector = selector.and(Selector.ofFields("metadata.name=" + target.name()));
        }
        if (flag(request, "watch")) {
            watch(request, new Target(target.kind(), target.namespace(), "", ""), selector);
        } else {
            int limit = number(request, "limit").orElse(0);
            send(
                    request,
                    200,
                    ObjectList.page(resources.store(), target, selector, limit, parameter(request, "continue")));
        }
    }

    private void watch(HttpServerRequest request, Target target, Predicate<ObjectNode> selector) {
        if ("websocket".equalsIgnoreCase(request.getHeader("Upgrade"))) {
            request.toWebSocket().onSuccess(socket -> {
                Consumer<ObjectNode> events = event -> {
                    if (!socket.isClosed()) {
                        socket.writeTextMessage(text(event));
                    }
                };
                Runnable stop = watch(request, target, selector, events, socket::close);
                socket.closeHandler(gone -> stop.run());
            });
            return;
        }
        HttpServerResponse response = request.response();
        response.setChunked(true).putHeader("Content-Type", "application/json").setWriteQueueMaxSize(WATCH_QUEUE_BYTES);
        // Send the head at once: clients wait for it before they believe that the watch is on.
        response.writeHead();
        Consumer<ObjectNode> events = event -> {
            if (isOpen(response)) {
                response.write(Buffer.buffer(text(event)).appendString("\n"));
            }
        };
        Runnable stop = watch(request, target, selector, events, () -> {
            if (isOpen(response)) {
                response.end();
            }
        });
        response.closeHandler(gone -> stop.run());
    }

    /** Starts a watch; the result stops it. */
    private Runnable watch(
            HttpServerRequest request,
            Target target,
            Predicate<ObjectNode> selector,
            Consumer<ObjectNode> events,
            Runnable end) {
        WatchStream stream =
                new WatchStream(resources.store(), target, selector, parameter(request, "resourceVersion"), events);
        boolean bookmarks = flag(request, "allowWatchBookmarks");
        if (bookmarks && flag(request, "sendInitialEvents")) {
            stream.bookmark(true);
        }
        long bookmarkTimer = bookmarks ? vertx.setPeriodic(BOOKMARK_EVERY_MILLIS, timer -> stream.bookmark(false)) : -1;
        Runnable stop = () -> {
            stream.close();
            vertx.cancelTimer(bookmarkTimer);
        };
        number(request, "timeoutSeconds")
                .ifPresent(seconds -> vertx.setTimer(Math.max(1, seconds) * 1000L, timer -> {
                    if (bookmarks) {
                        stream.bookmark(false);
                    }
                    stop.run();
                    end.run();
                }));
        return stop;
    }

    private static boolean isOpen(HttpServerResponse response) {
        return !response.closed() && !response.ended();
    }

    private void write(HttpServerRequest request, String body) {
        Target target = Target.of(withoutTrailingSlash(request.path())).orElseThrow(ApiFailure::noSuchPath);
        WriteOptions options = new WriteOptions(
                manager(request),
                flag(request, "force"),
                parameter(request, "dryRun").equals("All"));
        String method = request.method().name();
        if (method.equals("DELETE")) {
            delete(request, target, body, options.dryRun());
        } else if (method.equals("POST") && target.subresource().equals("eviction")) {
            new Disruption(resources).check(target.namespace(), target.name());
            resources.delete(target.kind(), target.namespace(), target.name(), DeleteOptions.background());
            send(request, 201, success());
        } else if (method.equals("POST") && target.name().isEmpty()) {
            ObjectNode object = Patches.readObject(body);
            send(request, 201, resources.create(target.kind(), namespaceOf(target, object), object, options));
        } else if (method.equals("PUT") && !target.name().isEmpty()) {
            put(request, target, Patches.readObject(body), options);
        } else if (method.equals("PATCH") && !target.name().isEmpty()) {
            patch(request, target, body, options);
        } else {
            throw ApiFailure.methodNotAllowed();
        }
    }

    private void put(HttpServerRequest request, Target target, ObjectNode body, WriteOptions options) {
        Resources.Part part = part(target);
        if (part == Resources.Part.SCALE) {
            send(request, 200, ScaleView.of(change(target, live -> ScaleView.into(live, body), part, options)));
        } else {
            send(
                    request,
                    200,
                    resources.replace(target.kind(), target.namespace(), target.name(), body, part, options));
        }
    }

    private void patch(HttpServerRequest request, Target target, String body, WriteOptions options) {
        Resources.Part part = part(target);
        String contentType = Optional.ofNullable(request.getHeader("Content-Type"))
                .orElse("")
                .split(";", 2)[0]
                .strip();
        UnaryOperator<ObjectNode> change = switch (contentType) {
            case "application/json-patch+json" -> live -> Patches.jsonPatch(live, Patches.read(body));
            case "application/merge-patch+json" -> live -> Patches.mergePatch(live, Patches.readObject(body));
            case "application/strategic-merge-patch+json" ->
                live -> patches.strategicMergePatch(live, Patches.readObject(body));
            case "application/apply-patch+yaml" -> live -> Patches.mergePatch(live, Patches.readObject(body));
            default -> throw ApiFailure.unsupportedMediaType(contentType);
        };
        if (part == Resources.Part.SCALE) {
            ObjectNode scaled =
                    change(target, live -> ScaleView.into(live, change.apply(ScaleView.of(live))), part, options);
            send(request, 200, ScaleView.of(scaled));
        } else if (contentType.equals("application/apply-patch+yaml")) {
            if (parameter(request, "fieldManager").isEmpty()) {
                throw ApiFailure.badRequest("fieldManager is required for apply patch");
            }
            warn(request, target, Patches.readObject(body));
            Resources.Written written = resources.apply(
                    target.kind(), target.namespace(), target.name(), Patches.readObject(body), part, options);
            send(request, written.created() ? 201 : 200, written.object());
        } else {
            send(request, 200, change(target, change, part, options));
        }
    }

    /** Workloads are taken all the same; their pods will not be. */
    private void warn(HttpServerRequest request, Target target, ObjectNode body) {
        if (target.kind().equals(ResourceKind.DEPLOYMENT)) {
            resources
                    .admission()
                    .warnings(
                            target.namespace(),
                            body.path("spec").path("template").path("spec"))
                    .forEach(warning -> request.response()
                            .headers()
                            .add("Warning", "299 - \"" + warning.replace("\"", "\\\"") + "\""));
        }
    }

    private ObjectNode change(
            Target target, UnaryOperator<ObjectNode> change, Resources.Part part, WriteOptions options) {
        return resources.patch(target.kind(), target.namespace(), target.name(), change, part, options);
    }

    private void delete(HttpServerRequest request, Target target, String body, boolean dryRun) {
        JsonNode given = body.isBlank() ? JsonNodeFactory.instance.objectNode() : Patches.read(body);
        DeleteOptions options = DeleteOptions.of(
                given,
                Optional.of(parameter(request, "propagationPolicy")).filter(text -> !text.isEmpty()),
                number(request, "gracePeriodSeconds"),
                dryRun);
        if (target.name().isEmpty()) {
            Predicate<ObjectNode> selector = Selector.ofLabels(parameter(request, "labelSelector"))
                    .and(Selector.ofFields(parameter(request, "fieldSelector")));
            for (ObjectNode object : ObjectList.matching(resources.store(), target, selector)) {
                JsonNode metadata = object.path("metadata");
                resources.delete(
                        target.kind(),
                        metadata.path("namespace").asText(""),
                        metadata.path("name").asText(),
                        options);
            }
            send(request, 200, success());
            return;
        }
        ObjectNode deleted = resources.delete(target.kind(), target.namespace(), target.name(), options);
        boolean stillThere = resources.store().get(target.kind(), target.namespace(), target.name()) != null;
        if (stillThere) {
            send(request, 200, deleted);
            return;
        }
        ObjectNode status = success();
        status.putObject("details")
                .put("name", target.name())
                .put("group", target.kind().group())
                .put("kind", target.kind().plural())
                .put("uid", deleted.path("metadata").path("uid").asText());
        send(request, 200, status);
    }

    private static Resources.Part part(Target target) {
        return switch (target.subresource()) {
            case "" -> Resources.Part.WHOLE;
            case "status" -> Resources.Part.STATUS;
            case "scale" -> Resources.Part.SCALE;
            default -> throw ApiFailure.noSuchPath();
        };
    }

    private static String namespaceOf(Target target, ObjectNode object) {
        return target.kind().namespaced() && target.namespace().isEmpty()
                ? object.path("metadata").path("namespace").asText("default")
                : target.namespace();
    }

    private static String manager(HttpServerRequest request) {
        String given = parameter(request, "fieldManager");
        if (!given.isEmpty()) {
            return given;
        }
        String agent = Optional.ofNullable(request.getHeader("User-Agent")).orElse("unknown");
        return agent.split("/", 2)[0];
    }

    private static ObjectNode success() {
        ObjectNode status =
                JsonNodeFactory.instance.objectNode().put("kind", "Status").put("apiVersion", "v1");
        status.putObject("metadata");
        return status.put("status", "Success");
    }

    private static void send(HttpServerRequest request, int code, ObjectNode body) {
        HttpServerResponse response = request.response();
        if (isOpen(response)) {
            response.setStatusCode(code)
                    .putHeader("Content-Type", "application/json")
                    .end(Buffer.buffer(text(body)));
        }
    }

    private static String text(ObjectNode node) {
        try {
            return JSON.writeValueAsString(node);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("a JSON tree always serialises", e);
        }
    }

    private static String withoutTrailingSlash(String path) {
        return path.length() > 1 && path.endsWith("/") ? path.substring(0, path.length() - 1) : path;
    }

    private static String parameter(HttpServerRequest request, String name) {
        @Nullable String value = request.getParam(name);
        return value == null ? "" : value;
    }

    private static boolean flag(HttpServerRequest request, String name) {
        String value = parameter(request, name);
        return value.equals("true") || value.equals("1");
    }

    private static OptionalInt number(HttpServerRequest request, String name) {
        String value = parameter(request, name);
        try {
            return value.isEmpty() ? OptionalInt.empty() : OptionalInt.of(Integer.parseInt(value));
        } catch (NumberFormatException e) {
            throw ApiFailure.badRequest("invalid " + name + ": \"" + value + "\"");
        }
    }
}
