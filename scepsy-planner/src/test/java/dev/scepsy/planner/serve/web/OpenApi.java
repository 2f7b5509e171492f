package dev.scepsy.planner.serve.web;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.networknt.schema.JsonSchema;
import com.networknt.schema.JsonSchemaFactory;
import com.networknt.schema.SpecVersion;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Pattern;

/** The description of the API, and whether an answer is what it says. */
final class OpenApi {

    static final JsonNode DOCUMENT = read();
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final JsonSchemaFactory SCHEMAS = JsonSchemaFactory.getInstance(SpecVersion.VersionFlag.V202012);

    private static final Map<JsonNode, JsonSchema> COMPILED = new ConcurrentHashMap<>();

    private OpenApi() {}

    private static JsonNode read() {
        try (InputStream in = OpenApi.class.getResourceAsStream("openapi.json")) {
            return new ObjectMapper().readTree(in);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Operations by {@code GET /path}. */
    static Map<String, JsonNode> operations() {
        Map<String, JsonNode> operations = new TreeMap<>();
        DOCUMENT.get("paths")
                .properties()
                .forEach(path -> path.getValue()
                        .properties()
                        .forEach(method -> operations.put(
                                method.getKey().toUpperCase(java.util.Locale.ROOT) + " " + path.getKey(),
                                method.getValue())));
        return operations;
    }

    /** Checks an answer of an address that is described; of others only that it is a problem. */
    static void check(String method, String rawPath, int status, String mediaType, String body) {
        String path = rawPath.split("\\?", 2)[0];
        JsonNode operation = operations().entrySet().stream()
                .filter(each -> each.getKey().startsWith(method + " "))
                .filter(each -> Pattern.matches(
                        each.getKey()
                                .substring(method.length() + 1)
                                .replace("{path}", ".+")
                                .replaceAll("\\{[a-zA-Z]+}", "[^/]+"),
                        path))
                .map(Map.Entry::getValue)
                // /proposals/x is matched by its template only, plain ones come first in the alphabet
                .findFirst()
                .orElse(null);
        JsonNode response =
                operation == null ? null : operation.get("responses").get(Integer.toString(status));
        if (operation != null) {
            assertThat(response)
                    .as("%s %s answers %s, which is not described: %s", method, path, status, body)
                    .isNotNull();
        } else {
            assertThat(status).as("%s %s", method, path).isGreaterThanOrEqualTo(400);
            response = DOCUMENT.at("/components/responses/400");
        }
        if (response.has("$ref")) {
            response = DOCUMENT.at(response.get("$ref").textValue().substring(1));
        }
        JsonNode content = response.get("content");
        String plain = mediaType.split(";", 2)[0];
        if (content == null) {
            assertThat(body).isEmpty();
            return;
        }
        if (!plain.endsWith("json")) {
            assertThat(content.has(plain) || content.has("*/*"))
                    .as("%s %s: %s", method, path, mediaType)
                    .isTrue();
            return;
        }
        assertThat(content.has(plain)).as("%s %s: %s", method, path, mediaType).isTrue();
        try {
            JsonNode wanted = content.get(plain).get("schema");
            JsonSchema schema = COMPILED.computeIfAbsent(wanted, any -> {
                ObjectNode whole = wanted.deepCopy();
                whole.set("components", DOCUMENT.get("components"));
                return SCHEMAS.getSchema(whole);
            });
            assertThat(schema.validate(JSON.readTree(body)))
                    .as("%s %s: %s", method, path, body.substring(0, Math.min(500, body.length())))
                    .isEmpty();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
