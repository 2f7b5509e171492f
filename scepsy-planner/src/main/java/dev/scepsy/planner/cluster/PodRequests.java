package dev.scepsy.planner.cluster;

import dev.scepsy.planner.topology.HostNeed;
import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.PodSpec;
import io.fabric8.kubernetes.api.model.Quantity;
import java.math.BigDecimal;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The processors and the memory that the scheduler sets aside for a pod: what its containers and sidecars request together, or
 * the largest of its init containers where that is more, and the overhead of its runtime class.
 */
final class PodRequests {

    private static final BigDecimal BYTES_PER_GIB = BigDecimal.valueOf(1L << 30);
    private static final String SIDECAR = "Always";

    private PodRequests() {}

    static HostNeed of(@Nullable PodSpec pod) {
        return pod == null ? HostNeed.NONE : new HostNeed(sum(pod, "cpu").doubleValue(), gib(sum(pod, "memory")));
    }

    /** A quantity of bytes in GiB. */
    static double gib(BigDecimal bytes) {
        return bytes.doubleValue() / BYTES_PER_GIB.doubleValue();
    }

    /** A quantity in cores or bytes; 0 where it is missing or none. */
    static BigDecimal amount(@Nullable Quantity quantity) {
        try {
            return quantity == null
                    ? BigDecimal.ZERO
                    : quantity.getNumericalAmount().max(BigDecimal.ZERO);
        } catch (ArithmeticException | IllegalArgumentException noAmount) {
            return BigDecimal.ZERO;
        }
    }

    private static BigDecimal sum(PodSpec pod, String resource) {
        BigDecimal together = BigDecimal.ZERO;
        BigDecimal largest = BigDecimal.ZERO;
        for (Container container : listed(pod.getContainers())) {
            together = together.add(requested(container, resource));
        }
        BigDecimal sidecars = BigDecimal.ZERO;
        for (Container container : listed(pod.getInitContainers())) {
            BigDecimal own = requested(container, resource);
            if (SIDECAR.equals(container.getRestartPolicy())) {
                sidecars = sidecars.add(own);
            } else {
                largest = largest.max(sidecars.add(own));
            }
        }
        Map<String, Quantity> overhead = pod.getOverhead();
        return together.add(sidecars).max(largest).add(amount(overhead == null ? null : overhead.get(resource)));
    }

    private static List<Container> listed(@Nullable List<Container> containers) {
        return containers == null ? List.of() : containers;
    }

    /** A limit without a request is a request of as much. */
    private static BigDecimal requested(Container container, String resource) {
        if (container.getResources() == null) {
            return BigDecimal.ZERO;
        }
        Map<String, Quantity> requests = container.getResources().getRequests();
        Map<String, Quantity> limits = container.getResources().getLimits();
        Quantity request = requests == null ? null : requests.get(resource);
        return amount(request != null || limits == null ? request : limits.get(resource));
    }
}
