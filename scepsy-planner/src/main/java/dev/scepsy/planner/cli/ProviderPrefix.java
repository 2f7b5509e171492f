package dev.scepsy.planner.cli;

import java.util.Optional;
import java.util.Set;

/**
 * Clients that speak to several providers (LiteLLM, and with it Google ADK and CrewAI) put the provider before the model's name;
 * names of organisations, as in {@code Qwen/Qwen3-32B}, belong to the name.
 */
final class ProviderPrefix {

    /** LiteLLM's names of providers that self-hosted engines are called by. */
    private static final Set<String> PROVIDERS = Set.of(
            "openai",
            "hosted_vllm",
            "vllm",
            "litellm_proxy",
            "text-completion-openai",
            "custom_openai",
            "openai_like",
            "ollama",
            "ollama_chat",
            "lm_studio",
            "llamafile",
            "xinference",
            "huggingface",
            "azure",
            "bedrock",
            "vertex_ai",
            "gemini",
            "anthropic",
            "openrouter",
            "together_ai");

    private ProviderPrefix() {}

    /** The name without its provider; empty where it has none. */
    static Optional<String> stripped(String model) {
        int slash = model.indexOf('/');
        return slash > 0 && slash < model.length() - 1 && PROVIDERS.contains(model.substring(0, slash))
                ? Optional.of(model.substring(slash + 1))
                : Optional.empty();
    }
}
