package dev.scepsy.planner.cluster;

import io.fabric8.kubernetes.api.model.coordination.v1.Lease;
import io.fabric8.kubernetes.api.model.coordination.v1.LeaseBuilder;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

/**
 * One push at a time: a lease that is created or taken over, renewed while the push runs, and deleted at its end. Two
 * pushers that try at once are told apart by the API server (create fails, or the resource version is old).
 */
final class PushLock implements AutoCloseable {

    static final String NAME = "scepsy-push";

    /**
     * Another's lock as it was last seen. One that stays as it is for as long as it lasts has no holder any more, whatever the two clocks say.
     * Thread-safe.
     */
    static final class Watched {
        private String version = "";
        private long sinceNanos;

        private synchronized boolean unchangedFor(String nowVersion, Duration lasts) {
            if (!nowVersion.equals(version)) {
                version = nowVersion;
                sinceNanos = System.nanoTime();
            }
            return System.nanoTime() - sinceNanos > lasts.toNanos();
        }
    }

    private final KubernetesCluster cluster;
    private final String holder;
    private final Duration lease;
    private final InstantSource clock;
    private final Runnable lost;
    private final ScheduledExecutorService renewal = Executors.newSingleThreadScheduledExecutor(work -> {
        Thread thread = new Thread(work, "scepsy-push-lock");
        thread.setDaemon(true);
        return thread;
    });

    private PushLock(KubernetesCluster cluster, String holder, Duration lease, InstantSource clock, Runnable lost) {
        this.cluster = cluster;
        this.holder = holder;
        this.lease = lease;
        this.clock = clock;
        this.lost = lost;
    }

    /**
     * Takes the lock.
     *
     * @param watched of all tries of this process
     * @param lost called when another pusher has taken it over
     * @throws Held if another push runs
     */
    static PushLock acquire(
            KubernetesCluster cluster,
            String holder,
            Duration lease,
            InstantSource clock,
            Watched watched,
            Runnable lost)
            throws Held {
        PushLock lock = new PushLock(cluster, holder, lease, clock, lost);
        Lease existing = lock.read();
        try {
            if (existing == null) {
                KubernetesCluster.asked(
                        () -> cluster.client().resource(lock.lease(null)).create());
            } else if (lock.expired(existing) || abandoned(existing, watched)) {
                KubernetesCluster.asked(() -> cluster.client()
                        .resource(lock.lease(
                                existing.getMetadata() == null
                                        ? null
                                        : existing.getMetadata().getResourceVersion()))
                        .update());
            } else {
                throw new Held(existing);
            }
        } catch (KubernetesClientException refused) {
            if (refused.getCode() != 409) {
                throw refused;
            }
            throw new Held(lock.read());
        }
        long period = Math.max(1, lease.toMillis() / 3);
        lock.renewal.scheduleWithFixedDelay(lock::renew, period, period, TimeUnit.MILLISECONDS);
        return lock;
    }

    private @org.jspecify.annotations.Nullable Lease read() {
        return cluster.found(
                        Lease.class,
                        "/apis/coordination.k8s.io/v1/namespaces/" + cluster.namespace() + "/leases/" + NAME)
                .orElse(null);
    }

    private boolean expired(Lease found) {
        if (found.getSpec() == null) {
            return true; // nobody holds it
        }
        ZonedDateTime renewed = found.getSpec().getRenewTime();
        Integer seconds = found.getSpec().getLeaseDurationSeconds();
        return renewed == null
                || seconds == null
                || renewed.toInstant().plusSeconds(seconds).isBefore(clock.instant());
    }

    private static boolean abandoned(Lease found, Watched watched) {
        String version = found.getMetadata().getResourceVersion();
        Integer seconds = found.getSpec().getLeaseDurationSeconds();
        return version != null && seconds != null && watched.unchangedFor(version, Duration.ofSeconds(seconds));
    }

    private Lease lease(@org.jspecify.annotations.Nullable String resourceVersion) {
        Instant now = clock.instant();
        return new LeaseBuilder()
                .withNewMetadata()
                .withName(NAME)
                .withNamespace(cluster.namespace())
                .withResourceVersion(resourceVersion)
                .addToLabels(Names.MANAGED_BY, Names.FIELD_MANAGER)
                .endMetadata()
                .withNewSpec()
                .withHolderIdentity(holder)
                .withLeaseDurationSeconds((int) Math.max(1, lease.toSeconds()))
                .withAcquireTime(now.atZone(ZoneOffset.UTC))
                .withRenewTime(now.atZone(ZoneOffset.UTC))
                .endSpec()
                .build();
    }

    private boolean isMine(Lease found) {
        return found.getSpec() != null && holder.equals(found.getSpec().getHolderIdentity());
    }

    private void renew() {
        try {
            Lease found = read();
            if (found == null || !isMine(found)) {
                lost.run();
                return;
            }
            found.getSpec().setRenewTime(clock.instant().atZone(ZoneOffset.UTC));
            KubernetesCluster.asked(() -> cluster.client().resource(found).update());
        } catch (KubernetesClientException unreachable) {
            if (unreachable.getCode() == 409) {
                lost.run();
            }
            // otherwise the next turn tries again; the push itself notices an API server that stays away
        }
    }

    @Override
    public void close() {
        renewal.shutdownNow();
        try {
            Lease found = read();
            if (found != null && isMine(found)) {
                KubernetesCluster.asked(() -> cluster.client()
                        .leases()
                        .inNamespace(cluster.namespace())
                        .withName(NAME)
                        .delete());
            }
        } catch (KubernetesClientException unreachable) {
            // it expires by itself
        }
    }

    /** Another push holds the lock. */
    static final class Held extends Exception {
        private static final long serialVersionUID = 1;

        private final String hint;

        Held(@org.jspecify.annotations.Nullable Lease lease) {
            super(
                    lease == null || lease.getSpec() == null
                            ? "Another push has just begun."
                            : "Another push is running: (" + lease.getSpec().getHolderIdentity() + ") since "
                                    + lease.getSpec().getAcquireTime() + ".");
            Integer seconds = lease == null || lease.getSpec() == null
                    ? null
                    : lease.getSpec().getLeaseDurationSeconds();
            this.hint = "Wait until it ends; if it died, its lock ends "
                    + (seconds == null ? "by itself." : "by itself " + seconds + " s after it was last renewed.");
        }

        /** What its holder's lock allows, not ours. */
        String hint() {
            return hint;
        }
    }
}
