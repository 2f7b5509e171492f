package dev.scepsy.planner.cluster;

import io.fabric8.kubernetes.client.KubernetesClientException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Waits between looks at the cluster, outlasts short absences of the API server, and hears when it is asked to stop. */
final class Patience {

    /** 20 s at the default pace. */
    private static final int LOOKS_AT_IDENTITY = 40;

    private static final int UNAUTHORIZED = 401;
    private static final int FORBIDDEN = 403;
    private static final int TOO_MANY_REQUESTS = 429;
    private static final int SERVER_ERRORS = 500;

    private final Timing timing;
    private final InstantSource clock;
    private final CountDownLatch stop = new CountDownLatch(1);
    private volatile String stopReason = "";

    Patience(Timing timing, InstantSource clock) {
        this.timing = timing;
        this.clock = clock;
    }

    /** Asks whoever waits to stop at the next safe point; the first reason counts. */
    void askToStop(String reason) {
        if (stop.getCount() > 0) {
            stopReason = reason;
            stop.countDown();
        }
    }

    void checkStop() throws PushInterruptedException {
        if (stop.getCount() == 0) {
            throw new PushInterruptedException(stopReason);
        }
    }

    Instant in(Duration time) {
        return clock.instant().plus(time);
    }

    boolean passed(Instant deadline) {
        return clock.instant().isAfter(deadline);
    }

    double secondsSince(Instant start) {
        return Duration.between(start, clock.instant()).toMillis() / 1000.0;
    }

    void poll() throws PushInterruptedException {
        pause(timing.poll());
    }

    void pause(Duration time) throws PushInterruptedException {
        try {
            if (stop.await(time.toMillis(), TimeUnit.MILLISECONDS)) {
                throw new PushInterruptedException(stopReason);
            }
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new PushInterruptedException("The pushing thread was interrupted.");
        }
    }

    /**
     * Calls again while the API server is away or overloaded, and for a while where it does not accept who calls: a server
     * that has just started does not know its roles yet, and a token is renewed. Every call of a push may be repeated, and
     * others have succeeded before.
     */
    <T extends @Nullable Object> T call(Supplier<T> call) throws PushInterruptedException, PushFailedException {
        Instant deadline = in(timing.patience());
        Instant identity = in(timing.poll().multipliedBy(LOOKS_AT_IDENTITY));
        while (true) {
            try {
                return call.get();
            } catch (KubernetesClientException failure) {
                if (!mayPass(failure) && (!isIdentity(failure) || passed(identity))) {
                    throw new PushFailedException("The API server refused: " + KubernetesCluster.refusal(failure));
                }
                if (passed(deadline)) {
                    throw new PushInterruptedException("The API server has not answered for "
                            + timing.patience().toSeconds() + " s: " + KubernetesCluster.refusal(failure));
                }
                poll();
            }
        }
    }

    void run(Runnable call) throws PushInterruptedException, PushFailedException {
        this.<@Nullable Object>call(() -> {
            call.run();
            return null;
        });
    }

    /** Whether the server did not know, or not yet, who calls; a 403 of admission is about the object and stays. */
    private static boolean isIdentity(KubernetesClientException failure) {
        return failure.getCode() == UNAUTHORIZED
                || (failure.getCode() == FORBIDDEN
                        && KubernetesCluster.refusal(failure).contains(" cannot "));
    }

    private static boolean mayPass(KubernetesClientException failure) {
        return failure.getCode() <= 0 || failure.getCode() == TOO_MANY_REQUESTS || failure.getCode() >= SERVER_ERRORS;
    }
}
