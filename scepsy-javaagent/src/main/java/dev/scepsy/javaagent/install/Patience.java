package dev.scepsy.javaagent.install;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;

/** Waiting for one another without end could stop an application; so could losing that a thread was interrupted. */
final class Patience {

    private static final long SECONDS = 10;

    private Patience() {}

    /** Whether the lock is this thread's now; false where another has kept it for ten seconds. */
    static boolean locked(ReentrantLock lock) {
        boolean interrupted = false;
        try {
            while (true) {
                try {
                    return lock.tryLock(SECONDS, TimeUnit.SECONDS);
                } catch (InterruptedException later) {
                    interrupted = true;
                }
            }
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }
}
