package dev.scepsy.javaagent.hook;

import dev.langchain4j.model.ModelProvider;
import dev.langchain4j.model.chat.ChatModel;
import dev.langchain4j.model.chat.request.ChatRequest;
import dev.langchain4j.model.chat.request.ChatRequestParameters;
import dev.langchain4j.model.chat.response.ChatResponse;
import dev.langchain4j.model.chat.response.ChatResponseMetadata;
import dev.scepsy.javaagent.trace.Description;
import dev.scepsy.javaagent.trace.Operation;
import dev.scepsy.javaagent.trace.StreamState;
import dev.scepsy.javaagent.trace.Token;
import dev.scepsy.javaagent.trace.Tracer;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/**
 * One chat call: keeps what the request and the answer say, by reference and without the messages, so that the call itself
 * pays for a few fields. The attributes are made of them later.
 */
final class ChatCall extends Token implements Description {

    private final Operation operation;
    private final ChatModel model;
    private @Nullable ChatRequestParameters parameters;
    private @Nullable ChatRequestParameters defaults;
    private @Nullable ModelProvider provider;
    private @Nullable ChatResponseMetadata metadata;

    ChatCall(Tracer tracer, Operation operation, ChatModel model) {
        super(tracer, operation);
        this.operation = operation;
        this.model = model;
        operation.describeWith(this);
    }

    /** The innermost method sees the request with the model's defaults merged in: the last one counts. */
    void asks(@Nullable ChatRequest request) {
        ContentCapture.OF_THIS_JVM.asked(operation, request);
        ChatRequestParameters asked = request == null ? null : request.parameters();
        if (asked != null) {
            parameters = asked;
        }
    }

    @Override
    protected @Nullable Object exit(@Nullable Object result, @Nullable Throwable error) {
        if (error == null && result instanceof CompletionStage<?> stage) {
            Wrapping.promises(operation, stage);
            stage.whenComplete(this::end);
        } else {
            end(result, error);
        }
        return result;
    }

    private void end(@Nullable Object result, @Nullable Throwable error) {
        Wrapping.answers(operation, result, error);
        try { // The model is asked here: it may be a proxy that belongs to this thread.
            provider = model.provider();
            if (parameters == null || parameters.modelName() == null) {
                defaults = model.defaultRequestParameters();
            }
            if (result instanceof ChatResponse response) {
                metadata = response.metadata();
                ContentCapture.OF_THIS_JVM.answered(operation, response);
            }
        } finally {
            StreamState.end(operation, error);
        }
    }

    @Override
    public void describe(Operation ended) {
        Chat.describeParameters(ended, parameters);
        Chat.describeModel(ended, model, provider);
        Chat.nameRequestModel(ended, defaults);
        Chat.describeMetadata(ended, metadata);
    }
}
