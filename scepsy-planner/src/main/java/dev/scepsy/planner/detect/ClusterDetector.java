package dev.scepsy.planner.detect;

import dev.scepsy.planner.detect.Change.Difference;
import dev.scepsy.planner.topology.Node;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Notices that the hardware or the engines are not those a plan stands on. A difference is told when {@value #LOOKS} looks in a row show it, engines
 * that are not ready after {@value #LOOKS_READY}; one that went away again within the last hour must stay as many times longer as it did so, {@value #MOST_TIMES} times at most. It is told
 * once; again only after {@value #LOOKS} looks without it. Engines of a node that is gone are not told one by one.
 *
 * <p>Its knowledge is of minutes: after a restart it is learned anew. Not thread-safe; reads no clock.
 */
public final class ClusterDetector {

    static final int LOOKS = 3;
    static final int LOOKS_READY = 12;
    static final int MOST_TIMES = 8;

    private static final long HOUR_NANOS = 3_600_000_000_000L;

    private ClusterLook planned;
    private final Map<String, Seen> seen = new TreeMap<>();

    /** A difference and how long it has been seen. */
    private static final class Seen {
        int looks;
        int without;
        long since;
        boolean told;
        final List<Long> wentAway = new ArrayList<>();
    }

    /** One difference of one look. */
    private record Found(
            Difference difference,
            String subject,
            @Nullable String model,
            String sentence,
            Map<String, Double> evidence) {
        String key() {
            return difference + "/" + subject;
        }
    }

    /** For the plan that stands on {@code planned}. */
    public ClusterDetector(ClusterLook planned) {
        this.planned = planned;
    }

    /** Another plan serves now. How often nodes come and go is remembered. */
    public void planned(ClusterLook newPlanned) {
        planned = newPlanned;
        seen.values().forEach(each -> {
            each.looks = 0;
            each.told = false;
        });
    }

    /** Takes a look at what is there; the differences that have lasted long enough now. */
    public List<Change.Cluster> take(long epochNanos, ClusterLook now) {
        Map<String, Found> found = new TreeMap<>();
        for (Found each : differences(now)) {
            found.put(each.key(), each);
        }
        forget(epochNanos, found);
        List<Change.Cluster> changes = new ArrayList<>();
        found.forEach((key, each) -> {
            Seen known = seen.computeIfAbsent(key, any -> new Seen());
            if (known.looks == 0) {
                known.since = epochNanos;
            }
            known.looks++;
            known.without = 0;
            int base = each.difference() == Difference.ENGINE_NOT_READY ? LOOKS_READY : LOOKS;
            int times = Math.min(MOST_TIMES, 1 + known.wentAway.size());
            if (!known.told && known.looks >= base * times) {
                known.told = true;
                Map<String, Double> evidence = new HashMap<>(each.evidence());
                evidence.put("looks", (double) known.looks);
                evidence.put("wentAwayInLastHour", (double) known.wentAway.size());
                changes.add(new Change.Cluster(
                        each.difference(),
                        each.subject(),
                        each.model(),
                        Epoch.instant(known.since),
                        each.sentence(),
                        evidence));
            }
        });
        return changes;
    }

    private void forget(long epochNanos, Map<String, Found> found) {
        for (Iterator<Map.Entry<String, Seen>> all = seen.entrySet().iterator(); all.hasNext(); ) {
            var each = all.next();
            Seen known = each.getValue();
            known.wentAway.removeIf(at -> epochNanos - at > HOUR_NANOS);
            if (found.containsKey(each.getKey())) {
                continue;
            }
            if (known.looks > 0) {
                known.wentAway.add(epochNanos);
                known.looks = 0;
            }
            known.without++;
            if (known.without >= LOOKS) {
                known.told = false;
                if (known.wentAway.isEmpty()) {
                    all.remove();
                }
            }
        }
    }

    private List<Found> differences(ClusterLook now) {
        List<Found> found = new ArrayList<>();
        Map<String, Node> before = nodes(planned);
        Map<String, Node> after = nodes(now);
        before.forEach((name, was) -> {
            Node is = after.get(name);
            if (is == null) {
                found.add(node(Difference.NODE_GONE, name, "Node " + name + " is gone.", was.gpus(), 0));
                return;
            }
            int had = usable(was);
            int has = usable(is);
            if (!was.gpu().name().equals(is.gpu().name())) {
                found.add(node(
                        Difference.OTHER_GPUS,
                        name,
                        "Node " + name + " has GPUs of type " + is.gpu().name() + ", not "
                                + was.gpu().name() + ".",
                        had,
                        has));
            } else if (has != had) {
                found.add(node(
                        has < had ? Difference.FEWER_GPUS : Difference.MORE_GPUS,
                        name,
                        "Node " + name + " has " + has + " usable GPUs, not " + had + ".",
                        had,
                        has));
            }
            if (now.cordoned().contains(name) != planned.cordoned().contains(name)) {
                boolean closed = now.cordoned().contains(name);
                found.add(node(
                        closed ? Difference.NODE_CORDONED : Difference.NODE_USABLE_AGAIN,
                        name,
                        "Node " + name + (closed ? " is cordoned." : " is not cordoned any more."),
                        had,
                        has));
            }
        });
        after.forEach((name, is) -> {
            if (!before.containsKey(name)) {
                found.add(node(
                        Difference.NODE_NEW,
                        name,
                        "Node " + name + " is new, with " + is.gpus() + " GPUs of type "
                                + is.gpu().name() + ".",
                        0,
                        usable(is)));
            }
        });
        engines(now, after, found);
        return found;
    }

    private void engines(ClusterLook now, Map<String, Node> nodes, List<Found> found) {
        Map<String, ClusterLook.Engine> before = byId(planned);
        Map<String, ClusterLook.Engine> after = byId(now);
        before.forEach((id, was) -> {
            ClusterLook.Engine is = after.get(id);
            if (is == null && nodes.containsKey(was.node())) {
                found.add(engine(Difference.ENGINE_GONE, was, "is gone"));
            } else if (is != null && !is.ready() && nodes.containsKey(was.node())) {
                found.add(engine(Difference.ENGINE_NOT_READY, was, "is not ready"));
            }
        });
        after.forEach((id, is) -> {
            if (!before.containsKey(id)) {
                found.add(engine(Difference.ENGINE_NEW, is, "is not of the plan"));
            }
        });
    }

    private static Found node(Difference difference, String name, String sentence, double before, double after) {
        return new Found(difference, name, null, sentence, Map.of("gpusBefore", before, "gpusAfter", after));
    }

    private static Found engine(Difference difference, ClusterLook.Engine engine, String what) {
        return new Found(
                difference,
                engine.id(),
                engine.model(),
                "Engine " + engine.id() + " of " + engine.model() + " on node " + engine.node() + " " + what + ".",
                Map.of());
    }

    private static int usable(Node node) {
        int usable = 0;
        for (int domain = 0; domain < node.domains(); domain++) {
            usable += node.usableGpus(domain);
        }
        return usable;
    }

    private static Map<String, Node> nodes(ClusterLook look) {
        return look.cluster().nodes().stream()
                .collect(Collectors.toMap(Node::name, Function.identity(), (one, other) -> one, TreeMap::new));
    }

    private static Map<String, ClusterLook.Engine> byId(ClusterLook look) {
        return look.engines().stream()
                .collect(Collectors.toMap(
                        ClusterLook.Engine::id, Function.identity(), (one, other) -> one, TreeMap::new));
    }

    /** Whether something is told and has not gone away. */
    public Optional<String> standing() {
        List<String> told = seen.entrySet().stream()
                .filter(each -> each.getValue().told)
                .map(Map.Entry::getKey)
                .toList();
        return told.isEmpty() ? Optional.empty() : Optional.of(String.join(", ", told));
    }
}
