package dev.scepsy.samples.cluster.engine;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.function.BiFunction;

/**
 * A request without generation: embeddings, reranking, scores. Each input is a sequence of its own in the engine.
 *
 * @param inputTokens one entry per sequence
 * @param response builds the answer from the response id and the model
 */
record Pooling(List<Integer> inputTokens, BiFunction<String, String, ObjectNode> response) {

    private static final int DIMENSIONS = 256;
    private static final JsonNodeFactory NODES = JsonNodeFactory.instance;

    static Pooling embeddings(JsonNode body) {
        List<String> texts = texts(body.path("input"), "input");
        boolean base64 = body.path("encoding_format").asText().equals("base64");
        int dimensions = body.path("dimensions").asInt(DIMENSIONS);
        return new Pooling(texts.stream().map(Tokens::count).toList(), (id, model) -> {
            ObjectNode response =
                    NODES.objectNode().put("id", id).put("object", "list").put("model", model);
            ArrayNode data = response.putArray("data");
            for (int i = 0; i < texts.size(); i++) {
                ObjectNode item = data.addObject().put("index", i).put("object", "embedding");
                float[] vector = WordVectors.embed(texts.get(i), dimensions);
                if (base64) {
                    item.put("embedding", WordVectors.base64(vector));
                } else {
                    ArrayNode values = item.putArray("embedding");
                    for (float value : vector) {
                        values.add(value);
                    }
                }
            }
            int total = texts.stream().mapToInt(Tokens::count).sum();
            response.putObject("usage")
                    .put("prompt_tokens", total)
                    .put("total_tokens", total)
                    .put("completion_tokens", 0);
            return response;
        });
    }

    static Pooling rerank(JsonNode body) {
        String query = body.path("query").asText();
        List<String> documents = texts(body.path("documents"), "documents");
        int top = body.path("top_n").asInt(0);
        return new Pooling(pairTokens(query, documents), (id, model) -> {
            ObjectNode response = NODES.objectNode().put("id", id).put("model", model);
            record Scored(int index, double score) {}
            List<Scored> scored = new ArrayList<>();
            for (int i = 0; i < documents.size(); i++) {
                scored.add(new Scored(i, WordVectors.relevance(query, documents.get(i))));
            }
            scored.sort(Comparator.comparingDouble(Scored::score).reversed().thenComparingInt(Scored::index));
            ArrayNode results = response.putArray("results");
            for (Scored each : scored.subList(0, top > 0 ? Math.min(top, scored.size()) : scored.size())) {
                ObjectNode result = results.addObject().put("index", each.index());
                result.putObject("document").put("text", documents.get(each.index()));
                result.put("relevance_score", each.score());
            }
            int total = pairTokens(query, documents).stream()
                    .mapToInt(Integer::intValue)
                    .sum();
            response.putObject("usage").put("prompt_tokens", total).put("total_tokens", total);
            return response;
        });
    }

    static Pooling score(JsonNode body) {
        String query = Tokens.textOf(body.path("text_1"));
        List<String> documents = texts(body.path("text_2"), "text_2");
        return new Pooling(pairTokens(query, documents), (id, model) -> {
            ObjectNode response =
                    NODES.objectNode().put("id", id).put("object", "list").put("model", model);
            ArrayNode data = response.putArray("data");
            for (int i = 0; i < documents.size(); i++) {
                data.addObject()
                        .put("index", i)
                        .put("object", "score")
                        .put("score", WordVectors.relevance(query, documents.get(i)));
            }
            int total = pairTokens(query, documents).stream()
                    .mapToInt(Integer::intValue)
                    .sum();
            response.putObject("usage").put("prompt_tokens", total).put("total_tokens", total);
            return response;
        });
    }

    private static List<Integer> pairTokens(String query, List<String> documents) {
        return documents.stream()
                .map(document -> Tokens.count(query) + Tokens.count(document))
                .toList();
    }

    private static List<String> texts(JsonNode node, String field) {
        List<String> texts = new ArrayList<>();
        if (node.isTextual()) {
            texts.add(node.asText());
        } else {
            node.forEach(item -> texts.add(
                    item.isTextual() ? item.asText() : item.path("text").asText(item.toString())));
        }
        if (texts.isEmpty()) {
            throw OpenAiFailure.badRequest(field + ": a string or a list of strings is required");
        }
        return texts;
    }
}
