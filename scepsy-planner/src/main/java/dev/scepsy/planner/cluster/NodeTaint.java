package dev.scepsy.planner.cluster;

import io.fabric8.kubernetes.api.model.Toleration;
import java.util.List;
import java.util.Set;

/**
 * A taint that keeps pods without a toleration from a node. Immutable.
 *
 * @param value empty: it has none
 * @param effect {@code NoSchedule} or {@code NoExecute}
 */
public record NodeTaint(String key, String value, String effect) {

    /** What Kubernetes itself says of nodes; told in words of its own. */
    static final Set<String> CONDITIONS = Set.of(
            "node.kubernetes.io/not-ready", "node.kubernetes.io/unreachable", "node.kubernetes.io/unschedulable");

    @Override
    public String toString() {
        return key + (value.isEmpty() ? "" : "=" + value) + ":" + effect;
    }

    /** The toleration that passes it, as YAML. */
    public String toleration() {
        return "{key: " + key
                + (value.isEmpty() ? ", operator: Exists" : ", operator: Equal, value: \"" + value + "\"")
                + ", effect: " + effect + "}";
    }

    /** Whether it is the usual taint of GPU nodes, whose toleration an admission plugin may add to whoever asks for GPUs. */
    boolean isOfGpus() {
        return key.equals("nvidia.com/gpu");
    }

    String sentence() {
        return "it is tainted " + this + "; a pod with the toleration " + toleration() + " may use it";
    }

    /** Whether one of {@code tolerations} passes it, by the scheduler's rules. */
    boolean toleratedBy(List<Toleration> tolerations) {
        return tolerations.stream().anyMatch(this::toleratedBy);
    }

    private boolean toleratedBy(Toleration toleration) {
        boolean exists = "Exists".equals(toleration.getOperator());
        String wanted = toleration.getKey() == null ? "" : toleration.getKey();
        boolean effects = toleration.getEffect() == null
                || toleration.getEffect().isEmpty()
                || toleration.getEffect().equals(effect);
        String written = toleration.getValue() == null ? "" : toleration.getValue();
        return effects && (wanted.equals(key) || (wanted.isEmpty() && exists)) && (exists || written.equals(value));
    }
}
