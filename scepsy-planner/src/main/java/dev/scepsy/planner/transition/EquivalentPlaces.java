package dev.scepsy.planner.transition;

import dev.scepsy.planner.topology.Cluster;
import dev.scepsy.planner.topology.Node;
import dev.scepsy.planner.topology.Rack;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;

/**
 * Renames places of a target so that more engines stay where they are: nodes of one rack that are alike, fast domains of
 * one size, and GPUs of one domain are exchanged, which changes nothing that a plan promises. Exchanges are taken greedily
 * while they keep more engines, so the result never moves more than the target as written.
 */
public final class EquivalentPlaces {

    private EquivalentPlaces() {}

    /** {@code target}, or an equivalent of it that shares more engines with what serves now. */
    public static List<Engine> closest(List<Engine> target, List<RunningEngine> running, Cluster cluster) {
        List<Engine> serving = running.stream()
                .filter(RunningEngine::ready)
                .map(RunningEngine::engine)
                .toList();
        List<Engine> moved = exchangeNodes(target, serving, cluster);
        for (Node node : cluster.nodes()) {
            moved = exchangeGpus(moved, serving, node);
        }
        return common(moved, serving) > common(target, serving) ? moved : target;
    }

    private static List<Engine> exchangeNodes(List<Engine> target, List<Engine> serving, Cluster cluster) {
        List<Engine> best = target;
        for (Rack rack : cluster.racks()) {
            for (Node first : rack.nodes()) {
                for (Node second : rack.nodes()) {
                    if (first.name().compareTo(second.name()) < 0 && alike(first, second)) {
                        List<Engine> here = at(best, first, second);
                        List<Engine> exchanged = here.stream()
                                .map(engine -> onNode(
                                        engine, engine.node().equals(first.name()) ? second.name() : first.name()))
                                .toList();
                        List<Engine> now = at(serving, first, second);
                        if (keptOnNodes(exchanged, now) > keptOnNodes(here, now)) {
                            List<Engine> next = new ArrayList<>(best);
                            here.forEach(next::remove);
                            next.addAll(exchanged);
                            best = next;
                        }
                    }
                }
            }
        }
        return best;
    }

    private static boolean alike(Node first, Node second) {
        return first.gpu().equals(second.gpu())
                && first.gpus() == second.gpus()
                && first.domainSize() == second.domainSize()
                && first.sharing().equals(second.sharing())
                && first.occupied().equals(second.occupied())
                && first.host().equals(second.host());
    }

    private static List<Engine> at(List<Engine> engines, Node first, Node second) {
        return engines.stream()
                .filter(engine ->
                        engine.node().equals(first.name()) || engine.node().equals(second.name()))
                .toList();
    }

    private static Engine onNode(Engine engine, String node) {
        return new Engine(engine.model(), engine.shape(), node, engine.gpus());
    }

    /** Exchanges whole domains, then single GPUs within a domain, while that keeps more engines on {@code node}. */
    private static List<Engine> exchangeGpus(List<Engine> target, List<Engine> serving, Node node) {
        List<Engine> best = at(target, node, node);
        List<Engine> now = at(serving, node, node);
        // where others hold GPUs, one is not as good as another
        boolean better = !now.isEmpty()
                && !best.isEmpty()
                && !Engine.gpusArePicked(node)
                && node.occupied().isEmpty();
        while (better) {
            better = false;
            for (UnaryOperator<Integer> exchange : exchanges(node)) {
                List<Engine> exchanged =
                        best.stream().map(engine -> onGpus(engine, exchange)).toList();
                if (common(exchanged, now) > common(best, now)) {
                    best = exchanged;
                    better = true;
                }
            }
        }
        List<Engine> result = new ArrayList<>(target);
        at(target, node, node).forEach(result::remove);
        result.addAll(best);
        result.sort(Engine.ORDER);
        return result;
    }

    private static List<UnaryOperator<Integer>> exchanges(Node node) {
        List<UnaryOperator<Integer>> exchanges = new ArrayList<>();
        for (int first = 0; first < node.domains(); first++) {
            for (int second = first + 1; second < node.domains(); second++) {
                if (node.domainGpus(first) == node.domainGpus(second)) {
                    exchanges.add(
                            blocks(first * node.domainSize(), second * node.domainSize(), node.domainGpus(first)));
                }
            }
        }
        for (int domain = 0; domain < node.domains(); domain++) {
            int start = domain * node.domainSize();
            int end = start + node.domainGpus(domain);
            for (int first = start; first < end; first++) {
                for (int second = first + 1; second < end; second++) {
                    exchanges.add(blocks(first, second, 1));
                }
            }
        }
        return exchanges;
    }

    /** Exchanges two blocks of {@code size} GPUs that do not overlap. */
    private static UnaryOperator<Integer> blocks(int first, int second, int size) {
        return gpu -> {
            if (gpu >= first && gpu < first + size) {
                return gpu - first + second;
            }
            return gpu >= second && gpu < second + size ? gpu - second + first : gpu;
        };
    }

    private static Engine onGpus(Engine engine, UnaryOperator<Integer> exchange) {
        return new Engine(
                engine.model(),
                engine.shape(),
                engine.node(),
                engine.gpus().stream().map(exchange).sorted().toList());
    }

    /** Engines that both have node by node, whatever their GPUs: those are exchanged afterwards. */
    private static int keptOnNodes(List<Engine> target, List<Engine> serving) {
        return common(withoutGpus(target), withoutGpus(serving));
    }

    private static List<Engine> withoutGpus(List<Engine> engines) {
        return engines.stream()
                .map(engine -> new Engine(engine.model(), engine.shape(), engine.node(), List.of()))
                .toList();
    }

    /** Engines that both have, place by place. */
    private static int common(List<Engine> first, List<Engine> second) {
        Map<Engine, Integer> left = new HashMap<>();
        second.forEach(engine -> left.merge(engine, 1, Integer::sum));
        int common = 0;
        for (Engine engine : first) {
            int copies = left.getOrDefault(engine, 0);
            if (copies > 0) {
                left.put(engine, copies - 1);
                common++;
            }
        }
        return common;
    }
}
