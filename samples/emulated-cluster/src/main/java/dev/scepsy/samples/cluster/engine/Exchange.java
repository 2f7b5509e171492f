package dev.scepsy.samples.cluster.engine;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.vertx.core.http.HttpServerRequest;
import org.jspecify.annotations.Nullable;

/**
 * One request while it is being answered.
 *
 * @param arrivedSeconds emulated time at which it arrived: waiting for an engine counts as its latency
 */
record Exchange(HttpServerRequest request, ObjectNode body, String model, double arrivedSeconds) {

    /** The caller's span, as its W3C header writes it. */
    @Nullable
    String traceParent() {
        return request.getHeader("traceparent");
    }

    /** A crashed engine does not answer politely: the connection breaks, unless nothing was promised yet. */
    void lost() {
        if (request.response().headWritten()) {
            request.connection().close();
        } else {
            OpenAiFailure died = OpenAiFailure.engineDied();
            OpenAiApi.send(request, died.code(), died.body());
        }
    }
}
