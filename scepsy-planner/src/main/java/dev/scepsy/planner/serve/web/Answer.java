package dev.scepsy.planner.serve.web;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.scepsy.planner.serve.journal.Documents;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What is answered.
 *
 * @param mediaType empty where there is no body
 * @param headers besides those that every answer has
 */
@SuppressWarnings("ArrayRecordComponent") // carried, never compared
record Answer(int status, String mediaType, byte[] body, Map<String, String> headers) {

    static final String JSON = "application/json";
    static final String PROBLEM = "application/problem+json";
    static final Answer NOTHING = new Answer(204, "", new byte[0], Map.of());

    Answer {
        headers = Map.copyOf(headers);
    }

    static Answer json(int status, Object value) {
        return text(status, JSON, Documents.text(value));
    }

    static Answer text(int status, String mediaType, String text) {
        return new Answer(status, mediaType, text.getBytes(StandardCharsets.UTF_8), Map.of());
    }

    /** An object with one list in it. */
    static Answer list(String key, List<?> values) {
        ObjectNode body = Documents.mapper().createObjectNode();
        body.set(key, Documents.tree(values));
        return json(200, body);
    }

    Answer with(String name, String value) {
        Map<String, String> more = new LinkedHashMap<>(headers);
        more.put(name, value);
        return new Answer(status, mediaType, body, more);
    }

    String bodyText() {
        return new String(body, StandardCharsets.UTF_8);
    }
}
