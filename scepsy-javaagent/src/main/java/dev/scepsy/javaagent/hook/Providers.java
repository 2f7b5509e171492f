package dev.scepsy.javaagent.hook;

import dev.langchain4j.model.ModelProvider;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * {@code gen_ai.provider.name}: one name for one provider, whichever of its models is asked. The conventions' well-known
 * values, else the provider's package; a class of the application names itself.
 */
final class Providers {

    /**
     * LangChain4j's constants and packages to the conventions' values; by name, since newer versions have more. What is not
     * here is called what LangChain4j calls it.
     */
    private static final Map<String, String> WELL_KNOWN = Map.ofEntries(
            Map.entry("AMAZON_BEDROCK", "aws.bedrock"),
            Map.entry("bedrock", "aws.bedrock"),
            Map.entry("AZURE_OPEN_AI", "azure.ai.openai"),
            Map.entry("azure", "azure.ai.openai"),
            Map.entry("MICROSOFT_FOUNDRY", "azure.ai.inference"),
            Map.entry("foundry", "azure.ai.inference"),
            Map.entry("GOOGLE_AI_GEMINI", "gcp.gemini"),
            Map.entry("googleai", "gcp.gemini"),
            Map.entry("GOOGLE_GENAI", "gcp.gen_ai"),
            Map.entry("google", "gcp.gen_ai"),
            Map.entry("GOOGLE_VERTEX_AI_GEMINI", "gcp.vertex_ai"),
            Map.entry("GOOGLE_VERTEX_AI_ANTHROPIC", "gcp.vertex_ai"),
            Map.entry("vertexai", "gcp.vertex_ai"),
            Map.entry("mistralai", "mistral_ai"),
            Map.entry("OPEN_AI", "openai"),
            Map.entry("openaiofficial", "openai"),
            Map.entry("WATSONX", "ibm.watsonx.ai"),
            Map.entry("watsonx", "ibm.watsonx.ai"),
            Map.entry("github", "github_models"),
            Map.entry("voyageai", "voyage_ai"));

    /** Packages below {@code model} that are a kind of model, not a provider: their classes may be anybody's. */
    private static final Set<String> KINDS = Set.of(
            "audio",
            "batch",
            "catalog",
            "chat",
            "decision",
            "discovery",
            "embedding",
            "image",
            "input",
            "language",
            "moderation",
            "output",
            "realtime",
            "scoring");

    private static final String[] MODELS = {"dev.langchain4j.model.", "dev.langchain4j.community.model."};

    /** Of a class; empty for none. */
    private static final ClassValue<String> OF_CLASS = new ClassValue<>() {
        @Override
        protected String computeValue(Class<?> model) {
            return read(model);
        }
    };

    private Providers() {}

    /** What the model says, else what its class does; null where neither tells. */
    static @Nullable String nameOf(@Nullable ModelProvider provider, Object model) {
        if (provider != null && !provider.name().equals("OTHER")) {
            return WELL_KNOWN.getOrDefault(provider.name(), provider.name().toLowerCase(Locale.ROOT));
        }
        return ofClass(model.getClass());
    }

    /** What can be told from a model's class; null for nothing. */
    static @Nullable String ofClass(Class<?> model) {
        String name = OF_CLASS.get(model);
        return name.isEmpty() ? null : name;
    }

    /** The same for a model whose type may have no way to say it. */
    static @Nullable String nameOf(Object model) {
        return nameOf(Responses.read(model, "provider") instanceof ModelProvider provider ? provider : null, model);
    }

    /** {@code dev.langchain4j.model.openai.X} is openai; a class of the application names itself. */
    private static String read(Class<?> model) {
        String name = model.getName();
        for (String models : MODELS) {
            int dot = name.startsWith(models) ? name.indexOf('.', models.length()) : -1;
            if (dot > 0) {
                String part = name.substring(models.length(), dot);
                return KINDS.contains(part) ? "" : WELL_KNOWN.getOrDefault(part, part);
            }
        }
        return ClassNames.simple(model);
    }
}
