package dev.scepsy.planner.otlp;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;

/**
 * The body of an answer with limits: it ends with an error when nothing comes for a while, or when the whole takes too long. A
 * daemon thread watches. Used by one reader.
 */
final class StallGuard extends FilterInputStream {

    private final String who;
    private final Duration silence;
    private final Duration whole;
    private final long beganNanos = System.nanoTime();
    private final Thread watcher = new Thread(this::watch, "scepsy-stall-guard");
    private volatile long lastNanos = beganNanos;
    private volatile boolean closed;
    private volatile String trouble = "";

    /**
     * Watches a body.
     *
     * @param who as messages name the other side
     * @param silence longest time without a byte
     * @param whole longest time for all of it
     */
    StallGuard(InputStream body, String who, Duration silence, Duration whole) {
        super(body);
        this.who = who;
        this.silence = silence;
        this.whole = whole;
        watcher.setDaemon(true);
        watcher.start();
    }

    private void watch() {
        try {
            while (!closed) {
                long now = System.nanoTime();
                long left = Math.min(silence.toNanos() - (now - lastNanos), whole.toNanos() - (now - beganNanos));
                if (left <= 0) {
                    trouble = now - beganNanos >= whole.toNanos()
                            ? who + " took longer than " + whole.toSeconds() + " s to send its answer."
                            : who + " stopped in the middle of its answer for " + silence.toSeconds() + " s.";
                    // the reader waits inside the body; closing wakes it
                    super.close();
                    return;
                }
                Thread.sleep(left / 1_000_000 + 1);
            }
        } catch (InterruptedException done) {
            // closed
        } catch (IOException e) {
            // the reader is told why all the same
        }
    }

    @Override
    public int read() throws IOException {
        byte[] one = new byte[1];
        int count = read(one, 0, 1);
        return count < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] buffer, int offset, int length) throws IOException {
        try {
            int count = super.read(buffer, offset, length);
            lastNanos = System.nanoTime();
            if (!trouble.isEmpty()) {
                throw new IOException(trouble);
            }
            return count;
        } catch (IOException e) {
            throw trouble.isEmpty() ? e : new IOException(trouble);
        }
    }

    @Override
    public void close() throws IOException {
        closed = true;
        watcher.interrupt();
        super.close();
    }
}
