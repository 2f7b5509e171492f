package dev.scepsy.javaagent.export;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class RingTest {

    @Test
    void givesWhatWasOfferedInOrder() {
        Ring<String> ring = new Ring<>(4);

        assertThat(ring.poll()).isNull();
        ring.offer("a");
        ring.offer("b");

        assertThat(ring.poll()).isEqualTo("a");
        assertThat(ring.poll()).isEqualTo("b");
        assertThat(ring.poll()).isNull();
    }

    @Test
    void refusesAndCountsWhatFindsNoRoomAndTakesAgainAfterwards() {
        Ring<Integer> ring = new Ring<>(2);

        assertThat(ring.offer(1)).isTrue();
        assertThat(ring.offer(2)).isTrue();
        assertThat(ring.offer(3)).isFalse();
        assertThat(ring.refused()).isEqualTo(1);
        assertThat(ring.offered()).isEqualTo(3);
        assertThat(ring.poll()).isEqualTo(1);
        assertThat(ring.offer(4)).isTrue();
        assertThat(ring.poll()).isEqualTo(2);
        assertThat(ring.poll()).isEqualTo(4);
    }

    @Test
    void manyProducersLoseNothingAndEachKeepsItsOrder() throws InterruptedException {
        int producers = 4;
        int each = 20_000;
        Ring<int[]> ring = new Ring<>(64);
        CountDownLatch start = new CountDownLatch(1);
        List<Thread> threads = new ArrayList<>();
        for (int p = 0; p < producers; p++) {
            int producer = p;
            Thread thread = new Thread(() -> {
                try {
                    start.await();
                } catch (InterruptedException e) {
                    return;
                }
                for (int i = 0; i < each; i++) {
                    int[] element = {producer, i};
                    while (!ring.offer(element)) {
                        Thread.yield();
                    }
                }
            });
            thread.start();
            threads.add(thread);
        }
        start.countDown();

        int[] next = new int[producers];
        for (int taken = 0; taken < producers * each; ) {
            int[] element = ring.poll();
            if (element == null) {
                Thread.yield();
                continue;
            }
            assertThat(element[1]).isEqualTo(next[element[0]]++);
            taken++;
        }
        for (Thread thread : threads) {
            thread.join();
        }

        assertThat(IntStream.of(next).allMatch(count -> count == each)).isTrue();
        assertThat(ring.poll()).isNull();
        assertThat(ring.offered() - ring.refused()).isEqualTo((long) producers * each);
    }
}
