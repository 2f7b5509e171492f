package dev.scepsy.planner.serve.observe;

import java.nio.ByteBuffer;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/**
 * A request of 512 spans encoded beforehand: 32 executions of sixteen spans each (a workflow, five agents, ten calls to three models). Each
 * copy gets trace ids of its own, which are written over those of the template.
 */
final class LoadRequest {

    static final int SPANS = 512;
    static final int TRACES = 32;
    private static final int SPANS_PER_TRACE = SPANS / TRACES;

    /** High halves of the template's trace ids: found again by them. */
    private static final long MARK = 0x5ca1ab1e0ddba11L;

    private final byte[] template;
    private final int[] traceAt = new int[SPANS];

    LoadRequest(Instant start) {
        List<OtlpBytes.Sent> spans = new ArrayList<>();
        for (int trace = 0; trace < TRACES; trace++) {
            spans.addAll(execution(trace + 1, start));
        }
        template = OtlpBytes.traces("load", spans);
        int found = 0;
        for (int i = 0; i + 16 <= template.length; i++) {
            if (ByteBuffer.wrap(template).getLong(i) == MARK) {
                traceAt[found++] = i + Long.BYTES;
            }
        }
        if (found != SPANS) {
            throw new IllegalStateException("Of the spans (" + SPANS + ") only (" + found + ") were found again.");
        }
    }

    private static List<OtlpBytes.Sent> execution(long trace, Instant start) {
        List<OtlpBytes.Sent> spans = new ArrayList<>();
        spans.add(marked(Bench.workflow(trace, "load" + trace % 8, start, Duration.ofSeconds(11))));
        for (int agent = 0; agent < 5; agent++) {
            Instant from = start.plusSeconds(2L * agent);
            spans.add(marked(new OtlpBytes.Sent(
                    7,
                    trace,
                    10 + agent,
                    1,
                    "invoke_agent a" + agent,
                    1,
                    Bench.nanos(from),
                    Bench.nanos(from.plusSeconds(2)),
                    "",
                    false,
                    java.util.Map.of("gen_ai.operation.name", "invoke_agent", "gen_ai.agent.name", "a" + agent))));
            for (int call = 0; call < 2; call++) {
                spans.add(marked(Bench.call(
                        trace,
                        100 + 2 * agent + call,
                        10 + agent,
                        "model-" + (agent + call) % 3,
                        from.plusMillis(900L * call),
                        Duration.ofMillis(800 + trace))));
            }
        }
        return spans;
    }

    private static OtlpBytes.Sent marked(OtlpBytes.Sent span) {
        return new OtlpBytes.Sent(
                MARK,
                span.traceLow(),
                span.spanId(),
                span.parentSpanId(),
                span.name(),
                span.kind(),
                span.startNanos(),
                span.endNanos(),
                span.traceState(),
                span.error(),
                span.attributes());
    }

    /** The request with the traces of this number. */
    byte[] numbered(long number) {
        byte[] request = template.clone();
        ByteBuffer buffer = ByteBuffer.wrap(request);
        for (int i = 0; i < SPANS; i++) {
            buffer.putLong(traceAt[i], number * TRACES + i / SPANS_PER_TRACE + 1);
        }
        return request;
    }
}
