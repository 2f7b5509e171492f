package dev.scepsy.javaagent.hook;

import static org.assertj.core.api.Assertions.assertThat;

import dev.langchain4j.model.ModelProvider;
import dev.langchain4j.model.anthropic.AnthropicChatModel;
import dev.langchain4j.model.bedrock.BedrockTokenUsage;
import dev.langchain4j.model.chat.DisabledChatModel;
import dev.langchain4j.model.embedding.DisabledEmbeddingModel;
import dev.langchain4j.model.google.genai.GoogleGenAiTokenUsage;
import dev.langchain4j.model.googleai.GoogleAiEmbeddingModel;
import dev.langchain4j.model.language.DisabledLanguageModel;
import dev.langchain4j.model.moderation.DisabledModerationModel;
import dev.langchain4j.model.openai.OpenAiImageModel;
import dev.langchain4j.model.openaiofficial.OpenAiOfficialTokenUsage;
import dev.langchain4j.model.output.FinishReason;
import dev.scepsy.javaagent.NameTable;
import java.util.EnumSet;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

class ProvidersTest {

    /** LangChain4j's constants that the conventions have no word for. */
    private static final Set<String> OWN = Set.of("github_models", "ollama", "voyage_ai", "jina");

    @Test
    void everyConstantHasTheConventionsWordOrLangChain4js() {
        Set<String> known = NameTable.of("provider", "1.41").types().keySet();
        for (ModelProvider provider : EnumSet.complementOf(EnumSet.of(ModelProvider.OTHER))) {
            String name = Providers.nameOf(provider, this);
            assertThat(known.contains(name) || OWN.contains(name)).as(name).isTrue();
        }
        assertThat(Providers.nameOf(ModelProvider.OTHER, this)).isEqualTo("ProvidersTest");
    }

    /** By a class of each package: what has no provider() is called as what has one. */
    @Test
    void aPackageIsCalledAsItsConstant() {
        Map<Class<?>, ModelProvider> packages = Map.of(
                AnthropicChatModel.class, ModelProvider.ANTHROPIC,
                BedrockTokenUsage.class, ModelProvider.AMAZON_BEDROCK,
                GoogleAiEmbeddingModel.class, ModelProvider.GOOGLE_AI_GEMINI,
                GoogleGenAiTokenUsage.class, ModelProvider.GOOGLE_GENAI,
                OpenAiImageModel.class, ModelProvider.OPEN_AI,
                OpenAiOfficialTokenUsage.class, ModelProvider.OPEN_AI);
        packages.forEach(
                (type, provider) -> assertThat(Providers.ofClass(type)).isEqualTo(Providers.nameOf(provider, this)));
    }

    @Test
    void kindsOfModelsAreNoProviders() {
        assertThat(Providers.nameOf(new DisabledChatModel())).isNull();
        assertThat(Providers.nameOf(new DisabledEmbeddingModel())).isNull();
        assertThat(Providers.nameOf(new DisabledLanguageModel())).isNull();
        assertThat(Providers.nameOf(new DisabledModerationModel())).isNull();
    }

    @Test
    void finishReasonsAreTheConventions() {
        Set<String> known = NameTable.of("finish_reason", "newest").types().keySet();
        for (FinishReason reason : EnumSet.complementOf(EnumSet.of(FinishReason.OTHER))) {
            assertThat(known).contains(Chat.finishReason(reason));
        }
    }
}
