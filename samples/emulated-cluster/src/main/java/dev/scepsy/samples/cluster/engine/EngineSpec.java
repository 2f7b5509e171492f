package dev.scepsy.samples.cluster.engine;

import dev.scepsy.planner.profile.EngineModel;
import java.net.URI;
import java.util.List;
import java.util.Optional;

/**
 * One engine as its pod asks for it. Immutable.
 *
 * @param pod name of its pod
 * @param servedNames model names it answers to; the first one is its own
 * @param maxModelLength longest request, prompt and answer together, tokens
 * @param gpus what it runs on, one per shard
 * @param abilities what it was started for
 * @param tracesEndpoint where it sends its spans; empty: nowhere
 */
public record EngineSpec(
        String pod,
        List<String> servedNames,
        EngineModel model,
        int maxModelLength,
        List<SharedGpu> gpus,
        Abilities abilities,
        Optional<URI> tracesEndpoint) {

    /** A generator without spans. */
    public EngineSpec(
            String pod, List<String> servedNames, EngineModel model, int maxModelLength, List<SharedGpu> gpus) {
        this(pod, servedNames, model, maxModelLength, gpus, Abilities.GENERATOR, Optional.empty());
    }

    public EngineSpec {
        servedNames = List.copyOf(servedNames);
        gpus = List.copyOf(gpus);
        if (servedNames.isEmpty()) {
            throw new IllegalArgumentException("The engine of pod (" + pod + ") must serve at least one name.");
        }
    }

    public String name() {
        return servedNames.get(0);
    }
}
