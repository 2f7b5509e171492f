package dev.scepsy.planner.file;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.networknt.schema.JsonSchema;
import com.networknt.schema.JsonSchemaFactory;
import com.networknt.schema.SpecVersion;
import com.networknt.schema.ValidationMessage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;

/** The published schemas say what the readers do: what a schema refuses, the reader refuses. */
class SchemaTest {

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final int MUTANTS = Boolean.getBoolean("scepsy.full") ? 5_000 : 400;

    @TempDir
    Path folder;

    @ParameterizedTest
    @EnumSource
    void theContractsExampleIsValid(ContractReaders kind) throws IOException {
        assertThat(schema(kind).validate(tree(kind))).isEmpty();
    }

    @ParameterizedTest
    @EnumSource
    void whatTheSchemaRefusesTheReaderRefusesAndNamesTheLine(ContractReaders kind) throws IOException {
        JsonSchema schema = schema(kind);
        Random random = new Random(42);
        int refused = 0;
        for (int i = 0; i < MUTANTS; i++) {
            JsonNode mutant = tree(kind);
            for (int changes = 0; changes <= random.nextInt(3); changes++) {
                mutate(mutant, random);
            }
            String text = JSON.writerWithDefaultPrettyPrinter().writeValueAsString(mutant);
            Set<ValidationMessage> messages = schema.validate(mutant);
            List<Problem> problems = kind.problems(folder, text);
            if (!messages.isEmpty()) {
                refused++;
                assertThat(problems)
                        .as("%s refused by the schema: %s", text, messages)
                        .isNotEmpty();
            }
            assertThat(problems).as(text).allMatch(problem -> problem.line() > 0 && problem.column() > 0);
        }
        assertThat(refused).isGreaterThan(MUTANTS / 4);
    }

    private static JsonSchema schema(ContractReaders kind) throws IOException {
        Path root = Path.of("").toAbsolutePath();
        Path schemas = Files.isDirectory(root.resolve("docs/schemas"))
                ? root.resolve("docs/schemas")
                : root.resolveSibling("docs/schemas");
        return JsonSchemaFactory.getInstance(SpecVersion.VersionFlag.V202012)
                .getSchema(JSON.readTree(Files.readString(schemas.resolve(kind.schemaName()))));
    }

    private static JsonNode tree(ContractReaders kind) throws JsonProcessingException {
        Object value = new Load(LoadSettings.builder().build()).loadFromString(kind.example());
        // numbers as JSON would give them, not as Java types
        return JSON.readTree(JSON.writeValueAsString(value));
    }

    private static void mutate(JsonNode root, Random random) {
        List<JsonNode> containers = new ArrayList<>();
        collect(root, containers);
        JsonNode target = containers.get(random.nextInt(containers.size()));
        if (target instanceof ObjectNode object) {
            List<String> keys = new ArrayList<>();
            object.fieldNames().forEachRemaining(keys::add);
            String key = keys.isEmpty() ? "none" : keys.get(random.nextInt(keys.size()));
            switch (random.nextInt(4)) {
                case 0 -> object.remove(key);
                case 1 -> object.set(key + "s", value(random));
                case 2 -> object.set("x-note", value(random));
                default -> object.set(key, value(random));
            }
        } else if (target instanceof ArrayNode array) {
            switch (random.nextInt(3)) {
                case 0 -> array.removeAll();
                case 1 -> array.add(value(random));
                default -> {
                    if (!array.isEmpty()) {
                        array.set(random.nextInt(array.size()), value(random));
                    }
                }
            }
        }
    }

    private static void collect(JsonNode node, List<JsonNode> containers) {
        if (node.isContainerNode()) {
            containers.add(node);
            node.forEach(child -> collect(child, containers));
        }
    }

    private static JsonNode value(Random random) {
        JsonNodeFactory nodes = JsonNodeFactory.instance;
        return switch (random.nextInt(11)) {
            case 0 -> nodes.numberNode(-1);
            case 1 -> nodes.numberNode(0);
            case 2 -> nodes.numberNode(0.5);
            case 3 -> nodes.numberNode(3);
            case 4 -> nodes.numberNode(1e300);
            case 5 -> nodes.textNode("8GB");
            case 6 -> nodes.textNode(" ");
            case 7 -> nodes.booleanNode(random.nextBoolean());
            case 8 -> nodes.nullNode();
            case 9 -> nodes.arrayNode().add(1);
            default -> nodes.objectNode().put("a", 1);
        };
    }
}
