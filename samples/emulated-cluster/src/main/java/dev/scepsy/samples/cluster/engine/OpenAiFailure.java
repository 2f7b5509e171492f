package dev.scepsy.samples.cluster.engine;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;

/** A request an engine refuses, as vLLM words its errors. */
public final class OpenAiFailure extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final int code;
    private final String type;
    /** The field that is wrong; empty: none is named. */
    private final String param;

    private OpenAiFailure(int code, String type, String param, String message) {
        super(message, null, false, false);
        this.code = code;
        this.type = type;
        this.param = param;
    }

    static OpenAiFailure badRequest(String message) {
        return badRequest("", message);
    }

    static OpenAiFailure badRequest(String param, String message) {
        return new OpenAiFailure(400, "BadRequestError", param, message);
    }

    /** A body that is not of the request's form. */
    static OpenAiFailure invalid(String param, String message) {
        return new OpenAiFailure(400, "Bad Request", param, message);
    }

    public static OpenAiFailure noSuchModel(String model) {
        return new OpenAiFailure(404, "NotFoundError", "model", "The model `" + model + "` does not exist.");
    }

    /** What an engine was not started for. */
    static OpenAiFailure unsupported(String api) {
        return new OpenAiFailure(404, "NotFoundError", "", "The model does not support " + api + " API");
    }

    static OpenAiFailure noSuchPath() {
        return new OpenAiFailure(404, "", "", "Not Found");
    }

    static OpenAiFailure wrongMethod() {
        return new OpenAiFailure(405, "", "", "Method Not Allowed");
    }

    public static OpenAiFailure unavailable(String message) {
        return new OpenAiFailure(503, "ServiceUnavailableError", "", message);
    }

    static OpenAiFailure engineDied() {
        return new OpenAiFailure(
                500, "InternalServerError", "", "EngineCore encountered an issue: the engine has stopped.");
    }

    int code() {
        return code;
    }

    ObjectNode body() {
        ObjectNode body = JsonNodeFactory.instance.objectNode();
        if (type.isEmpty()) {
            // the web framework's own answers, before vLLM sees the request
            return body.put("detail", getMessage());
        }
        body.putObject("error")
                .put("message", getMessage())
                .put("type", type)
                .put("param", param.isEmpty() ? null : param)
                .put("code", code);
        return body;
    }
}
