package dev.scepsy.samples.cluster.engine;

import java.util.PriorityQueue;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Emulated time: real time since the start, times the time scale. Events run in the order of their times and see exactly
 * their own time as now, however late the thread gets to them, so that a chain of engine steps never drifts.
 */
public final class EventClock {
    /**
     * Most emulated seconds per real second. Steps of engines do not drift at any scale; what comes from outside, requests and probes,
     * is late by the millisecond or two of real time that a timer and a socket take, times the scale.
     */
    public static final double MAX_TIME_SCALE = 30;

    // Requests waiting in the sockets must not starve behind a backlog of engine steps.
    private static final long LONGEST_RUN_NANOS = 4_000_000;

    /** Something that will happen; cancelled, it never does. */
    public static final class Event implements Comparable<Event> {
        private final double atSeconds;
        private final long sequence;
        private @Nullable Runnable action;

        private Event(double atSeconds, long sequence, Runnable action) {
            this.atSeconds = atSeconds;
            this.sequence = sequence;
            this.action = action;
        }

        public void cancel() {
            action = null;
        }

        @Override
        public int compareTo(Event other) {
            int byTime = Double.compare(atSeconds, other.atSeconds);
            return byTime != 0 ? byTime : Long.compare(sequence, other.sequence);
        }
    }

    /** Calls back once, on the same thread, after some real milliseconds (0: as soon as other work has had its turn). */
    @FunctionalInterface
    public interface Alarm {
        void in(long millis, Runnable callback);
    }

    private final PriorityQueue<Event> events = new PriorityQueue<>();
    private final double timeScale;
    private final LongSupplier nanoTime;
    private final Alarm alarm;
    private final long startNanos;
    private double reachedSeconds;
    private boolean running;
    private double alarmAtSeconds = Double.POSITIVE_INFINITY;
    private long sequence;
    private double worstLagSeconds;
    private boolean stopped;

    /** @param timeScale emulated seconds per real second, in [1, 30] */
    public EventClock(double timeScale, LongSupplier nanoTime, Alarm alarm) {
        if (!(timeScale >= 1 && timeScale <= MAX_TIME_SCALE)) {
            throw new IllegalArgumentException(
                    "The timeScale (" + timeScale + ") must lie between 1 and " + MAX_TIME_SCALE + ".");
        }
        this.timeScale = timeScale;
        this.nanoTime = nanoTime;
        this.alarm = alarm;
        this.startNanos = nanoTime.getAsLong();
    }

    public double timeScale() {
        return timeScale;
    }

    /** Emulated seconds since the start; inside an event exactly the event's time. */
    public double nowSeconds() {
        return running ? reachedSeconds : Math.max(reachedSeconds, realSeconds());
    }

    /** Real time, for limits on what goes over the wire. */
    public long realNanos() {
        return nanoTime.getAsLong();
    }

    /** Schedules {@code action} for an emulated time; a time already past means as soon as possible. */
    public Event at(double seconds, Runnable action) {
        Event event = new Event(Math.max(seconds, reachedSeconds), sequence++, action);
        events.add(event);
        if (!running) {
            setAlarm();
        }
        return event;
    }

    public Event after(double seconds, Runnable action) {
        return at(nowSeconds() + seconds, action);
    }

    /** Runs everything that is due; whoever brings news from outside calls this first, so that it finds the present. */
    public void catchUp() {
        if (running || stopped) {
            return;
        }
        long givenUpNanos = nanoTime.getAsLong() + LONGEST_RUN_NANOS;
        running = true;
        try {
            double dueSeconds = realSeconds();
            for (Event next = events.peek(); next != null && next.atSeconds <= dueSeconds; next = events.peek()) {
                events.remove();
                reachedSeconds = Math.max(reachedSeconds, next.atSeconds);
                worstLagSeconds = Math.max(worstLagSeconds, dueSeconds - next.atSeconds);
                Runnable action = next.action;
                if (action != null) {
                    action.run();
                }
                if (nanoTime.getAsLong() > givenUpNanos) {
                    break;
                }
            }
        } finally {
            running = false;
            setAlarm();
        }
    }

    /** Nothing happens any more. */
    public void stop() {
        stopped = true;
        events.clear();
    }

    /** How late the latest event ran since the last call, emulated seconds: a measure of too little CPU. */
    public double takeWorstLagSeconds() {
        double worst = worstLagSeconds;
        worstLagSeconds = 0;
        return worst;
    }

    private double realSeconds() {
        return (nanoTime.getAsLong() - startNanos) / 1e9 * timeScale;
    }

    private void setAlarm() {
        Event next = events.peek();
        if (!stopped && next != null && next.atSeconds < alarmAtSeconds) {
            alarmAtSeconds = next.atSeconds;
            double aheadSeconds = (next.atSeconds - realSeconds()) / timeScale;
            double armedFor = alarmAtSeconds;
            alarm.in(aheadSeconds <= 0 ? 0 : (long) Math.ceil(aheadSeconds * 1000), () -> {
                if (armedFor <= alarmAtSeconds) {
                    alarmAtSeconds = Double.POSITIVE_INFINITY;
                }
                catchUp();
            });
        }
    }
}
