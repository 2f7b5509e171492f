package dev.scepsy.planner.simulate;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * What happens when, in simulated seconds; events of one moment happen in the order they were made. A binary heap on plain
 * arrays, so that an event costs no object of its own. Mutable.
 */
final class EventQueue {

    private double[] times = new double[256];
    private long[] numbers = new long[256];
    private @Nullable Runnable[] actions = new Runnable[256];
    private int size;
    private long made;
    private double nowSeconds;
    private double untilSeconds;

    double nowSeconds() {
        return nowSeconds;
    }

    void at(double seconds, Runnable action) {
        if (size == times.length) {
            times = Arrays.copyOf(times, 2 * size);
            numbers = Arrays.copyOf(numbers, 2 * size);
            actions = Arrays.copyOf(actions, 2 * size);
        }
        double time = Math.max(nowSeconds, seconds);
        long number = made++;
        int at = size++;
        while (at > 0 && isBefore(time, number, (at - 1) / 2)) {
            move((at - 1) / 2, at);
            at = (at - 1) / 2;
        }
        put(at, time, number, action);
    }

    /** Lets everything up to {@code seconds} happen. */
    void run(double seconds) {
        untilSeconds = seconds;
        while (size > 0 && times[0] <= seconds) {
            nowSeconds = times[0];
            poll().run();
        }
        nowSeconds = Math.max(nowSeconds, seconds);
    }

    /**
     * Moves the clock within an event: whoever is sure to act next may act at once, without passing through the queue.
     *
     * @return false, and nothing changed, if something else comes first
     */
    boolean skipTo(double seconds) {
        if (seconds > untilSeconds || (size > 0 && times[0] <= seconds)) {
            return false;
        }
        nowSeconds = seconds;
        return true;
    }

    private Runnable poll() {
        Runnable first = actions[0];
        if (first == null) {
            throw new IllegalStateException("Nothing is left to happen.");
        }
        double time = times[--size];
        long number = numbers[size];
        Runnable moved = actions[size];
        actions[size] = null;
        int at = 0;
        while (2 * at + 1 < size) {
            int child = 2 * at + 1;
            if (child + 1 < size && isBefore(times[child + 1], numbers[child + 1], child)) {
                child++;
            }
            if (!(times[child] < time || (times[child] == time && numbers[child] < number))) {
                break;
            }
            move(child, at);
            at = child;
        }
        if (size > 0) {
            put(at, time, number, moved);
        }
        return first;
    }

    private boolean isBefore(double time, long number, int other) {
        return time < times[other] || (time == times[other] && number < numbers[other]);
    }

    private void move(int from, int to) {
        put(to, times[from], numbers[from], actions[from]);
    }

    private void put(int at, double time, long number, @Nullable Runnable action) {
        times[at] = time;
        numbers[at] = number;
        actions[at] = action;
    }
}
