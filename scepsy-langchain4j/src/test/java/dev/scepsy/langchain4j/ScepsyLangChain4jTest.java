package dev.scepsy.langchain4j;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.langchain4j.agent.tool.Tool;
import dev.langchain4j.agent.tool.ToolExecutionRequest;
import dev.langchain4j.agentic.Agent;
import dev.langchain4j.agentic.AgenticServices;
import dev.langchain4j.agentic.UntypedAgent;
import dev.langchain4j.data.embedding.Embedding;
import dev.langchain4j.data.message.AiMessage;
import dev.langchain4j.data.message.ToolExecutionResultMessage;
import dev.langchain4j.data.segment.TextSegment;
import dev.langchain4j.exception.HttpException;
import dev.langchain4j.exception.InternalServerException;
import dev.langchain4j.model.embedding.EmbeddingModel;
import dev.langchain4j.model.moderation.Moderation;
import dev.langchain4j.model.moderation.ModerationModel;
import dev.langchain4j.model.moderation.ModerationRequest;
import dev.langchain4j.model.moderation.ModerationResponse;
import dev.langchain4j.model.moderation.listener.ModerationModelListener;
import dev.langchain4j.model.output.FinishReason;
import dev.langchain4j.model.output.Response;
import dev.langchain4j.model.output.TokenUsage;
import dev.langchain4j.model.scoring.ScoringModel;
import dev.langchain4j.rag.content.Content;
import dev.langchain4j.rag.content.retriever.ContentRetriever;
import dev.langchain4j.rag.query.Query;
import dev.langchain4j.service.AiServices;
import dev.langchain4j.service.UserMessage;
import dev.langchain4j.service.V;
import io.opentelemetry.api.common.AttributeKey;
import io.opentelemetry.api.trace.SpanKind;
import io.opentelemetry.api.trace.StatusCode;
import io.opentelemetry.sdk.OpenTelemetrySdk;
import io.opentelemetry.sdk.testing.exporter.InMemorySpanExporter;
import io.opentelemetry.sdk.trace.SdkTracerProvider;
import io.opentelemetry.sdk.trace.data.SpanData;
import io.opentelemetry.sdk.trace.export.SimpleSpanProcessor;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class ScepsyLangChain4jTest {

    public interface Writer {
        @Agent(name = "writer", outputKey = "text")
        @UserMessage("Write about {{topic}}")
        String write(@V("topic") String topic);
    }

    public interface Nameless {
        @Agent(outputKey = "text")
        @UserMessage("Write about {{topic}}")
        String write(@V("topic") String topic);
    }

    public interface Editor {
        @Agent(name = "editor", outputKey = "text")
        @UserMessage("Edit {{text}}")
        String edit(@V("text") String text);
    }

    interface Report {
        @Workflow(name = "report", targetPerSecond = 0.5)
        String write();

        String helper();
    }

    /** Counts to three, slowly. */
    public static class Counter {
        @Tool
        public int count() {
            return 3;
        }
    }

    private final InMemorySpanExporter exporter = InMemorySpanExporter.create();
    private final OpenTelemetrySdk openTelemetry = OpenTelemetrySdk.builder()
            .setTracerProvider(SdkTracerProvider.builder()
                    .addSpanProcessor(SimpleSpanProcessor.create(exporter))
                    .build())
            .build();
    private final ScepsyLangChain4j scepsy = ScepsyLangChain4j.with(openTelemetry);

    @AfterEach
    void close() {
        openTelemetry.close();
    }

    @Test
    void describesAChatCall() {
        FakeChatModel.saying("generator", scepsy, "hello").chat("hi");

        SpanData chat = only("chat generator");
        assertThat(chat.getKind()).isEqualTo(SpanKind.CLIENT);
        assertThat(text(chat, "gen_ai.operation.name")).isEqualTo("chat");
        assertThat(text(chat, "gen_ai.provider.name")).isEqualTo("openai");
        assertThat(text(chat, "gen_ai.request.model")).isEqualTo("generator");
        assertThat(text(chat, "gen_ai.response.model")).isEqualTo("generator-2026");
        assertThat(chat.getAttributes().get(AttributeKey.longKey("gen_ai.usage.input_tokens")))
                .isEqualTo(11);
        assertThat(chat.getAttributes().get(AttributeKey.longKey("gen_ai.usage.output_tokens")))
                .isEqualTo(7);
        assertThat(chat.getAttributes().get(AttributeKey.stringArrayKey("gen_ai.response.finish_reasons")))
                .containsExactly("stop");
    }

    @Test
    void recordsAFailedCallAndLetsTheErrorThrough() {
        FakeChatModel failing = new FakeChatModel("generator", List.of(scepsy.chatModelListener()), request -> {
            throw new IllegalStateException("down");
        });

        assertThatThrownBy(() -> failing.chat("hi")).hasMessageContaining("down");

        SpanData chat = only("chat generator");
        assertThat(chat.getStatus().getStatusCode()).isEqualTo(StatusCode.ERROR);
        assertThat(text(chat, "error.type")).isEqualTo("java.lang.IllegalStateException");
    }

    @Test
    void agenticSystemsThatNobodyNamedAreToldApartByWhatTheyAreMadeOf() {
        for (String name : List.of("big", "small")) {
            AgenticServices.sequenceBuilder()
                    .subAgents(AgenticServices.agentBuilder(Nameless.class)
                            .chatModel(FakeChatModel.saying(name, scepsy, "hello"))
                            .build())
                    .listener(scepsy.agentic().listener())
                    .build()
                    .invoke(Map.of("topic", "tea"));
        }

        only("invoke_workflow Sequential(Nameless@big)");
        only("invoke_workflow Sequential(Nameless@small)");
        assertThat(exporter.getFinishedSpanItems().stream().map(SpanData::getName))
                .filteredOn(name -> name.startsWith("invoke_agent"))
                .containsExactly("invoke_agent Nameless", "invoke_agent Nameless");
    }

    @Test
    void anErrorSaysItsReasonAndStatusAndAToolCallIsCalledSo() {
        FakeChatModel failing = new FakeChatModel("generator", List.of(scepsy.chatModelListener()), request -> {
            throw new RuntimeException(new InternalServerException("m", new HttpException(503, "overloaded")));
        });
        FakeChatModel calling =
                new FakeChatModel("caller", List.of(scepsy.chatModelListener()), request -> AiMessage.from("calls"));

        assertThatThrownBy(() -> failing.chat("hi")).isInstanceOf(RuntimeException.class);
        calling.finishing(FinishReason.TOOL_EXECUTION).chat("hi");

        SpanData chat = only("chat generator");
        assertThat(text(chat, "error.type")).isEqualTo("dev.langchain4j.exception.InternalServerException");
        assertThat(chat.getAttributes().get(AttributeKey.longKey("http.response.status_code")))
                .isEqualTo(503);
        assertThat(only("chat caller")
                        .getAttributes()
                        .get(AttributeKey.stringArrayKey("gen_ai.response.finish_reasons")))
                .containsExactly("tool_call");
    }

    @Test
    void workflowNamesEverythingBelowIt() throws Exception {
        FakeChatModel model = FakeChatModel.saying("generator", scepsy, "hello");
        scepsy.inWorkflow("research", () -> model.chat("hi"));

        SpanData workflow = only("invoke_workflow research");
        SpanData chat = only("chat generator");
        assertThat(chat.getParentSpanId()).isEqualTo(workflow.getSpanId());
        assertThat(text(chat, "gen_ai.workflow.name")).isEqualTo("research");
        assertThat(text(chat, "scepsy.workflow.execution.id")).isEqualTo(workflow.getSpanId());
    }

    @Test
    void workflowEndsWhenItsStageDoes() throws Exception {
        CompletableFuture<String> answer = new CompletableFuture<>();
        scepsy.inWorkflow("research", () -> answer);
        assertThat(exporter.getFinishedSpanItems()).isEmpty();
        answer.completeExceptionally(new IllegalStateException("late"));
        assertThat(only("invoke_workflow research").getStatus().getStatusCode()).isEqualTo(StatusCode.ERROR);
    }

    @Test
    void annotatedMethodsOfAnInterfaceAreWorkflows() {
        FakeChatModel model = FakeChatModel.saying("generator", scepsy, "hello");
        Report report = scepsy.workflow(Report.class, new Report() {
            @Override
            public String write() {
                return model.chat("hi");
            }

            @Override
            public String helper() {
                return "no workflow";
            }
        });

        assertThat(report.helper()).isEqualTo("no workflow");
        assertThat(report.write()).isEqualTo("hello");

        SpanData workflow = only("invoke_workflow report");
        assertThat(workflow.getAttributes().get(AttributeKey.doubleKey("scepsy.workflow.target_per_second")))
                .isEqualTo(0.5);
        assertThat(exporter.getFinishedSpanItems()).hasSize(2);
    }

    @Test
    void agentsFindTheirWorkflowAcrossThreads() {
        Writer writer = AgenticServices.agentBuilder(Writer.class)
                .chatModel(FakeChatModel.saying("writer-model", scepsy, "text"))
                .build();
        Editor editor = AgenticServices.agentBuilder(Editor.class)
                .chatModel(FakeChatModel.saying("editor-model", scepsy, "text"))
                .build();
        UntypedAgent drafts = AgenticServices.parallelMapperBuilder()
                .name("drafts")
                .subAgents(writer)
                .itemsProvider("topics")
                .outputKey("drafts")
                .build();
        UntypedAgent book = AgenticServices.sequenceBuilder()
                .name("book")
                .subAgents(drafts, editor)
                .outputKey("text")
                .listener(scepsy.agentic().listener())
                .build();

        book.invoke(Map.of("topics", List.of("a", "b", "c"), "text", "none"));

        SpanData root = only("invoke_workflow book");
        SpanData mapper = only("invoke_workflow drafts");
        assertThat(mapper.getParentSpanId()).isEqualTo(root.getSpanId());
        assertThat(named("invoke_agent writer"))
                .hasSize(3)
                .allSatisfy(agent -> assertThat(agent.getParentSpanId()).isEqualTo(mapper.getSpanId()));
        List<String> writers =
                named("invoke_agent writer").stream().map(SpanData::getSpanId).toList();
        assertThat(named("chat writer-model").stream().map(SpanData::getParentSpanId))
                .containsExactlyInAnyOrderElementsOf(writers);
        assertThat(only("chat editor-model").getParentSpanId())
                .isEqualTo(only("invoke_agent editor").getSpanId());
        assertThat(exporter.getFinishedSpanItems())
                .allSatisfy(span ->
                        assertThat(text(span, "scepsy.workflow.execution.id")).isEqualTo(root.getSpanId()));
        assertThat(exporter.getFinishedSpanItems()).hasSize(10);
    }

    @Test
    void toolsOfAgentsAreSpans() {
        FakeChatModel model = new FakeChatModel("writer-model", List.of(scepsy.chatModelListener()), request -> {
            boolean counted = request.messages().stream().anyMatch(ToolExecutionResultMessage.class::isInstance);
            return counted
                    ? AiMessage.from("text")
                    : AiMessage.from(ToolExecutionRequest.builder()
                            .id("call-1")
                            .name("count")
                            .arguments("{}")
                            .build());
        });
        Writer writer = AgenticServices.agentBuilder(Writer.class)
                .chatModel(model)
                .tools(new Counter())
                .listener(scepsy.agentic().listener())
                .build();

        writer.write("counting");

        SpanData agent = only("invoke_agent writer");
        assertThat(only("execute_tool count").getParentSpanId()).isEqualTo(agent.getSpanId());
        assertThat(named("chat writer-model")).hasSize(2);
        assertThat(text(agent, "gen_ai.workflow.name"))
                .as("without a workflow the outermost agent plays its part")
                .isEqualTo("writer");
    }

    @Test
    void aiServicesAreAgents() {
        interface Assistant {
            String chat(String message);
        }
        Assistant assistant = AiServices.builder(Assistant.class)
                .chatModel(FakeChatModel.saying("generator", scepsy, "hello"))
                .registerListeners(scepsy.aiServiceListeners())
                .build();

        assistant.chat("hi");

        assertThat(only("chat generator").getParentSpanId())
                .isEqualTo(only("invoke_agent Assistant").getSpanId());
    }

    @Test
    void retrievalHoldsItsEmbedding() {
        EmbeddingModel embedder = new FakeEmbeddingModel().addListener(scepsy.embeddingModelListener());
        ContentRetriever retriever = ((ContentRetriever) query -> {
                    embedder.embed(query.text());
                    return List.of(Content.from("found"));
                })
                .addListener(scepsy.contentRetrieverListener());

        retriever.retrieve(Query.from("where?"));

        SpanData embeddings = only("embeddings embedder");
        assertThat(embeddings.getParentSpanId())
                .isEqualTo(exporter.getFinishedSpanItems().get(1).getSpanId());
        assertThat(embeddings.getAttributes().get(AttributeKey.longKey("gen_ai.usage.input_tokens")))
                .isEqualTo(4);
    }

    @Test
    void rerankersAreWrapped() {
        ScoringModel reranker =
                scepsy.reranker((segments, query) -> Response.from(List.of(0.5), new TokenUsage(9, 0)), "reranker");
        assertThat(reranker.score("passage", "query").content()).isEqualTo(0.5);
        assertThat(only("rerank reranker").getKind()).isEqualTo(SpanKind.CLIENT);
    }

    @Test
    void moderationIsAModelCall() {
        ModerationModel careful = new ModerationModel() {
            @Override
            public ModerationResponse doModerate(ModerationRequest request) {
                return ModerationResponse.builder()
                        .moderation(Moderation.notFlagged())
                        .build();
            }

            @Override
            public List<ModerationModelListener> listeners() {
                return List.of(scepsy.moderationModelListener());
            }
        };

        careful.moderate(ModerationRequest.builder()
                .texts(List.of("how nice"))
                .modelName("careful")
                .build());

        assertThat(only("moderation careful").getKind()).isEqualTo(SpanKind.CLIENT);
    }

    @Test
    void tasksBelongToWhatSubmittedThem() throws Exception {
        FakeChatModel model = FakeChatModel.saying("generator", scepsy, "hello");
        scepsy.inWorkflow("research", () -> {
            CompletableFuture.runAsync(() -> model.chat("hi"), scepsy.propagating(task -> new Thread(task).start()))
                    .get();
            return "";
        });
        assertThat(only("chat generator").getParentSpanId())
                .isEqualTo(only("invoke_workflow research").getSpanId());
    }

    @Test
    void staysSilentWhereTheAgentIsPresent() throws Exception {
        System.setProperty("scepsy.agent.active", "true");
        try {
            FakeChatModel model = FakeChatModel.saying("generator", scepsy, "hello");
            assertThat(scepsy.inWorkflow("research", () -> model.chat("hi"))).isEqualTo("hello");
            assertThat(exporter.getFinishedSpanItems()).isEmpty();
        } finally {
            System.clearProperty("scepsy.agent.active");
        }
    }

    private record FakeEmbeddingModel() implements EmbeddingModel {
        @Override
        public Response<List<Embedding>> embedAll(List<TextSegment> segments) {
            return Response.from(
                    segments.stream()
                            .map(segment -> Embedding.from(new float[] {1}))
                            .collect(Collectors.toList()),
                    new TokenUsage(4));
        }

        @Override
        public String modelName() {
            return "embedder";
        }
    }

    private SpanData only(String name) {
        List<SpanData> found = named(name);
        assertThat(found).as(name + " among " + names()).hasSize(1);
        return found.get(0);
    }

    private List<SpanData> named(String name) {
        return exporter.getFinishedSpanItems().stream()
                .filter(span -> span.getName().equals(name))
                .toList();
    }

    private List<String> names() {
        return exporter.getFinishedSpanItems().stream().map(SpanData::getName).toList();
    }

    private static String text(SpanData span, String key) {
        return Optional.ofNullable(span.getAttributes().get(AttributeKey.stringKey(key)))
                .orElse("absent");
    }
}
