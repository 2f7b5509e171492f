package dev.scepsy.samples.demo;

import dev.scepsy.samples.demo.LoadGenerator.Arrivals;

/** Asks questions all day on a thread of its own, at a rate that may change. */
final class DayLoad implements AutoCloseable {

    private static final long SEQUENCE = 11;

    private final LoadGenerator generator;
    private final Thread thread = new Thread(this::ask, "day-load");
    private volatile double perSecond;
    private volatile boolean over;

    /** @param perSecond emulated rate */
    DayLoad(LoadGenerator generator, double perSecond) {
        this.generator = generator;
        this.perSecond = perSecond;
        thread.setDaemon(true);
        thread.start();
    }

    void setRate(double newPerSecond) {
        perSecond = newPerSecond;
    }

    private void ask() {
        int index = 0;
        while (!over) {
            double rate = perSecond;
            index += generator
                    .offer(Arrivals.POISSON, rate, SEQUENCE, index, offered -> over || perSecond != rate)
                    .size();
            index++; // The arrival that was not made has drawn its gap.
        }
    }

    /** No more questions; those asked are still to be answered. */
    @Override
    public void close() {
        over = true;
        try {
            thread.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
