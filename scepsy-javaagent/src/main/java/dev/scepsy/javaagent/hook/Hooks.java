package dev.scepsy.javaagent.hook;

import dev.scepsy.javaagent.install.HookSet;
import dev.scepsy.javaagent.install.HookTable;
import dev.scepsy.javaagent.install.Target;
import dev.scepsy.javaagent.trace.Operation;
import dev.scepsy.javaagent.trace.Tracer;
import org.jspecify.annotations.Nullable;

/** All hooks; instantiated reflectively by the installer, once per class loader that has LangChain4j. */
public final class Hooks implements HookSet {

    public Hooks() {}

    @Override
    public String groupOf(Target target) {
        return switch (target) {
            case CHAT, CHAT_ASYNC -> "ChatHooks";
            case CHAT_PUBLISHER,
                    STREAMING_CHAT,
                    STREAMING_HANDLE,
                    STREAMING_LANGUAGE,
                    CHAT_STREAM_NEXT,
                    CHAT_STREAM_END,
                    LANGUAGE_STREAM_NEXT,
                    LANGUAGE_STREAM_END -> "StreamingHooks";
            case EMBEDDING, SCORING, MODERATION, IMAGE, LANGUAGE, SPEECH, TRANSCRIPTION -> "ModelHooks";
            case TOOL, TOOL_SERVICE -> "ToolHooks";
            case RETRIEVER -> "RetrievalHooks";
            case AI_SERVICE, TOKEN_STREAM_ADAPTED, TOKEN_STREAM -> "AiServiceHooks";
            case RETRY, HTTP -> "HttpHooks";
            case AGENTIC_WORKFLOW, AGENT, STANDALONE_AGENT -> "AgenticHooks";
            case CHAT_LISTENER, EMBEDDING_LISTENER, MODERATION_LISTENER, RETRIEVER_LISTENER -> "ListenerHooks";
            case REACTOR_SCHEDULE,
                    RX_SCHEDULE,
                    MUTINY_CALLBACK,
                    COROUTINE_CONTEXT,
                    FLOW_PUBLISHER,
                    REACTIVE_STREAMS_PUBLISHER -> "PipelineHooks";
        };
    }

    @Override
    public void make(String group, HookTable hooks, Tracer tracer) {
        switch (group) {
            case "ChatHooks" -> new ChatHooks(tracer).register(hooks);
            case "StreamingHooks" -> new StreamingHooks(tracer).register(hooks);
            case "ModelHooks" -> new ModelHooks(tracer).register(hooks);
            case "ToolHooks" -> new ToolHooks(tracer).register(hooks);
            case "RetrievalHooks" -> new RetrievalHooks(tracer).register(hooks);
            case "AiServiceHooks" -> new AiServiceHooks(tracer).register(hooks);
            case "HttpHooks" -> new HttpHooks(tracer).register(hooks);
            case "AgenticHooks" -> new AgenticHooks(tracer).register(hooks);
            case "ListenerHooks" -> new ListenerHooks(tracer).register(hooks);
            case "PipelineHooks" -> new PipelineHooks(tracer).register(hooks);
            default -> throw new IllegalArgumentException(group);
        }
    }

    @Override
    public void entered(Operation operation, @Nullable Object @Nullable [] arguments) {
        ContentCapture.OF_THIS_JVM.entered(operation, arguments);
    }
}
