package dev.scepsy.javaagent.hook;

import dev.langchain4j.model.ModelProvider;
import dev.langchain4j.model.chat.request.ChatRequest;
import dev.langchain4j.model.chat.request.ChatRequestParameters;
import dev.langchain4j.model.chat.response.ChatResponse;
import dev.langchain4j.model.chat.response.ChatResponseMetadata;
import dev.langchain4j.model.output.FinishReason;
import dev.scepsy.javaagent.trace.GenAi;
import dev.scepsy.javaagent.trace.Operation;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** What chat requests and responses say about a call, as attributes. */
final class Chat {

    private static final Object[] FINISH_REASONS = Arrays.stream(FinishReason.values())
            .map(reason -> List.of(finishReason(reason)))
            .toArray();

    private Chat() {}

    /** As the conventions' schema of output messages has it; what that lacks as LangChain4j has it. */
    static String finishReason(FinishReason reason) {
        return reason == FinishReason.TOOL_EXECUTION
                ? "tool_call"
                : reason.name().toLowerCase(Locale.ROOT);
    }

    static void describeRequest(Operation operation, @Nullable ChatRequest request) {
        describeParameters(operation, request == null ? null : request.parameters());
    }

    static void describeParameters(Operation operation, @Nullable ChatRequestParameters parameters) {
        if (parameters == null) {
            return;
        }
        operation.put(GenAi.REQUEST_MODEL, parameters.modelName());
        operation.put(GenAi.REQUEST_TEMPERATURE, parameters.temperature());
        operation.put(GenAi.REQUEST_TOP_P, parameters.topP());
        operation.put(GenAi.REQUEST_MAX_TOKENS, Numbers.asLong(parameters.maxOutputTokens()));
    }

    static void describeModel(Operation operation, Object model, @Nullable ModelProvider provider) {
        operation.put(GenAi.PROVIDER_NAME, Providers.nameOf(provider, model));
    }

    /** Where the request named no model: the model's default, else what the object says about itself. */
    static void nameRequestModel(Operation operation, @Nullable ChatRequestParameters defaults) {
        if (operation.get(GenAi.REQUEST_MODEL) == null && defaults != null) {
            operation.put(GenAi.REQUEST_MODEL, defaults.modelName());
        }
        if (operation.get(GenAi.REQUEST_MODEL) == null) {
            operation.put(GenAi.REQUEST_MODEL, ModelNames.of(operation.subject()));
        }
        operation.name(operation.kind().operationName() + " " + operation.get(GenAi.REQUEST_MODEL));
    }

    static void describeResponse(Operation operation, ChatResponse response) {
        describeMetadata(operation, response.metadata());
    }

    static void describeMetadata(Operation operation, @Nullable ChatResponseMetadata metadata) {
        if (metadata == null) {
            return;
        }
        operation.put(GenAi.RESPONSE_ID, metadata.id());
        operation.put(GenAi.RESPONSE_MODEL, metadata.modelName());
        if (metadata.finishReason() != null) {
            operation.put(
                    GenAi.RESPONSE_FINISH_REASONS,
                    FINISH_REASONS[metadata.finishReason().ordinal()]);
        }
        Tokens.describe(operation, metadata.tokenUsage());
    }
}
