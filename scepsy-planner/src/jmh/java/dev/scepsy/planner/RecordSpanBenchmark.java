package dev.scepsy.planner;

import dev.scepsy.planner.span.GenAi;
import dev.scepsy.planner.span.Operation;
import dev.scepsy.planner.span.Span;
import dev.scepsy.planner.span.TraceId;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Threads;
import org.openjdk.jmh.annotations.Warmup;

/** What the recording thread pays for one model call: building the span, and handing it to a running planner. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
public class RecordSpanBenchmark {

    private LiveStatistics planner;

    @Setup(Level.Trial)
    public void start() {
        planner = LiveStatistics.start(LiveStatisticsConfig.defaults());
    }

    @TearDown(Level.Trial)
    public void stop() {
        planner.close();
    }

    @Benchmark
    @Threads(1)
    public void oneThread() {
        planner.record(span());
    }

    @Benchmark
    @Threads(16)
    public void sixteenThreads() {
        planner.record(span());
    }

    @Benchmark
    @Threads(1)
    public Span buildOnly() {
        return span();
    }

    private static Span span() {
        ThreadLocalRandom random = ThreadLocalRandom.current();
        long root = random.nextLong() | 1;
        return Span.builder(new TraceId(root, root), random.nextLong() | 1)
                .parent(root)
                .name("chat m")
                .kind(Span.Kind.CLIENT)
                .startEpochNanos(1)
                .endEpochNanos(2)
                .genAi(GenAi.builder()
                        .operation(Operation.MODEL)
                        .model("m")
                        .workflow("w")
                        .executionId(root)
                        .inputTokens(100)
                        .outputTokens(20)
                        .build())
                .build();
    }
}
