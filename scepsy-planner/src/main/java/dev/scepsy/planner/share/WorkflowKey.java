package dev.scepsy.planner.share;

import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Which workflow an execution is a run of: programs may call different things the same. Immutable; ordered by name, then
 * service, none first.
 *
 * @param name the workflow's own name
 * @param service {@code service.name} of the program whose span is the root; null where it does not say
 */
public record WorkflowKey(String name, @Nullable String service) implements Comparable<WorkflowKey> {

    private static final Comparator<WorkflowKey> ORDER = Comparator.comparing(WorkflowKey::name)
            .thenComparing(WorkflowKey::service, Comparator.nullsFirst(Comparator.naturalOrder()));

    @Override
    public int compareTo(WorkflowKey other) {
        return ORDER.compare(this, other);
    }

    /** {@code name@service}; the name alone where there is no service. */
    public String qualified() {
        return service == null ? name : name + "@" + service;
    }

    /** How each is shown beside the others: by its name where it alone has it, else by {@link #qualified}. */
    public static Map<WorkflowKey, String> shown(Collection<WorkflowKey> keys) {
        Map<String, Integer> bearers = new HashMap<>();
        Map<WorkflowKey, String> shown = new TreeMap<>();
        for (WorkflowKey key : keys) {
            if (shown.put(key, key.name) == null) {
                bearers.merge(key.name, 1, Integer::sum);
            }
        }
        shown.replaceAll((key, name) -> bearers.getOrDefault(name, 1) > 1 ? key.qualified() : name);
        return shown;
    }
}
