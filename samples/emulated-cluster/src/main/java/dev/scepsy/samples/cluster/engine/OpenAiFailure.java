package dev.scepsy.samples.cluster.engine;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;

/** A request an engine refuses, as vLLM words its errors. */
public final class OpenAiFailure extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final int code;
    private final String type;

    private OpenAiFailure(int code, String type, String message) {
        super(message, null, false, false);
        this.code = code;
        this.type = type;
    }

    static OpenAiFailure badRequest(String message) {
        return new OpenAiFailure(400, "BadRequestError", message);
    }

    public static OpenAiFailure noSuchModel(String model) {
        return new OpenAiFailure(404, "NotFoundError", "The model `" + model + "` does not exist.");
    }

    static OpenAiFailure noSuchPath() {
        return new OpenAiFailure(404, "NotFoundError", "Not Found");
    }

    public static OpenAiFailure unavailable(String message) {
        return new OpenAiFailure(503, "ServiceUnavailableError", message);
    }

    static OpenAiFailure engineDied() {
        return new OpenAiFailure(
                500, "InternalServerError", "EngineCore encountered an issue: the engine has stopped.");
    }

    int code() {
        return code;
    }

    ObjectNode body() {
        ObjectNode body = JsonNodeFactory.instance.objectNode();
        body.putObject("error")
                .put("message", getMessage())
                .put("type", type)
                .putNull("param")
                .put("code", code);
        return body;
    }
}
