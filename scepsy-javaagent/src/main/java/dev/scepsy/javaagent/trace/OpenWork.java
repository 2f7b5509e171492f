package dev.scepsy.javaagent.trace;

import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Work that goes on after its method has returned and whose end may never be told: streams, and results nobody uses. What
 * stays silent for longer than the limit ends. Bounded by the limit; thread-safe.
 */
public final class OpenWork {

    /** One piece of it. */
    public interface Piece {

        /** {@link System#nanoTime} of its last sign of life. */
        long heardAtNanos();

        /**
         * Ends it: nothing was heard for too long.
         *
         * @param atExit it may have been about to go on, but the JVM is about to exit
         */
        void giveUp(boolean atExit);
    }

    private final Set<Piece> open = ConcurrentHashMap.newKeySet();
    private final long limitNanos;

    OpenWork(long limitNanos) {
        this.limitNanos = limitNanos;
    }

    public void add(Piece piece) {
        open.add(piece);
    }

    public void remove(Piece piece) {
        open.remove(piece);
    }

    /** How many are open. */
    public int size() {
        return open.size();
    }

    /** Gives up what has been silent for longer than the limit, or all. */
    void sweep(boolean all) {
        long now = System.nanoTime();
        for (Piece piece : open) {
            if ((all || now - piece.heardAtNanos() > limitNanos) && open.remove(piece)) {
                piece.giveUp(all);
            }
        }
    }
}
