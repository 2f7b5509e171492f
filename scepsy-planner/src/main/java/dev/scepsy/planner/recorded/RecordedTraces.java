package dev.scepsy.planner.recorded;

import dev.scepsy.planner.execution.ClockSkew;
import dev.scepsy.planner.execution.ExecutionAssembler;
import dev.scepsy.planner.execution.RootRule;
import dev.scepsy.planner.span.Span;
import dev.scepsy.planner.span.TraceId;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BiConsumer;
import java.util.function.Supplier;
import java.util.stream.IntStream;

/**
 * Spans by trace, gathered from any number of sources in any order: the spans of one trace may be spread over all of them.
 *
 * <p>Held in some 60 bytes a span, dealt into partitions by trace id. Beyond a part of the heap all partitions go to a
 * temporary file, so that memory does not grow with the number of spans; traces are put together one partition at a time, by
 * all processors.
 *
 * <p>Adding is for one thread; close it to delete the temporary file.
 */
public final class RecordedTraces implements AutoCloseable {

    private static final int PARTITIONS = 256;

    /** Of the heap, what spans may take before they go to a file; the rest is for what is made of them. */
    private static final int HEAP_PART = 4;

    private static final long MOST_BYTES = 256L << 20;

    /** How many spans come between two looks at the memory. */
    private static final int LOOK_EVERY = 4096;

    private final SpanCodec codec = new SpanCodec();
    private final ByteSink[] partitions = new ByteSink[PARTITIONS];
    private final Overflow overflow = new Overflow(PARTITIONS);
    private final long memoryBytes;
    private long spanCount;

    public RecordedTraces() {
        this(Math.min(MOST_BYTES, Runtime.getRuntime().maxMemory() / HEAP_PART));
    }

    /** Holds about so many bytes in memory. */
    RecordedTraces(long memoryBytes) {
        this.memoryBytes = memoryBytes;
        for (int i = 0; i < PARTITIONS; i++) {
            partitions[i] = new ByteSink();
        }
    }

    /** Takes one span of the first source; several with the same trace and span id are one. */
    public void add(Span span) {
        add(span, 0);
    }

    /**
     * Takes one span.
     *
     * @param source number of the source that it came from, from 0
     * @throws UncheckedIOException if memory is full, and so is the temporary folder
     */
    public void add(Span span, int source) {
        ByteSink partition = partitions[partition(span.traceId())];
        partition.beginRecord();
        codec.write(span, source, partition);
        if (++spanCount % LOOK_EVERY == 0 && heldBytes() > memoryBytes) {
            try {
                overflow.take(partitions);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }

    private static int partition(TraceId traceId) {
        return traceId.hashCode() & (PARTITIONS - 1);
    }

    private long heldBytes() {
        long bytes = 0;
        for (ByteSink partition : partitions) {
            bytes += partition.length();
        }
        return bytes;
    }

    /** Spans taken. */
    public long spanCount() {
        return spanCount;
    }

    /** The shifts between hosts' clocks that the traces show; reads all of them. */
    public ClockSkew clockSkew() {
        return IntStream.range(0, PARTITIONS)
                .parallel()
                .collect(
                        ClockSkew.Evidence::new,
                        (evidence, partition) ->
                                traces(partition).values().forEach(trace -> evidence.add(trace.spans())),
                        ClockSkew.Evidence::add)
                .skew();
    }

    /**
     * Hands every trace to a collector, by several threads at once, each with a collector of its own, in no order.
     *
     * @param rule where executions begin
     * @param skew applied to the clocks first
     * @param collectors makes a collector
     * @param take gives one whole trace to a collector
     * @param combine adds the second collector to the first
     */
    public <C> C collect(
            RootRule rule,
            ClockSkew skew,
            Supplier<C> collectors,
            BiConsumer<C, ? super WholeTrace> take,
            BiConsumer<C, C> combine) {
        return IntStream.range(0, PARTITIONS)
                .parallel()
                .collect(
                        collectors,
                        (collector, partition) -> {
                            for (Sourced trace : traces(partition).values()) {
                                List<Span> spans = skew.corrected(trace.spans());
                                take.accept(
                                        collector,
                                        new WholeTrace(
                                                ExecutionAssembler.assembly(spans, rule), spans, trace.sources()));
                            }
                        },
                        combine);
    }

    /** Spans of one trace, and the source of each. */
    private record Sourced(List<Span> spans, List<Integer> sources) {}

    private Map<TraceId, Sourced> traces(int partition) {
        Map<TraceId, Sourced> traces = new HashMap<>();
        try {
            List<SpanCodec.Input> inputs = overflow.inputs(partition);
            inputs.addAll(partitions[partition].inputs());
            for (SpanCodec.Input input : inputs) {
                while (input.hasMore()) {
                    SpanCodec.Sourced read = codec.read(input);
                    Sourced trace = traces.computeIfAbsent(
                            read.span().traceId(), id -> new Sourced(new ArrayList<>(8), new ArrayList<>(8)));
                    trace.spans().add(read.span());
                    trace.sources().add(read.source());
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return traces;
    }

    @Override
    public void close() {
        try {
            overflow.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
