package dev.scepsy.samples.cluster.control;

import dev.scepsy.samples.cluster.route.ConnectionProxy;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.IntConsumer;
import org.jspecify.annotations.Nullable;

/**
 * One port of a service. A change of its endpoints takes effect a moment after they are written, as it does where kube-proxy has to
 * write rules on every node: until then new connections still go to a pod that leaves.
 */
final class ServicePort {
    /** kube-proxy's {@code minSyncPeriod}, emulated seconds. */
    static final double SYNC_SECONDS = 1;

    private final KubeletContext context;
    private @Nullable ConnectionProxy proxy;
    private List<ConnectionProxy.Backend> wanted = List.of();
    private boolean syncing;
    private boolean closed;

    /** @param opened hears the loopback port once it is open */
    ServicePort(KubeletContext context, long seed, IntConsumer opened) {
        this.context = context;
        context.openProxy(new SplittableRandom(seed)).onSuccess(listening -> {
            if (closed) {
                listening.close();
                return;
            }
            proxy = listening;
            listening.route(wanted);
            opened.accept(listening.port());
        });
    }

    void route(List<ConnectionProxy.Backend> backends) {
        if (backends.equals(wanted)) {
            return;
        }
        wanted = List.copyOf(backends);
        if (!syncing) {
            syncing = true;
            context.clock().after(SYNC_SECONDS, this::sync);
        }
    }

    void close() {
        closed = true;
        ConnectionProxy listening = proxy;
        if (listening != null) {
            listening.close();
        }
    }

    private void sync() {
        syncing = false;
        ConnectionProxy listening = proxy;
        if (listening != null) {
            listening.route(wanted);
        }
    }
}
