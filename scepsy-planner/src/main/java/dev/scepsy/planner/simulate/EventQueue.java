package dev.scepsy.planner.simulate;

import java.util.Comparator;
import java.util.PriorityQueue;

/** What happens when, in simulated seconds; events of one moment happen in the order they were made. Mutable. */
final class EventQueue {

    private record Event(double atSeconds, long number, Runnable action) {}

    private final PriorityQueue<Event> events =
            new PriorityQueue<>(Comparator.comparingDouble(Event::atSeconds).thenComparingLong(Event::number));

    private long made;
    private double nowSeconds;

    double nowSeconds() {
        return nowSeconds;
    }

    void at(double seconds, Runnable action) {
        events.add(new Event(Math.max(nowSeconds, seconds), made++, action));
    }

    /** Lets everything up to {@code untilSeconds} happen. */
    void run(double untilSeconds) {
        while (!events.isEmpty() && events.peek().atSeconds() <= untilSeconds) {
            Event event = events.remove();
            nowSeconds = event.atSeconds();
            event.action().run();
        }
    }
}
