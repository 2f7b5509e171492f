package dev.scepsy.planner.router;

import java.util.Arrays;
import java.util.Optional;

/** What balances requests over the engines of a model. */
public enum RouterKind {
    /** HAProxy before the engines: the fewest requests in flight. */
    HAPROXY("haproxy"),
    /** Envoy before the engines: the fewest requests in flight. */
    ENVOY("envoy"),
    /** The router of the vLLM production stack: in turns. */
    VLLM_ROUTER("vllm-router"),
    /** Objects of the Gateway API Inference Extension, for a gateway that is there already. */
    INFERENCE_EXTENSION("inference-extension"),
    /** Nothing: each connection goes to the engine that Kubernetes' Service happens to choose. */
    NONE("none");

    private final String key;

    RouterKind(String key) {
        this.key = key;
    }

    /** As {@code models.yaml} has it. */
    public String key() {
        return key;
    }

    /** Whether pods of it stand before the engines, and the models' Services lead to them. */
    public boolean hasPods() {
        return this == HAPROXY || this == ENVOY || this == VLLM_ROUTER;
    }

    /** The kind of that key; empty where there is none. */
    public static Optional<RouterKind> of(String key) {
        return Arrays.stream(values()).filter(kind -> kind.key.equals(key)).findFirst();
    }
}
