package dev.scepsy.planner.serve.web;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.util.List;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

/** {@code openapi.json} and the server's addresses are the same. */
class OpenApiTest {

    @Test
    void everyAddressIsDescribedAndEveryDescribedOneIsThere() throws IOException {
        try (Running running = Running.open()) {
            List<String> routes = running.server.routes().stream()
                    .map(route -> route.method().name() + " " + route.template().replace("*}", "}"))
                    .toList();
            assertThat(routes)
                    .containsExactlyInAnyOrderElementsOf(OpenApi.operations().keySet());
        }
    }

    @Test
    void whatNeedsARoleOrChangesSomethingSaysSo() throws IOException {
        try (Running running = Running.open()) {
            for (Route route : running.server.routes()) {
                JsonNode operation = OpenApi.operations()
                        .get(route.method().name() + " " + route.template().replace("*}", "}"));
                boolean guarded = route.access() == Route.Access.VIEWER || route.access() == Route.Access.OPERATOR;
                assertThat(operation.get("security").size() > 0)
                        .as(route.template())
                        .isEqualTo(guarded);
                assertThat(operation.toString().contains("#/components/parameters/request"))
                        .as(route.template())
                        .isEqualTo(route.changes());
                if (guarded) {
                    assertThat(operation.get("description").textValue())
                            .contains(route.access().name().toLowerCase(java.util.Locale.ROOT));
                }
            }
        }
    }

    @Test
    void everyReferenceLeadsSomewhereAndEverySchemaIsUsed() {
        TreeSet<String> used = new TreeSet<>();
        references(OpenApi.DOCUMENT, used);
        assertThat(used)
                .allSatisfy(reference -> assertThat(
                                OpenApi.DOCUMENT.at(reference.substring(1)).isMissingNode())
                        .as(reference)
                        .isFalse());
        TreeSet<String> schemas = new TreeSet<>();
        OpenApi.DOCUMENT
                .at("/components/schemas")
                .fieldNames()
                .forEachRemaining(name -> schemas.add("#/components/schemas/" + name));
        // of a stream's data no media type can be said
        schemas.remove("#/components/schemas/Event");
        assertThat(used).containsAll(schemas);
    }

    private static void references(JsonNode node, TreeSet<String> used) {
        if (node.has("$ref")) {
            used.add(node.get("$ref").textValue());
        }
        node.forEach(each -> references(each, used));
    }
}
