package dev.scepsy.planner;

import static org.assertj.core.api.Assertions.assertThat;

import dev.scepsy.planner.span.Span;
import dev.scepsy.planner.span.TraceId;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class SpanBufferTest {

    @Test
    void spansComeOutInTheOrderTheyWentIn() {
        SpanBuffer buffer = new SpanBuffer(4);
        List<Long> drained = new ArrayList<>();
        for (long id = 1; id <= 10; id++) {
            assertThat(buffer.offer(span(1, id))).isTrue();
            if (id % 3 == 0) {
                assertThat(buffer.drain(span -> drained.add(span.spanId()))).isEqualTo(3);
            }
        }
        buffer.drain(span -> drained.add(span.spanId()));
        assertThat(drained).containsExactly(1L, 2L, 3L, 4L, 5L, 6L, 7L, 8L, 9L, 10L);
        assertThat(buffer.isEmpty()).isTrue();
    }

    @Test
    void aFullBufferRefusesAndCounts() {
        SpanBuffer buffer = new SpanBuffer(2);
        assertThat(buffer.offer(span(1, 1))).isTrue();
        assertThat(buffer.offer(span(1, 2))).isTrue();
        assertThat(buffer.offer(span(1, 3))).isFalse();
        assertThat(buffer.dropped()).isEqualTo(1);
        buffer.drain(span -> {});
        assertThat(buffer.offer(span(1, 4))).isTrue();
    }

    @Test
    void whateverManyThreadsPutInComesOutOnceInEachThreadsOrder() throws Exception {
        int producers = 4;
        int perProducer = 50_000;
        SpanBuffer buffer = new SpanBuffer(256);
        CountDownLatch start = new CountDownLatch(1);
        AtomicInteger running = new AtomicInteger(producers);
        List<Thread> threads = new ArrayList<>();
        for (int p = 0; p < producers; p++) {
            long trace = p;
            Thread thread = new Thread(() -> {
                try {
                    start.await();
                    for (long id = 1; id <= perProducer; id++) {
                        while (!buffer.offer(span(trace, id))) {
                            Thread.onSpinWait();
                        }
                    }
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                } finally {
                    running.decrementAndGet();
                }
            });
            threads.add(thread);
            thread.start();
        }
        long[] last = new long[producers];
        start.countDown();
        boolean more = true;
        while (more) {
            more = running.get() > 0;
            buffer.drain(span -> {
                int producer = (int) span.traceId().low();
                assertThat(span.spanId()).isEqualTo(last[producer] + 1);
                last[producer]++;
            });
        }
        for (Thread thread : threads) {
            thread.join();
        }
        assertThat(last).containsOnly(perProducer);
    }

    private static Span span(long trace, long id) {
        return Span.builder(new TraceId(1, trace), id).build();
    }
}
