package dev.scepsy.javaagent.app;

import java.util.concurrent.LinkedBlockingQueue;

/** A thread that somebody else started long ago, and that takes work from a queue: nothing is handed over to it. */
final class Foreign {

    private interface Work {
        void doIt();
    }

    private static final LinkedBlockingQueue<Work> QUEUE = new LinkedBlockingQueue<>();

    static {
        Thread thread = new Thread("foreign") {
            @Override
            public void run() {
                try {
                    while (true) {
                        QUEUE.take().doIt();
                    }
                } catch (InterruptedException end) {
                    Thread.currentThread().interrupt();
                }
            }
        };
        thread.setDaemon(true);
        thread.start();
    }

    private Foreign() {}

    static void later(Runnable work) {
        QUEUE.add(work::run);
    }
}
