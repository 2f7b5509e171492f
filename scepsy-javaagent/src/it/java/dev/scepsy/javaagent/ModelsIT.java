package dev.scepsy.javaagent;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** One application, every sort of call; each test looks at another part of what arrived. */
class ModelsIT {

    private final Everything everything = Everything.traced();
    private final ModelServer models = everything.models();
    private final SpanReceiver receiver = everything.receiver();

    @Test
    void theApplicationDoesWhatItDidBefore() {
        everything.mustBeUndisturbed();
        assertThat(everything.printedBy("ModelsApp"))
                .isEqualTo(Everything.plain().printedBy("ModelsApp"));
        assertThat(receiver.resource()).containsEntry("service.name", "everything");
    }

    @Test
    void noSpanIsOrphaned() {
        Trees trees = new Trees(receiver.spans());
        trees.mustBeWhole();
        trees.mustNameTheirExecution();
    }

    @Test
    void aChatSaysModelProviderTokensReasonAndServer() {
        ReceivedSpan chat = roots("chat gpt").get(0);

        assertThat(chat.kind()).isEqualTo(ReceivedSpan.CLIENT);
        assertThat(chat.error()).isFalse();
        assertThat(chat.attributes())
                .containsAllEntriesOf(Map.of(
                        "gen_ai.operation.name", "chat",
                        "gen_ai.provider.name", "openai",
                        "gen_ai.request.model", "gpt",
                        "gen_ai.request.temperature", 0.5,
                        "gen_ai.response.model", "gpt-0613",
                        "gen_ai.response.id", "cmpl-1",
                        "gen_ai.response.finish_reasons", List.of("stop"),
                        "gen_ai.usage.input_tokens", 21L,
                        "gen_ai.usage.output_tokens", 5L,
                        "server.address", "127.0.0.1"))
                .containsEntry("server.port", (long) models.port())
                .doesNotContainKeys("scepsy.call.attempts", "gen_ai.workflow.name", "scepsy.workflow.execution.id");
    }

    @Test
    void aWrappedModelIsCountedOnceAndARetryIsOneCallWithAttempts() {
        List<ReceivedSpan> alone = roots("chat gpt");

        assertThat(alone).as("plain, wrapped, retried, failed").hasSize(4);
        ReceivedSpan retried = alone.get(2);
        assertThat(retried.get("scepsy.call.attempts")).isEqualTo(2L);
        double backoffSeconds = (Double) retried.get("scepsy.call.backoff_seconds");
        assertThat(backoffSeconds).isPositive().isLessThan((retried.endNanos() - retried.startNanos()) / 1e9);
    }

    @Test
    void aFailureHasStatusAndType() {
        ReceivedSpan failed = roots("chat gpt").get(3);

        assertThat(failed.error()).isTrue();
        assertThat(failed.get("error.type")).asString().endsWith("InvalidRequestException");
    }

    @Test
    void toolsHangUnderTheServiceWhicheverThreadRunsThem() {
        Trees trees = new Trees(receiver.spans());
        List<ReceivedSpan> services = receiver.spans(span -> span.name().equals("invoke_agent Assistant")
                && trees.childrenOf(span).stream().anyMatch(child -> child.isCalled("execute_tool")));

        assertThat(services).hasSize(2);
        for (ReceivedSpan service : services) {
            assertThat(trees.childrenOf(service))
                    .extracting(ReceivedSpan::name)
                    .containsExactlyInAnyOrder("chat gpt", "execute_tool temperature", "execute_tool wind", "chat gpt");
        }
        ReceivedSpan wind =
                receiver.spans(span -> span.name().equals("execute_tool wind")).get(0);
        assertThat(wind.kind()).isEqualTo(ReceivedSpan.INTERNAL);
        assertThat(wind.error()).isTrue();
        assertThat(wind.get("error.type")).asString().contains("Exception");
        assertThat(wind.get("gen_ai.tool.call.id")).asString().startsWith("call-");
    }

    @Test
    void aStreamSaysWhenItsFirstChunkCame() {
        ReceivedSpan streamed = roots("chat stream").get(0);

        assertThat(streamed.get("gen_ai.request.stream")).isEqualTo(true);
        assertThat((Double) streamed.get("gen_ai.response.time_to_first_chunk"))
                .isPositive()
                .isLessThanOrEqualTo((streamed.endNanos() - streamed.startNanos()) / 1e9);
        assertThat(streamed.get("gen_ai.usage.output_tokens")).isEqualTo(5L);
    }

    @Test
    void aTokenStreamKeepsItsServiceOpenThroughToolsAndFollowUps() {
        Trees trees = new Trees(receiver.spans());
        List<ReceivedSpan> told = roots("invoke_agent Narrator");

        assertThat(told).hasSize(2);
        ReceivedSpan withTools =
                told.stream().filter(span -> !span.error()).findFirst().orElseThrow();
        assertThat(trees.childrenOf(withTools))
                .extracting(ReceivedSpan::name)
                .containsExactlyInAnyOrder(
                        "chat stream", "execute_tool temperature", "execute_tool wind", "chat stream");
        assertThat(trees.childrenOf(withTools))
                .allSatisfy(child -> assertThat(child.endNanos()).isLessThanOrEqualTo(withTools.endNanos()));
        ReceivedSpan failed =
                told.stream().filter(ReceivedSpan::error).findFirst().orElseThrow();
        assertThat(trees.childrenOf(failed)).hasSize(1).allMatch(ReceivedSpan::error);
    }

    @Test
    void retrievalEmbeddingAndRerankingAreSeen() {
        Trees trees = new Trees(receiver.spans());
        ReceivedSpan retrieval =
                receiver.spans(span -> span.isCalled("retrieval ")).get(0);

        assertThat(retrieval.name()).isEqualTo("retrieval library");
        assertThat(retrieval.kind()).isEqualTo(ReceivedSpan.CLIENT);
        assertThat(trees.childrenOf(retrieval)).extracting(ReceivedSpan::name).containsExactly("embeddings embedder");
        assertThat(trees.outermost(retrieval).name()).isEqualTo("invoke_agent Assistant");
        ReceivedSpan embedding = trees.childrenOf(retrieval).get(0);
        assertThat(embedding.get("gen_ai.embeddings.dimension.count")).isEqualTo(2L);
        assertThat(embedding.get("gen_ai.usage.input_tokens")).isEqualTo(9L);
    }

    @Test
    void aRerankerIsNamedByItsModel() {
        ReceivedSpan reranked = roots("rerank reranker").get(0);

        assertThat(reranked.kind()).isEqualTo(ReceivedSpan.CLIENT);
        assertThat(reranked.attributes())
                .containsEntry("gen_ai.operation.name", "rerank")
                .containsEntry("gen_ai.request.model", "reranker")
                .containsEntry("gen_ai.provider.name", "Reranker");
    }

    @Test
    void everyNameAndTypeIsInTheConventionsTable() {
        Map<String, String> table = NameTable.of("attribute", "1.41").types();
        for (ReceivedSpan span : receiver.spans()) {
            span.attributes().forEach((key, value) -> {
                if (NameTable.governs(key)) {
                    assertThat(table).as(span.name()).containsEntry(key, NameTable.typeOf(value));
                }
            });
        }
    }

    @Test
    void metricsCountWhatSpansShow() {
        List<ReceivedSpan> chats = receiver.spans(span -> span.name().equals("chat gpt"));
        Map<String, String> table = NameTable.of("metric", "1.41").types();

        // The SDK may add what it counts of itself.
        assertThat(receiver.metrics().stream().filter(metric -> metric.name().startsWith("gen_ai.")))
                .isNotEmpty()
                .allSatisfy(metric -> assertThat(table).containsEntry(metric.name(), metric.unit()));
        assertThat(receiver.metrics("gen_ai.client.operation.duration").stream()
                        .filter(metric -> metric.says("gen_ai.request.model", "gpt"))
                        .mapToLong(ReceivedMetric::count)
                        .sum())
                .isEqualTo(chats.size());
        assertThat(receiver.metrics("gen_ai.client.operation.duration"))
                .anyMatch(metric -> metric.attributes().containsKey("error.type"));
        assertThat(receiver.metrics("gen_ai.client.token.usage").stream()
                        .filter(metric ->
                                metric.says("gen_ai.token.type", "input") && metric.says("gen_ai.request.model", "gpt"))
                        .mapToDouble(ReceivedMetric::sum)
                        .sum())
                .isEqualTo(chats.stream()
                        .mapToDouble(chat -> chat.attributes().containsKey("gen_ai.usage.input_tokens") ? 21 : 0)
                        .sum());
        assertThat(receiver.metrics("gen_ai.client.operation.time_to_first_chunk"))
                .anyMatch(metric -> metric.says("gen_ai.request.model", "stream") && metric.count() > 0);
    }

    @Test
    void everyRequestCarriesItsCallsSpanAndNoWorkflow() {
        assertThat(models.traceParents())
                .isNotEmpty()
                .allSatisfy(header -> assertThat(receiver.spans(
                                span -> header.equals("00-" + span.traceId() + "-" + span.spanId() + "-01")
                                        && span.name().startsWith("chat ")))
                        .hasSize(1));
        assertThat(models.workflows()).isEmpty();
    }

    @Test
    void noContentLeavesUnlessAskedFor() {
        assertThat(receiver.raw()).doesNotContain("all is well", "hello", "Paris", "how is the weather", "messages");
    }

    @Test
    void anAnnotatedMethodThatReturnsAFutureEndsWithIt() {
        Trees trees = new Trees(receiver.spans());
        ReceivedSpan promised = receiver.spans(span -> span.name().equals("invoke_workflow promised"))
                .get(0);

        assertThat(trees.childrenOf(promised)).extracting(ReceivedSpan::name).containsExactly("chat gpt", "chat gpt");
        assertThat(trees.childrenOf(promised))
                .allSatisfy(child -> assertThat(child.endNanos()).isLessThanOrEqualTo(promised.endNanos()));
        assertThat(promised.get("scepsy.workflow.target_per_second")).isEqualTo(0.5);
        assertThat(promised.get("scepsy.workflow.weight")).isEqualTo(2.0);
    }

    private List<ReceivedSpan> roots(String name) {
        return receiver
                .spans(span -> span.parentSpanId().isEmpty() && span.name().equals(name))
                .stream()
                .sorted(java.util.Comparator.comparingLong(ReceivedSpan::startNanos))
                .toList();
    }
}
