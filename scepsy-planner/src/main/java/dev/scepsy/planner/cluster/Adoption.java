package dev.scepsy.planner.cluster;

import dev.scepsy.planner.transition.Engine;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;

/**
 * What becomes of running engines that another version of this client named: an engine whose pod is, byte for byte, what would be
 * rendered for a wanted one is that one, whatever digest it was named by. So a new rule for digests restarts nothing.
 */
final class Adoption {

    /** What versions that knew one number for all engines let the kubelet wait, s. */
    private static final int FORMER_LOAD_SECONDS = 900;

    private static final int MOST_NAMED = 5;

    private Adoption() {}

    /** {@code target} with the running engines in place of those that they already are. */
    static Intent adopted(Intent target, LiveEngines live) {
        Map<Engine, Engine> same = new HashMap<>();
        for (Engine wanted : target.engines()) {
            if (!same.containsKey(wanted) && live.group(wanted).isEmpty()) {
                live.groups().stream()
                        .filter(group -> isAtPlaceOf(group.engine(), wanted)
                                && !target.engines().contains(group.engine())
                                && !same.containsValue(group.engine())
                                && isAsRendered(target, wanted, group))
                        .findFirst()
                        .ifPresent(group -> same.put(wanted, group.engine()));
            }
        }
        if (same.isEmpty()) {
            return target;
        }
        List<EngineSpec> specs = new ArrayList<>(target.specs());
        same.forEach((wanted, running) -> target.spec(wanted)
                .map(spec -> spec.withShape(running.shape()))
                .filter(spec -> !specs.contains(spec))
                .ifPresent(specs::add));
        return target.with(
                specs,
                target.engines().stream()
                        .map(engine -> same.getOrDefault(engine, engine))
                        .toList());
    }

    private static boolean isAtPlaceOf(Engine running, Engine wanted) {
        return running.model().equals(wanted.model())
                && running.node().equals(wanted.node())
                && running.gpus().equals(wanted.gpus())
                && running.shape().gpuFraction().equals(wanted.shape().gpuFraction())
                && running.shape().tensorParallel() == wanted.shape().tensorParallel()
                && running.shape().memoryGiBPerGpu() == wanted.shape().memoryGiBPerGpu();
    }

    private static boolean isAsRendered(Intent target, Engine wanted, LiveEngines.Group running) {
        Optional<EngineSpec> spec = target.spec(wanted)
                .map(found -> found.withShape(running.engine().shape()));
        if (spec.isEmpty()) {
            return false;
        }
        Intent renamed = target.with(List.of(spec.get()), List.of(running.engine()));
        ServingOptions options = target.options();
        if (running.template().equals(template(renamed, running.engine()))) {
            return true;
        }
        Intent former = renamed.withOptions(options.withDeadlines(FORMER_LOAD_SECONDS, options.drainSeconds()));
        return options.loadSeconds() == 0 && running.template().equals(template(former, running.engine()));
    }

    private static String template(Intent intent, Engine engine) {
        return Manifests.of(intent)
                .deployment(engine, 1)
                .getMetadata()
                .getAnnotations()
                .getOrDefault(Names.TEMPLATE, "");
    }

    /** Whether the pods of {@code group} are others than {@code intent} would start. */
    static boolean differs(Intent intent, LiveEngines.Group group) {
        return intent.knows(group.engine()) && !group.template().equals(template(intent, group.engine()));
    }

    /** Engines of {@code target} that keep pods of other settings, in a sentence; empty where there are none. */
    static Optional<String> olderPods(Intent target, LiveEngines live) {
        TreeSet<String> names = new TreeSet<>();
        live.groups().stream()
                .filter(group -> target.engines().contains(group.engine()) && differs(target, group))
                .forEach(group -> names.add(group.engine().toString()));
        return names.isEmpty()
                ? Optional.empty()
                : Optional.of(
                        "Engines keep the pods that they were started with, which would be written differently now ("
                                + String.join(
                                        "; ", names.stream().limit(MOST_NAMED).toList())
                                + (names.size() > MOST_NAMED ? "; " + (names.size() - MOST_NAMED) + " more" : "")
                                + "): what differs reaches them at their next start.");
    }
}
