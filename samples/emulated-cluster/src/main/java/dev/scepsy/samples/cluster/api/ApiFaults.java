package dev.scepsy.samples.cluster.api;

import io.vertx.core.http.HttpServerRequest;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;

/** Faults of the API server that are in force, each for a number of requests. Confined to the event loop. */
public final class ApiFaults {
    private static final String USER = "system:serviceaccount:default:scepsy";

    private final List<Active> active = new ArrayList<>();

    private static final class Active {
        private final ApiFault fault;
        private final Predicate<String> requests;
        private int left;

        Active(ApiFault fault, Predicate<String> requests, int left) {
            this.fault = fault;
            this.requests = requests;
            this.left = left;
        }
    }

    /** @param requests which ones, by {@code METHOD /path} @param count how many of them; 0 ends all faults */
    public void add(ApiFault fault, Predicate<String> requests, int count) {
        if (count <= 0) {
            active.clear();
        } else {
            active.add(new Active(fault, requests, count));
        }
    }

    /** Whether the request was answered by a fault. */
    boolean answer(HttpServerRequest request) {
        String line = request.method().name() + " " + request.path();
        for (Active each : active) {
            if (each.left > 0 && each.requests.test(line)) {
                each.left--;
                answer(request, each.fault);
                return true;
            }
        }
        return false;
    }

    private static void answer(HttpServerRequest request, ApiFault fault) {
        switch (fault) {
            case FORBIDDEN -> refuse(request, ApiFailure.forbiddenUser(USER, verb(request), request.path()));
            case UNAUTHORIZED -> refuse(request, ApiFailure.unauthorized());
            case UNAVAILABLE -> refuse(request, ApiFailure.unavailable());
            case EMPTY ->
                request.response().putHeader("Content-Type", "application/json").end();
            case NULL ->
                request.response().putHeader("Content-Type", "application/json").end("null");
            case CLOSED -> request.connection().close();
        }
    }

    private static String verb(HttpServerRequest request) {
        return switch (request.method().name()) {
            case "POST" -> "create";
            case "PUT" -> "update";
            case "PATCH" -> "patch";
            case "DELETE" -> "delete";
            default -> "get";
        };
    }

    private static void refuse(HttpServerRequest request, ApiFailure failure) {
        request.response()
                .setStatusCode(failure.code())
                .putHeader("Content-Type", "application/json")
                .end(failure.status().toString());
    }
}
