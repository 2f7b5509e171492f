package dev.scepsy.javaagent;

import static org.assertj.core.api.Assertions.assertThat;

import dev.scepsy.javaagent.app.ProvidersApp;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/** What spans say of different providers' calls, of failures, and of what went in and out. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class ProvidersIT {

    private final ProviderServer server = new ProviderServer();
    private final SpanReceiver receiver = new SpanReceiver();

    @TempDir
    static Path folder = Path.of("");

    @BeforeAll
    void run() {
        ForkedJvm.Outcome outcome = ForkedJvm.of(ProvidersApp.class)
                .with("scepsy-langchain4j")
                .argument(server.address())
                .withAgent()
                .exportingTo(receiver)
                .env("SCEPSY_OUT", folder.toString())
                .env("SCEPSY_CAPTURE_CONTENT", "true")
                .env("SCEPSY_CAPTURE_CONTENT_REDACT", "J\\Srg Ma\\Slos")
                .run();
        assertThat(outcome.exitCode()).as(outcome.err()).isZero();
        assertThat(outcome.out()).contains("cached: ok, ok", "gemini: ok, 2", "ordered: tea for", "failing: Agent");
        assertThat(outcome.err().lines().filter(line -> line.startsWith("[scepsy]")))
                .as(outcome.err())
                .hasSize(1);
    }

    @AfterAll
    void stop() {
        server.close();
        receiver.close();
    }

    @Test
    void inputIsTheWholePromptWhateverTheProviderCalls() throws IOException {
        assertThat(spans("chat claude"))
                .hasSize(2)
                .allSatisfy(span -> assertThat(span.attributes())
                        .containsAllEntriesOf(Map.of(
                                "gen_ai.provider.name", "anthropic",
                                "gen_ai.usage.input_tokens", 10_005L,
                                "gen_ai.usage.output_tokens", 7L,
                                "gen_ai.usage.cache_read.input_tokens", 9_000L,
                                "gen_ai.usage.cache_creation.input_tokens", 1_000L)));
        assertThat(one("chat gemini").attributes())
                .containsAllEntriesOf(Map.of(
                        "gen_ai.usage.input_tokens", 100L,
                        "gen_ai.usage.output_tokens", 50L,
                        "gen_ai.usage.cache_read.input_tokens", 60L,
                        "gen_ai.usage.reasoning.output_tokens", 30L));
        assertThat(one("chat gpt").attributes())
                .containsAllEntriesOf(Map.of(
                        "gen_ai.usage.input_tokens", 100L,
                        "gen_ai.usage.output_tokens", 20L,
                        "gen_ai.usage.cache_read.input_tokens", 64L,
                        "gen_ai.usage.reasoning.output_tokens", 12L));
        assertThat(Files.readString(folder.resolve("workflows.json"))).contains("10005");
    }

    @Test
    void oneProviderHasOneName() {
        assertThat(one("chat gemini").get("gen_ai.provider.name"))
                .isEqualTo("gcp.gemini")
                .isEqualTo(one("embeddings gemini-embedding").get("gen_ai.provider.name"));
    }

    @Test
    void aFailureSaysItsStatusItsReasonAndItsRedactedMessageAllTheWayUp() {
        for (String name : List.of("chat overloaded", "invoke_agent Writer", "invoke_workflow failing")) {
            ReceivedSpan span = one(name);
            assertThat(span.error()).isTrue();
            assertThat(span.attributes())
                    .containsEntry("error.type", "dev.langchain4j.exception.InternalServerException")
                    .containsEntry("http.response.status_code", 503L);
        }
        assertThat(receiver.raw()).contains("engine overloaded, [redacted]");
    }

    @Test
    void workflowsAgentsAndRetrievalsShowWhatWentInAndOut() {
        assertThat(one("invoke_workflow ordered").attributes())
                .containsEntry(
                        "gen_ai.input.messages",
                        "[{\"role\":\"user\",\"parts\":[{\"type\":\"text\","
                                + "\"content\":\"Order[customer=[redacted], pieces=3]\"}]}]")
                .containsEntry(
                        "gen_ai.output.messages",
                        "[{\"role\":\"assistant\",\"parts\":[{\"type\":\"text\",\"content\":\"tea for [redacted]\"}],"
                                + "\"finish_reason\":\"stop\"}]");
        assertThat(one("invoke_agent Clerk").attributes())
                .containsEntry(
                        "gen_ai.input.messages",
                        "[{\"role\":\"user\",\"parts\":[{\"type\":\"text\",\"content\":\"What did [redacted] order?\"}]}]")
                .hasEntrySatisfying(
                        "gen_ai.output.messages",
                        text -> assertThat((String) text).contains("tea for [redacted]"));
        assertThat(one("retrieval ProvidersApp").attributes())
                .containsEntry("gen_ai.retrieval.query.text", "What did [redacted] order?")
                .containsEntry(
                        "gen_ai.retrieval.documents",
                        "[{\"type\":\"document\",\"content\":\"[redacted] ordered tea\"},"
                                + "{\"type\":\"document\",\"content\":\"other\"}]")
                .containsEntry("scepsy.retrieval.documents", 2L);
        assertThat(one("invoke_agent Writer").get("gen_ai.input.messages"))
                .asString()
                .contains("{\\\"topic\\\":\\\"[redacted]\\\"}");
        assertThat(receiver.raw()).doesNotContain("Jörg", "J\\u00f6rg");
    }

    @Test
    void everyNameAndTypeIsTheConventions() {
        Map<String, String> known = NameTable.of("attribute", "1.41").types();
        for (ReceivedSpan span : receiver.spans()) {
            span.attributes().forEach((key, value) -> {
                if (NameTable.governs(key)) {
                    assertThat(known).as(span.name()).containsEntry(key, NameTable.typeOf(value));
                }
            });
        }
    }

    private List<ReceivedSpan> spans(String name) {
        return receiver.spans(span -> span.name().equals(name));
    }

    private ReceivedSpan one(String name) {
        List<ReceivedSpan> spans = spans(name);
        assertThat(spans).as(name + " of " + receiver.spans()).hasSize(1);
        return spans.get(0);
    }
}
