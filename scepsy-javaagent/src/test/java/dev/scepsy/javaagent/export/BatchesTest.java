package dev.scepsy.javaagent.export;

import static org.assertj.core.api.Assertions.assertThat;

import dev.scepsy.javaagent.setting.Settings;
import dev.scepsy.javaagent.trace.Operation;
import dev.scepsy.javaagent.trace.OperationKind;
import dev.scepsy.javaagent.trace.Sampling;
import dev.scepsy.javaagent.trace.Tracer;
import io.opentelemetry.api.trace.TraceState;
import io.opentelemetry.sdk.common.CompletableResultCode;
import io.opentelemetry.sdk.resources.Resource;
import io.opentelemetry.sdk.trace.data.SpanData;
import io.opentelemetry.sdk.trace.export.SpanExporter;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

class BatchesTest {

    private static final long PLENTY = 1L << 30;
    private static final Settings NOTHING_SET = Settings.of(key -> null, key -> null);

    private final List<SpanData> sent = new ArrayList<>();
    private final List<Integer> batchSizes = new ArrayList<>();
    private final List<CompletableResultCode> answers = new ArrayList<>();
    private final Tracer tracer = new Tracer(Sampling.of(NOTHING_SET), finished -> {});

    @Test
    void oneBatchIsUnderWayAtATimeAndTheRestGoesAtTheEnd() {
        Batches batches = batches(100, 10, PLENTY);
        for (int i = 0; i < 25; i++) {
            batches.add(span(begun(null)));
        }
        assertThat(batchSizes).containsExactly(10);

        answers.get(0).succeed();
        batches.step();
        assertThat(batchSizes).containsExactly(10, 10);

        CompletableResultCode closed = batches.close();
        assertThat(batchSizes).containsExactly(10, 10, 5);
        assertThat(closed.isDone()).isFalse();
        answers.forEach(CompletableResultCode::succeed);
        assertThat(closed.isSuccess()).isTrue();
        assertThat(batches.dropped()).isZero();
    }

    @Test
    void withoutRoomWholeTracesAreDroppedAndNoChildLosesItsParent() {
        Batches batches = batches(64, 16, PLENTY);
        for (int i = 0; i < 200; i++) {
            Operation root = begun(null);
            Operation child = begun(root);
            Operation grandchild = begun(child);
            batches.add(span(grandchild));
            batches.add(span(child));
            batches.add(span(root));
        }
        answers.forEach(CompletableResultCode::succeed);
        batches.close();

        assertThat(batches.dropped()).isPositive().isEqualTo(600 - sent.size());
        Set<String> ids = new HashSet<>();
        sent.forEach(span -> ids.add(span.getSpanId()));
        assertThat(sent)
                .allSatisfy(span -> assertThat(
                                !span.getParentSpanContext().isValid() || ids.contains(span.getParentSpanId()))
                        .isTrue());
    }

    @Test
    void contentHasRoomUntilItsBytesWait() {
        Batches batches = batches(1_000, 1_000, 10_000);

        assertThat(batches.hasRoomFor(10_000)).isTrue();
        assertThat(batches.hasRoomFor(10_001)).isFalse();
        batches.add(span(begun(null)));
        assertThat(batches.hasRoomFor(10_000)).isFalse();
    }

    @Test
    void aSpansNamesAreCutAndItsBytesAreThoseOfItsTexts() {
        Operation huge = tracer.begin(OperationKind.TOOL, "execute_tool " + "x".repeat(1_000_000), "tool");
        huge.put("gen_ai.tool.name", "x".repeat(1_000_000));
        huge.end(null);

        FinishedSpan span = new FinishedSpan(huge, Resource.getDefault(), TraceState.getDefault(), true);

        assertThat(span.getName()).hasSizeLessThan(5_000);
        assertThat(span.bytes()).isBetween(8_192L, 20_000L);
    }

    private Batches batches(int queue, int batch, long bytes) {
        Map<String, String> properties = Map.of(
                "otel.bsp.max.queue.size", String.valueOf(queue),
                "otel.bsp.max.export.batch.size", String.valueOf(batch));
        return new Batches(
                new SpanExporter() {
                    @Override
                    public CompletableResultCode export(Collection<SpanData> spans) {
                        sent.addAll(spans);
                        batchSizes.add(spans.size());
                        CompletableResultCode answer = new CompletableResultCode();
                        answers.add(answer);
                        return answer;
                    }

                    @Override
                    public CompletableResultCode flush() {
                        return CompletableResultCode.ofSuccess();
                    }

                    @Override
                    public CompletableResultCode shutdown() {
                        return CompletableResultCode.ofSuccess();
                    }
                },
                Settings.of(properties::get, key -> null),
                bytes);
    }

    private Operation begun(Operation parent) {
        Object before = tracer.makeCurrent(parent);
        Operation operation = tracer.begin(OperationKind.AGENT, "invoke_agent a", new Object());
        tracer.restore(before);
        return operation;
    }

    private static FinishedSpan span(Operation operation) {
        operation.end(null);
        return new FinishedSpan(operation, Resource.getDefault(), TraceState.getDefault(), true);
    }
}
