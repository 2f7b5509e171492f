package dev.scepsy.planner.cluster;

import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** Programs that serve models, each with its own arguments. */
enum EngineKind {
    /** vLLM; the image is the release current in November 2026, of which {@code vllm serve}'s parser was read. */
    VLLM(List.of("vllm", "serve"), Optional.of(ServingOptions.DEFAULT_IMAGE)),
    SGLANG(List.of("python3", "-m", "sglang.launch_server"), Optional.of("lmsysorg/sglang:v0.5.18")),
    /** NVIDIA publishes release candidates and releases under one name: which one is meant has to be said. */
    TRTLLM(List.of("trtllm-serve", "serve"), Optional.empty());

    private final List<String> command;
    private final Optional<String> image;

    EngineKind(List<String> command, Optional<String> image) {
        this.command = command;
        this.image = image;
    }

    /** The kind that {@code models.yaml} calls {@code engine}; unknown words are vLLM. */
    static EngineKind of(String engine) {
        for (EngineKind kind : values()) {
            if (kind.key().equals(engine)) {
                return kind;
            }
        }
        return VLLM;
    }

    String key() {
        return name().toLowerCase(Locale.ROOT);
    }

    List<String> command() {
        return command;
    }

    /** The image where nobody names one. */
    Optional<String> image() {
        return image;
    }
}
