package dev.scepsy.samples.cluster.api;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import java.util.function.Predicate;

/** Answers a list request, in pages when asked to. */
final class ObjectList {
    private ObjectList() {}

    /** Objects in the target's namespace (all, if it names none) that match. */
    static List<ObjectNode> matching(ObjectStore store, Target target, Predicate<ObjectNode> selector) {
        return store.list(target.kind()).stream()
                .filter(object -> target.namespace().isEmpty()
                        || object.path("metadata").path("namespace").asText().equals(target.namespace()))
                .filter(selector)
                .toList();
    }

    /**
     * The list document.
     *
     * @param limit objects per page; 0: all
     * @param token where the previous page ended; empty: the first page
     */
    static ObjectNode page(ObjectStore store, Target target, Predicate<ObjectNode> selector, int limit, String token) {
        List<ObjectNode> all = matching(store, target, selector);
        int from = offset(token, all.size());
        int to = limit > 0 ? Math.min(all.size(), from + limit) : all.size();
        ObjectNode document = JsonNodeFactory.instance
                .objectNode()
                .put("kind", target.kind().kind() + "List")
                .put("apiVersion", target.kind().apiVersion());
        ObjectNode metadata =
                document.putObject("metadata").put("resourceVersion", Long.toString(store.resourceVersion()));
        if (to < all.size()) {
            metadata.put(
                    "continue",
                    Base64.getUrlEncoder().encodeToString(Integer.toString(to).getBytes(StandardCharsets.UTF_8)));
            metadata.put("remainingItemCount", all.size() - to);
        }
        ArrayNode items = document.putArray("items");
        all.subList(from, to).forEach(items::add);
        return document;
    }

    private static int offset(String token, int size) {
        if (token.isEmpty()) {
            return 0;
        }
        try {
            int offset = Integer.parseInt(new String(Base64.getUrlDecoder().decode(token), StandardCharsets.UTF_8));
            return Math.min(Math.max(offset, 0), size);
        } catch (IllegalArgumentException e) {
            throw ApiFailure.badRequest("continue key is not valid: " + e.getMessage());
        }
    }
}
