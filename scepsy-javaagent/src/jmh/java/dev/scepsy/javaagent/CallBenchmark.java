package dev.scepsy.javaagent;

import dev.langchain4j.data.message.AiMessage;
import dev.langchain4j.data.message.UserMessage;
import dev.langchain4j.model.chat.ChatModel;
import dev.langchain4j.model.chat.request.ChatRequest;
import dev.langchain4j.model.chat.request.ChatRequestParameters;
import dev.langchain4j.model.chat.response.ChatResponse;
import dev.langchain4j.model.chat.response.ChatResponseMetadata;
import dev.langchain4j.model.output.FinishReason;
import dev.langchain4j.model.output.TokenUsage;
import io.opentelemetry.api.common.AttributeKey;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.SpanKind;
import io.opentelemetry.api.trace.Tracer;
import io.opentelemetry.exporter.otlp.http.trace.OtlpHttpSpanExporter;
import io.opentelemetry.sdk.trace.SdkTracerProvider;
import io.opentelemetry.sdk.trace.export.BatchSpanProcessor;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/**
 * Time and bytes of one call of a model that answers at once: alone, under the agent (sampled and not), and inside a span
 * written by hand with the same attributes and the SDK's batch processor. Nothing listens where both export to.
 */
@State(org.openjdk.jmh.annotations.Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
public class CallBenchmark {

    private static final String AGENT = "-javaagent:target/scepsy-javaagent.jar";
    private static final String NOBODY = "-Dotel.exporter.otlp.endpoint=http://127.0.0.1:9";

    private static final ChatResponse ANSWER = ChatResponse.builder()
            .aiMessage(AiMessage.from("hello"))
            .metadata(ChatResponseMetadata.builder()
                    .id("1")
                    .modelName("m-1")
                    .tokenUsage(new TokenUsage(3, 4))
                    .finishReason(FinishReason.STOP)
                    .build())
            .build();

    private final ChatModel model = new ChatModel() {
        @Override
        public ChatRequestParameters defaultRequestParameters() {
            return PARAMETERS;
        }

        @Override
        public ChatResponse doChat(ChatRequest request) {
            return ANSWER;
        }
    };

    private static final ChatRequestParameters PARAMETERS =
            ChatRequestParameters.builder().modelName("m").temperature(0.5).build();

    private final ChatRequest request =
            ChatRequest.builder().messages(UserMessage.from("hello")).build();

    private final Tracer tracer = SdkTracerProvider.builder()
            .addSpanProcessor(BatchSpanProcessor.builder(OtlpHttpSpanExporter.builder()
                            .setEndpoint("http://127.0.0.1:9/v1/traces")
                            .build())
                    .build())
            .build()
            .get("hand-written");

    @Benchmark
    public ChatResponse alone() {
        return model.chat(request);
    }

    @Benchmark
    @Fork(
            value = 1,
            jvmArgsAppend = {AGENT, NOBODY})
    public ChatResponse agentSampled() {
        return model.chat(request);
    }

    @Benchmark
    @Fork(
            value = 1,
            jvmArgsAppend = {AGENT, NOBODY, "-Dotel.traces.sampler=always_off"})
    public ChatResponse agentNotSampled() {
        return model.chat(request);
    }

    @Benchmark
    @Fork(
            value = 1,
            jvmArgsAppend = {AGENT, NOBODY, "-Dotel.traces.sampler=always_off", "-Dscepsy.planner=off"})
    public ChatResponse agentNotSampledPlannerOff() {
        return model.chat(request);
    }

    @Benchmark
    public ChatResponse handWrittenSpan() {
        Span span = tracer.spanBuilder("chat m").setSpanKind(SpanKind.CLIENT).startSpan();
        try (io.opentelemetry.context.Scope scope = span.makeCurrent()) {
            span.setAttribute("gen_ai.operation.name", "chat");
            span.setAttribute("gen_ai.provider.name", "mine");
            span.setAttribute("gen_ai.request.model", "m");
            span.setAttribute("gen_ai.request.temperature", 0.5);
            ChatResponse response = model.chat(request);
            span.setAttribute("gen_ai.response.id", response.metadata().id());
            span.setAttribute("gen_ai.response.model", response.metadata().modelName());
            span.setAttribute(
                    AttributeKey.stringArrayKey("gen_ai.response.finish_reasons"),
                    List.of(response.metadata().finishReason().name()));
            span.setAttribute(
                    "gen_ai.usage.input_tokens",
                    response.metadata().tokenUsage().inputTokenCount());
            span.setAttribute(
                    "gen_ai.usage.output_tokens",
                    response.metadata().tokenUsage().outputTokenCount());
            return response;
        } finally {
            span.end();
        }
    }
}
