package dev.scepsy.planner.otlp;

import static org.assertj.core.api.Assertions.assertThat;

import dev.scepsy.planner.span.Span;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.Test;

/** The fast reader and the whole grammar find the same in every text, and say the same of those that are broken. */
class PlainRequestTest {

    private static final int MUTATED = Boolean.getBoolean("scepsy.full") ? 2_000_000 : 60_000;
    private static final byte[] CHARACTERS =
            "{}[]\",:\\ \t\n\r0189-+.eEtfnulrgatx_\u0000\u001f\u007f".getBytes(StandardCharsets.ISO_8859_1);

    /** What a reader made of a text. */
    private record Outcome(List<Span> spans, String seen, String problem) {}

    private static Outcome outcome(OtlpJson reader, byte[] text, int from, int to) {
        List<Span> spans = new ArrayList<>();
        String problem = "";
        try {
            problem = reader.read(text, from, to - from, spans::add).name();
        } catch (MalformedOtlpException e) {
            problem = String.valueOf(e.getMessage());
        }
        Seen seen = reader.takeSeen();
        return new Outcome(
                spans,
                seen.spans() + " " + seen.calls() + " " + seen.engineSpans() + " " + seen.namelessCalls() + " "
                        + seen.otherSignals() + " " + seen.vocabularies() + " " + seen.scopes(),
                problem);
    }

    private static void assertBothFindTheSame(OtlpJson fast, OtlpJson whole, byte[] text) {
        assertThat(outcome(fast, text, 0, text.length))
                .as(() -> new String(text, StandardCharsets.ISO_8859_1))
                .isEqualTo(outcome(whole, text, 0, text.length));
    }

    private static boolean isPlain(String text) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        return new PlainRequest(new RequestSpans()).read(bytes, 0, bytes.length);
    }

    private static String request(String spans) {
        return "{\"resourceSpans\":[{\"resource\":{\"attributes\":[{\"key\":\"service.name\",\"value\":{\"stringValue\":\"shop\"}}"
                + ",{\"key\":\"process.pid\",\"value\":{\"intValue\":\"77\"}}]},\"scopeSpans\":[{\"scope\":{\"name\":\"s\","
                + "\"version\":\"1\"},\"spans\":[" + spans + "]}],\"schemaUrl\":\"https://example.org\"}]}";
    }

    private static String span(String more) {
        return "{\"traceId\":\"5b8efff798038103d269b633813fc60c\",\"spanId\":\"eee19b7ec3c1b174\",\"parentSpanId\":\"\","
                + "\"flags\":257,\"name\":\"chat m\",\"kind\":3,\"startTimeUnixNano\":\"1544712660000000000\","
                + "\"endTimeUnixNano\":1544712661000000000" + more + "}";
    }

    private static String attribute(String key, String value) {
        return "{\"key\":\"" + key + "\",\"value\":{" + value + "}}";
    }

    private static final List<String> REQUESTS = List.of(
            request(span("") + "," + span(",\"status\":{}")),
            request(span(",\"attributes\":["
                    + attribute("gen_ai.operation.name", "\"stringValue\":\"chat\"") + ","
                    + attribute("gen_ai.request.model", "\"stringValue\":\"Größe-模型\"") + ","
                    + attribute("gen_ai.usage.input_tokens", "\"intValue\":\"200\"") + ","
                    + attribute("gen_ai.usage.output_tokens", "\"intValue\":50") + ","
                    + attribute("scepsy.call.backoff_seconds", "\"doubleValue\":0.5e-1") + ","
                    + attribute("scepsy.workflow.execution.id", "\"stringValue\":\"00000000000000a1\"") + ","
                    + attribute(
                            "gen_ai.prompt",
                            "\"stringValue\":\"a \\\"quoted\\\" \\u00e4 prompt\\n of more than eight bytes 模型\"")
                    + ","
                    + attribute(
                            "list",
                            "\"arrayValue\":{\"values\":[{\"stringValue\":\"stop\"},{\"doubleValue\":-1.5E+3},"
                                    + "{\"boolValue\":true},{\"x\":null},{\"y\":false}]}")
                    + "],\"events\":[],\"status\":{\"code\":2,\"message\":\"m\"}")),
            request(span(",\"kind\":\"SPAN_KIND_SERVER\",\"status\":{\"code\":\"STATUS_CODE_ERROR\"},\"attributes\":["
                    + attribute("openinference.span.kind", "\"stringValue\":\"LLM\"") + ","
                    + attribute("llm.token_count.prompt", "\"doubleValue\":12") + ","
                    + attribute("llm.model_name", "\"string_value\":\"m\"") + "]")),
            request(""),
            request(span(",\"attributes\":[{\"value\":{\"stringValue\":\"chat\"},\"key\":\"gen_ai.operation.name\"}]")),
            request(span(",\"attributes\":[{\"key\":\"gen_ai.agent.name\",\"value\":{\"stringValue\":\"a\\tb\"}}]")),
            request(span(",\"traceId\":\"W47/95gDgQPSabYzgT/GDA==\"")),
            "{\"resourceMetrics\":[]}",
            "{\"resourceSpans\":[],\"resourceLogs\":[]}",
            "{ \"resourceSpans\" : [ ] }  ",
            "{}",
            "{\"data\":[]}");

    @Test
    void whatExportersWriteIsPlain() {
        assertThat(isPlain(REQUESTS.get(0))).isTrue();
        assertThat(isPlain(REQUESTS.get(1))).isTrue();
        assertThat(isPlain(REQUESTS.get(2))).isTrue();
        assertThat(isPlain(REQUESTS.get(4))).as("a key behind its value").isFalse();
        assertThat(isPlain(REQUESTS.get(5))).as("an escape in a name").isFalse();
    }

    @Test
    void eachRequestIsReadAsTheGrammarReadsIt() {
        OtlpJson fast = new OtlpJson();
        OtlpJson whole = OtlpJson.byGrammarAlone();
        for (String request : REQUESTS) {
            assertBothFindTheSame(fast, whole, request.getBytes(StandardCharsets.UTF_8));
        }
    }

    @Test
    void brokenTextsAreBrokenForBothInTheSameWords() {
        OtlpJson fast = new OtlpJson();
        OtlpJson whole = OtlpJson.byGrammarAlone();
        SplittableRandom random = new SplittableRandom(11);
        for (int i = 0; i < MUTATED; i++) {
            byte[] text = REQUESTS.get(random.nextInt(REQUESTS.size())).getBytes(StandardCharsets.UTF_8);
            for (int changes = 1 + random.nextInt(2); changes > 0 && text.length > 2; changes--) {
                text = mutated(text, random);
            }
            assertBothFindTheSame(fast, whole, text);
        }
    }

    private static byte[] mutated(byte[] text, SplittableRandom random) {
        int at = random.nextInt(text.length);
        byte other =
                random.nextInt(10) == 0 ? (byte) random.nextInt(256) : CHARACTERS[random.nextInt(CHARACTERS.length)];
        byte[] mutated;
        switch (random.nextInt(5)) {
            case 0 -> {
                mutated = text.clone();
                mutated[at] = other;
            }
            case 1 -> {
                mutated = new byte[text.length + 1];
                System.arraycopy(text, 0, mutated, 0, at);
                mutated[at] = other;
                System.arraycopy(text, at, mutated, at + 1, text.length - at);
            }
            case 2 -> {
                mutated = new byte[text.length - 1];
                System.arraycopy(text, 0, mutated, 0, at);
                System.arraycopy(text, at + 1, mutated, at, text.length - at - 1);
            }
            case 3 -> mutated = java.util.Arrays.copyOf(text, at);
            default -> {
                // a part of it twice
                int to = Math.min(text.length, at + 1 + random.nextInt(60));
                mutated = new byte[text.length + to - at];
                System.arraycopy(text, 0, mutated, 0, to);
                System.arraycopy(text, at, mutated, to, text.length - at);
            }
        }
        return mutated;
    }

    @Test
    void recordingsOfFrameworksAreReadAsTheGrammarReadsThem() throws IOException {
        OtlpJson fast = new OtlpJson();
        OtlpJson whole = OtlpJson.byGrammarAlone();
        int plain = 0;
        int lines = 0;
        try (Stream<Path> files = Files.list(Path.of("src/test/resources/frameworks"))) {
            for (Path file : files.filter(path -> path.toString().endsWith(".gz"))
                    .sorted()
                    .toList()) {
                try (BufferedReader reader = new BufferedReader(new InputStreamReader(
                        new GZIPInputStream(Files.newInputStream(file)), StandardCharsets.UTF_8))) {
                    for (String line = reader.readLine(); line != null; line = reader.readLine()) {
                        assertBothFindTheSame(fast, whole, line.getBytes(StandardCharsets.UTF_8));
                        plain += isPlain(line) ? 1 : 0;
                        lines++;
                    }
                }
            }
        }
        assertThat(plain).isGreaterThan(lines * 9 / 10);
    }

    /** What one span taught the fast reader must not be taken for what another says. */
    @Test
    void attributesOfAnyOrderAndValueAreReadAsTheGrammarReadsThem() {
        OtlpJson fast = new OtlpJson();
        OtlpJson whole = OtlpJson.byGrammarAlone();
        SplittableRandom random = new SplittableRandom(12);
        for (int i = 0; i < MUTATED / 10; i++) {
            StringBuilder spans = new StringBuilder();
            for (int span = 1 + random.nextInt(4); span > 0; span--) {
                StringBuilder attributes = new StringBuilder();
                for (int each = random.nextInt(8); each >= 0; each--) {
                    String attribute = attribute(oneOf(KEYS, random), value(random));
                    attributes
                            .append(random.nextInt(20) == 0 ? attribute.replace(":", " : ") : attribute)
                            .append(each > 0 ? "," : "");
                }
                spans.append(span((random.nextBoolean() ? ",\"droppedEventsCount\":1" : "") + ",\"attributes\":["
                                + attributes + "]"))
                        .append(span > 1 ? "," : "");
            }
            assertBothFindTheSame(fast, whole, request(spans.toString()).getBytes(StandardCharsets.UTF_8));
        }
    }

    private static final List<String> KEYS = List.of(
            "gen_ai.operation.name",
            "gen_ai.request.model",
            "gen_ai.usage.input_tokens",
            "scepsy.workflow.execution.id",
            "gen_ai.agent.name",
            "gen_ai.agent.names",
            "anything",
            "");

    private static String value(SplittableRandom random) {
        return switch (random.nextInt(10)) {
            case 0 -> "\"intValue\":\"" + random.nextLong() + "\"";
            case 1 -> "\"intValue\":\"" + random.nextInt(3) + "\"";
            case 2 -> "\"intValue\":" + random.nextInt(3);
            case 3 -> "\"doubleValue\":" + random.nextInt(100) / 8.0;
            case 4 -> "\"stringValue\":\"" + String.format("%016x", random.nextLong()) + "\"";
            case 5 -> "\"stringValue\":\"" + oneOf(List.of("", "chat", "invoke_agent", "7", "模型"), random) + "\"";
            case 6 -> "\"stringValue\":\"" + "long ".repeat(50 + random.nextInt(3)) + random.nextInt(3) + "\"";
            case 7 -> "\"stringValue\":\"" + oneOf(List.of("a\\nb", "\\u00e4", "\\\"", "}}"), random) + "\"";
            case 8 -> "\"arrayValue\":{\"values\":[{\"stringValue\":\"" + random.nextInt(3) + "\"}]}";
            default -> "\"stringValue\":\"m" + random.nextInt(3) + "\",\"intValue\":\"" + random.nextInt(3) + "\"";
        };
    }

    private static String oneOf(List<String> texts, SplittableRandom random) {
        return texts.get(random.nextInt(texts.size()));
    }

    @Test
    void lineEndsAreFoundWhereverTheyStand() {
        for (int length = 0; length < 40; length++) {
            byte[] text = "a".repeat(length).getBytes(StandardCharsets.US_ASCII);
            assertThat(PlainJson.lineEnd(text, 0, length)).isEqualTo(length);
            for (int at = 0; at < length; at++) {
                text[at] = '\n';
                for (int from = 0; from <= at; from++) {
                    assertThat(PlainJson.lineEnd(text, from, length)).isEqualTo(at);
                }
                text[at] = 0x0b;
            }
        }
    }
}
