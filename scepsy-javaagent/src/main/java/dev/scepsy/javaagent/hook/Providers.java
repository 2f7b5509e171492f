package dev.scepsy.javaagent.hook;

import dev.langchain4j.model.ModelProvider;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** {@code gen_ai.provider.name}: the conventions' well-known values, else what can be told from the model's class. */
final class Providers {

    /** LangChain4j's enum constants to the conventions' values, by name: newer versions have more constants. */
    private static final Map<String, String> WELL_KNOWN = Map.ofEntries(
            Map.entry("ANTHROPIC", "anthropic"),
            Map.entry("AMAZON_BEDROCK", "aws.bedrock"),
            Map.entry("AZURE_OPEN_AI", "azure.ai.openai"),
            Map.entry("MICROSOFT_FOUNDRY", "azure.ai.inference"),
            Map.entry("GOOGLE_AI_GEMINI", "gcp.gemini"),
            Map.entry("GOOGLE_GENAI", "gcp.gen_ai"),
            Map.entry("GOOGLE_VERTEX_AI_GEMINI", "gcp.vertex_ai"),
            Map.entry("GOOGLE_VERTEX_AI_ANTHROPIC", "gcp.vertex_ai"),
            Map.entry("MISTRAL_AI", "mistral_ai"),
            Map.entry("OPEN_AI", "openai"),
            Map.entry("WATSONX", "ibm.watsonx.ai"));

    private static final String LANGCHAIN4J_MODELS = "dev.langchain4j.model.";

    private static final ClassValue<String> OF_CLASS = new ClassValue<>() {
        @Override
        protected String computeValue(Class<?> model) {
            return read(model);
        }
    };

    private Providers() {}

    static String nameOf(@Nullable ModelProvider provider, Object model) {
        if (provider != null && !provider.name().equals("OTHER")) {
            String known = WELL_KNOWN.get(provider.name());
            return known != null ? known : provider.name().toLowerCase(Locale.ROOT);
        }
        return ofClass(model.getClass());
    }

    /** {@code dev.langchain4j.model.openai.X} is openai; any other class names itself. */
    static String ofClass(Class<?> model) {
        return OF_CLASS.get(model);
    }

    private static String read(Class<?> model) {
        String name = model.getName();
        if (name.startsWith(LANGCHAIN4J_MODELS)) {
            String rest = name.substring(LANGCHAIN4J_MODELS.length());
            int dot = rest.indexOf('.');
            if (dot > 0) {
                return rest.substring(0, dot);
            }
        }
        return ClassNames.simple(model);
    }
}
