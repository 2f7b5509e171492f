package dev.scepsy.planner.measure;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;

/** The bodies of requests, in the dialect that the server takes. */
final class RequestBodies {

    private static final ObjectMapper JSON = new ObjectMapper();

    private RequestBodies() {}

    /** The JSON of one request that carries {@code text} and asks for {@code outputTokens}. */
    static byte[] of(Endpoint endpoint, Dialect dialect, String text, int outputTokens) {
        ObjectNode body = JsonNodeFactory.instance.objectNode().put("model", endpoint.model());
        switch (endpoint.api()) {
            case CHAT ->
                body.putArray("messages").addObject().put("role", "user").put("content", text);
            case COMPLETIONS -> body.put("prompt", text);
            case EMBEDDINGS -> body.put("input", text);
            case RERANK -> {
                int middle = text.indexOf(' ', text.length() / 8);
                String query = middle < 0 ? text : text.substring(0, middle);
                body.put("query", query);
                body.putArray("documents").add(middle < 0 ? text : text.substring(middle + 1));
            }
        }
        if (endpoint.api().generates()) {
            generation(body, dialect, outputTokens);
        }
        try {
            return JSON.writeValueAsBytes(body);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("a JSON tree always serialises", e);
        }
    }

    private static void generation(ObjectNode body, Dialect dialect, int outputTokens) {
        boolean classic = dialect.has(Dialect.Parameter.MAX_TOKENS);
        body.put(classic ? "max_tokens" : "max_completion_tokens", Math.max(1, outputTokens));
        if (dialect.has(Dialect.Parameter.IGNORE_EOS)) {
            body.put("ignore_eos", true);
        }
        if (dialect.has(Dialect.Parameter.STREAM)) {
            body.put("stream", true);
            if (dialect.has(Dialect.Parameter.STREAM_OPTIONS)) {
                body.putObject("stream_options").put("include_usage", true);
            }
        }
    }
}
