package dev.scepsy.javaagent.install;

import static net.bytebuddy.matcher.ElementMatchers.hasDescriptor;
import static net.bytebuddy.matcher.ElementMatchers.hasSuperType;
import static net.bytebuddy.matcher.ElementMatchers.nameStartsWith;
import static net.bytebuddy.matcher.ElementMatchers.named;
import static net.bytebuddy.matcher.ElementMatchers.none;
import static net.bytebuddy.matcher.ElementMatchers.returns;
import static net.bytebuddy.matcher.ElementMatchers.takesArgument;
import static net.bytebuddy.matcher.ElementMatchers.takesArguments;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import net.bytebuddy.description.method.MethodDescription;
import net.bytebuddy.description.type.TypeDescription;
import net.bytebuddy.jar.asm.Type;
import net.bytebuddy.matcher.ElementMatcher;

/**
 * A kind of woven method: the type (itself, or every implementer too), the methods by name and argument types, and the module
 * whose switch it obeys. The ordinal is the number of its hook.
 */
public enum Target {
    CHAT(
            "chat",
            Scope.SUBTYPES,
            "dev/langchain4j/model/chat/ChatModel",
            "chat(Ldev/langchain4j/model/chat/request/ChatRequest;)Ldev/langchain4j/model/chat/response/ChatResponse;",
            "chat(Ldev/langchain4j/model/chat/request/ChatRequest;Ldev/langchain4j/model/chat/ChatRequestOptions;)Ldev/langchain4j/model/chat/response/ChatResponse;",
            "doChat(Ldev/langchain4j/model/chat/request/ChatRequest;)Ldev/langchain4j/model/chat/response/ChatResponse;"),
    CHAT_ASYNC(
            "chat",
            Scope.SUBTYPES,
            "dev/langchain4j/model/chat/ChatModel",
            "chatAsync(Ldev/langchain4j/model/chat/request/ChatRequest;)",
            "chatAsync(Ldev/langchain4j/model/chat/request/ChatRequest;Ldev/langchain4j/model/chat/ChatRequestOptions;)",
            "doChatAsync(Ldev/langchain4j/model/chat/request/ChatRequest;)"),
    CHAT_PUBLISHER(
            "chat",
            Scope.SUBTYPES,
            "dev/langchain4j/model/chat/StreamingChatModel",
            "chat(Ldev/langchain4j/model/chat/request/ChatRequest;)Ljava/util/concurrent/Flow$Publisher;",
            "doChat(Ldev/langchain4j/model/chat/request/ChatRequest;)Ljava/util/concurrent/Flow$Publisher;"),
    STREAMING_CHAT(
            "chat",
            Scope.SUBTYPES,
            "dev/langchain4j/model/chat/StreamingChatModel",
            "chat(Ldev/langchain4j/model/chat/request/ChatRequest;Ldev/langchain4j/model/chat/response/StreamingChatResponseHandler;)",
            "chat(Ldev/langchain4j/model/chat/request/ChatRequest;Ldev/langchain4j/model/chat/ChatRequestOptions;Ldev/langchain4j/model/chat/response/StreamingChatResponseHandler;)",
            "doChat(Ldev/langchain4j/model/chat/request/ChatRequest;Ldev/langchain4j/model/chat/response/StreamingChatResponseHandler;)"),
    STREAMING_HANDLE("chat", Scope.SUBTYPES, "dev/langchain4j/model/chat/response/StreamingHandle", "cancel()"),
    EMBEDDING(
            "embedding",
            Scope.SUBTYPES,
            "dev/langchain4j/model/embedding/EmbeddingModel",
            "embed(Ljava/lang/String;)",
            "embed(Ldev/langchain4j/data/segment/TextSegment;)",
            "embedAll(Ljava/util/List;)",
            "embed(Ldev/langchain4j/model/embedding/request/EmbeddingRequest;)",
            "doEmbed(Ldev/langchain4j/model/embedding/request/EmbeddingRequest;)",
            "embedAsync(Ldev/langchain4j/model/embedding/request/EmbeddingRequest;)",
            "doEmbedAsync(Ldev/langchain4j/model/embedding/request/EmbeddingRequest;)"),
    SCORING(
            "scoring",
            Scope.SUBTYPES,
            "dev/langchain4j/model/scoring/ScoringModel",
            "score(Ljava/lang/String;Ljava/lang/String;)",
            "score(Ldev/langchain4j/data/segment/TextSegment;Ljava/lang/String;)",
            "scoreAll(Ljava/util/List;Ljava/lang/String;)",
            "scoreAsync(Ldev/langchain4j/model/scoring/request/ScoringRequest;)",
            "doScoreAsync(Ldev/langchain4j/model/scoring/request/ScoringRequest;)"),
    MODERATION(
            "moderation",
            Scope.SUBTYPES,
            "dev/langchain4j/model/moderation/ModerationModel",
            "moderate(Ljava/lang/String;)",
            "moderate(Ldev/langchain4j/model/input/Prompt;)",
            "moderate(Ldev/langchain4j/data/message/ChatMessage;)",
            "moderate(Ljava/util/List;)",
            "moderate(Ldev/langchain4j/data/segment/TextSegment;)",
            "moderate(Ldev/langchain4j/model/moderation/ModerationRequest;)",
            "doModerate(Ldev/langchain4j/model/moderation/ModerationRequest;)"),
    IMAGE(
            "image",
            Scope.SUBTYPES,
            "dev/langchain4j/model/image/ImageModel",
            "generate(Ljava/lang/String;)",
            "generate(Ljava/lang/String;I)",
            "edit(Ldev/langchain4j/data/image/Image;Ljava/lang/String;)",
            "edit(Ldev/langchain4j/data/image/Image;Ldev/langchain4j/data/image/Image;Ljava/lang/String;)"),
    LANGUAGE(
            "language",
            Scope.SUBTYPES,
            "dev/langchain4j/model/language/LanguageModel",
            "generate(Ljava/lang/String;)",
            "generate(Ldev/langchain4j/model/input/Prompt;)"),
    STREAMING_LANGUAGE(
            "language",
            Scope.SUBTYPES,
            "dev/langchain4j/model/language/StreamingLanguageModel",
            "generate(Ljava/lang/String;Ldev/langchain4j/model/StreamingResponseHandler;)",
            "generate(Ldev/langchain4j/model/input/Prompt;Ldev/langchain4j/model/StreamingResponseHandler;)"),
    SPEECH(
            "audio",
            Scope.SUBTYPES,
            "dev/langchain4j/model/audio/TextToSpeechModel",
            "synthesize(Ljava/lang/String;)",
            "synthesize(Ldev/langchain4j/model/audio/TextToSpeechRequest;)"),
    TRANSCRIPTION(
            "audio",
            Scope.SUBTYPES,
            "dev/langchain4j/model/audio/AudioTranscriptionModel",
            "transcribe(Ldev/langchain4j/model/audio/AudioTranscriptionRequest;)",
            "transcribeToText(Ldev/langchain4j/data/audio/Audio;)"),
    RETRIEVER(
            "retrieval",
            Scope.SUBTYPES,
            "dev/langchain4j/rag/content/retriever/ContentRetriever",
            "retrieve(Ldev/langchain4j/rag/query/Query;)",
            "retrieveAsync(Ldev/langchain4j/rag/query/Query;)"),
    TOOL(
            "tool",
            Scope.SUBTYPES,
            "dev/langchain4j/service/tool/ToolExecutor",
            "execute(Ldev/langchain4j/agent/tool/ToolExecutionRequest;Ljava/lang/Object;)",
            "executeWithContext(Ldev/langchain4j/agent/tool/ToolExecutionRequest;Ldev/langchain4j/invocation/InvocationContext;)"),
    TOOL_SERVICE(
            "tool",
            Scope.EXACT,
            "dev/langchain4j/service/tool/ToolService",
            "executeWithErrorHandling(Ldev/langchain4j/agent/tool/ToolExecutionRequest;Ldev/langchain4j/service/tool/ToolExecutor;Ldev/langchain4j/invocation/InvocationContext;Ldev/langchain4j/service/tool/ToolArgumentsErrorHandler;Ldev/langchain4j/service/tool/ToolExecutionErrorHandler;)"),
    AI_SERVICE(
            "ai-service",
            Scope.EXACT,
            "dev/langchain4j/service/DefaultAiServices$1",
            "invoke(Ljava/lang/reflect/Method;[Ljava/lang/Object;Ldev/langchain4j/invocation/InvocationContext;)"),
    TOKEN_STREAM_ADAPTED(
            "ai-service",
            Scope.EXACT,
            "dev/langchain4j/service/DefaultAiServices$1",
            "adapt(Ldev/langchain4j/service/TokenStream;Ljava/lang/reflect/Type;)"),
    TOKEN_STREAM("ai-service", Scope.EXACT, "dev/langchain4j/service/AiServiceTokenStream", "start()"),
    AGENTIC_WORKFLOW(
            "agentic",
            Scope.EXACT,
            "dev/langchain4j/agentic/internal/PlannerBasedInvocationHandler",
            "executeAgentMethod(Ldev/langchain4j/agentic/scope/AgenticScopeRegistry;Ljava/lang/reflect/Method;[Ljava/lang/Object;)"),
    AGENT(
            "agentic",
            Scope.SUBTYPES,
            "dev/langchain4j/agentic/internal/AgentInvoker",
            "invoke(Ldev/langchain4j/agentic/scope/DefaultAgenticScope;Ljava/lang/Object;Ldev/langchain4j/agentic/internal/AgentInvocationArguments;)"),
    STANDALONE_AGENT(
            "agentic",
            Scope.EXACT,
            "dev/langchain4j/agentic/agent/AgentInvocationHandler",
            "invokeStandaloneAgent(Ljava/lang/reflect/Method;[Ljava/lang/Object;)"),
    RETRY(
            "http",
            Scope.EXACT_REPLACING,
            "dev/langchain4j/internal/RetryUtils$RetryPolicy",
            "withRetry(Ljava/util/concurrent/Callable;I)"),
    HTTP(
            "http",
            Scope.SUBTYPES_REPLACING,
            "dev/langchain4j/http/client/HttpClient",
            "execute(Ldev/langchain4j/http/client/HttpRequest;)",
            "execute(Ldev/langchain4j/http/client/HttpRequest;Ldev/langchain4j/http/client/sse/ServerSentEventParser;Ldev/langchain4j/http/client/sse/ServerSentEventListener;)"),
    CHAT_LISTENER(
            "chat",
            Scope.SUBTYPES,
            "dev/langchain4j/model/chat/listener/ChatModelListener",
            "onRequest(Ldev/langchain4j/model/chat/listener/ChatModelRequestContext;)",
            "onResponse(Ldev/langchain4j/model/chat/listener/ChatModelResponseContext;)",
            "onError(Ldev/langchain4j/model/chat/listener/ChatModelErrorContext;)"),
    EMBEDDING_LISTENER(
            "embedding",
            Scope.SUBTYPES,
            "dev/langchain4j/model/embedding/listener/EmbeddingModelListener",
            "onRequest(Ldev/langchain4j/model/embedding/listener/EmbeddingModelRequestContext;)",
            "onResponse(Ldev/langchain4j/model/embedding/listener/EmbeddingModelResponseContext;)",
            "onError(Ldev/langchain4j/model/embedding/listener/EmbeddingModelErrorContext;)"),
    MODERATION_LISTENER(
            "moderation",
            Scope.SUBTYPES,
            "dev/langchain4j/model/moderation/listener/ModerationModelListener",
            "onRequest(Ldev/langchain4j/model/moderation/listener/ModerationModelRequestContext;)",
            "onResponse(Ldev/langchain4j/model/moderation/listener/ModerationModelResponseContext;)",
            "onError(Ldev/langchain4j/model/moderation/listener/ModerationModelErrorContext;)"),
    RETRIEVER_LISTENER(
            "retrieval",
            Scope.SUBTYPES,
            "dev/langchain4j/rag/content/retriever/listener/ContentRetrieverListener",
            "onRequest(Ldev/langchain4j/rag/content/retriever/listener/ContentRetrieverRequestContext;)",
            "onResponse(Ldev/langchain4j/rag/content/retriever/listener/ContentRetrieverResponseContext;)",
            "onError(Ldev/langchain4j/rag/content/retriever/listener/ContentRetrieverErrorContext;)"),
    CHAT_STREAM_NEXT("chat", Scope.SUBTYPES, "dev/langchain4j/model/chat/response/StreamingChatResponseHandler", "on*"),
    CHAT_STREAM_END(
            "chat",
            Scope.SUBTYPES,
            "dev/langchain4j/model/chat/response/StreamingChatResponseHandler",
            "onCompleteResponse(Ldev/langchain4j/model/chat/response/ChatResponse;)",
            "onError(Ljava/lang/Throwable;)"),
    LANGUAGE_STREAM_NEXT("language", Scope.SUBTYPES, "dev/langchain4j/model/StreamingResponseHandler", "on*"),
    LANGUAGE_STREAM_END(
            "language",
            Scope.SUBTYPES,
            "dev/langchain4j/model/StreamingResponseHandler",
            "onComplete(Ldev/langchain4j/model/output/Response;)",
            "onError(Ljava/lang/Throwable;)"),
    REACTOR_SCHEDULE("workflow", Scope.EXACT, "reactor/core/scheduler/Schedulers", "onSchedule(Ljava/lang/Runnable;)"),
    RX_SCHEDULE(
            "workflow", Scope.EXACT, "io/reactivex/rxjava3/plugins/RxJavaPlugins", "onSchedule(Ljava/lang/Runnable;)"),
    MUTINY_CALLBACK(
            "workflow",
            Scope.EXACT,
            "io/smallrye/mutiny/infrastructure/Infrastructure",
            "decorate(Ljava/lang/Runnable;)",
            "decorate(Ljava/util/concurrent/Callable;)",
            "decorate(Ljava/util/function/Supplier;)",
            "decorate(Ljava/util/function/Function;)",
            "decorate(Ljava/util/function/BiFunction;)",
            "decorate(Ljava/util/function/Consumer;)",
            "decorate(Ljava/util/function/BiConsumer;)"),
    COROUTINE_CONTEXT(
            "workflow",
            Scope.EXACT,
            "kotlinx/coroutines/CoroutineContextKt",
            "newCoroutineContext(Lkotlinx/coroutines/CoroutineScope;Lkotlin/coroutines/CoroutineContext;)"),
    FLOW_PUBLISHER(
            "workflow",
            Scope.SUBTYPES_REPLACING,
            "java/util/concurrent/Flow$Publisher",
            "subscribe(Ljava/util/concurrent/Flow$Subscriber;)"),
    REACTIVE_STREAMS_PUBLISHER(
            "workflow",
            Scope.SUBTYPES_REPLACING,
            "org/reactivestreams/Publisher",
            "subscribe(Lorg/reactivestreams/Subscriber;)");

    private static final String CALLBACKS = "on*";

    private static final Map<String, List<Target>> BY_METHOD = byMethod();

    private static final Set<String> OF_LAMBDAS = ofLambdas();

    private enum Scope {
        EXACT,
        EXACT_REPLACING,
        SUBTYPES,
        SUBTYPES_REPLACING
    }

    private final String module;
    private final Scope scope;
    private final String type;
    private final List<String> methods;
    private final ElementMatcher<TypeDescription> matchingTypes;
    private final ElementMatcher.Junction<MethodDescription> matchingMethods;

    Target(String module, Scope scope, String type, String... methods) {
        this.module = module;
        this.scope = scope;
        this.type = type;
        this.methods = List.of(methods);
        ElementMatcher.Junction<TypeDescription> itself = named(type.replace('/', '.'));
        this.matchingTypes = coversSubtypes() ? hasSuperType(itself) : itself;
        ElementMatcher.Junction<MethodDescription> any = none();
        for (String method : methods) {
            any = any.or(method.equals(CALLBACKS) ? nameStartsWith("on").and(returns(void.class)) : matching(method));
        }
        this.matchingMethods = any;
    }

    /** The name of the module it belongs to. */
    public String module() {
        return module;
    }

    String type() {
        return type;
    }

    boolean coversSubtypes() {
        return scope == Scope.SUBTYPES || scope == Scope.SUBTYPES_REPLACING;
    }

    boolean replacesArguments() {
        return scope == Scope.SUBTYPES_REPLACING || scope == Scope.EXACT_REPLACING;
    }

    /** The type, and where subtypes are covered everything that extends or implements it. */
    ElementMatcher<TypeDescription> types() {
        return matchingTypes;
    }

    /** The methods to weave in such a type. */
    ElementMatcher.Junction<MethodDescription> methods() {
        return matchingMethods;
    }

    /** By name and argument types; by its result too where that tells two apart. */
    private static ElementMatcher.Junction<MethodDescription> matching(String method) {
        int start = method.indexOf('(');
        int end = method.indexOf(')') + 1;
        Type[] arguments = Type.getArgumentTypes(method.substring(start, end) + "V");
        ElementMatcher.Junction<MethodDescription> matching =
                named(method.substring(0, start)).and(takesArguments(arguments.length));
        for (int i = 0; i < arguments.length; i++) {
            matching = matching.and(takesArgument(i, hasDescriptor(arguments[i].getDescriptor())));
        }
        return end == method.length() ? matching : matching.and(returns(hasDescriptor(method.substring(end))));
    }

    /** Those that may name a method of this name, in the order of the table. */
    static List<Target> namingMethod(String name) {
        return name.startsWith("on") ? List.of(values()) : BY_METHOD.getOrDefault(name, List.of());
    }

    /** Whether a lambda of this type (internal name) may be one of the types whose implementers are covered. */
    static boolean mayBeLambda(String type) {
        return OF_LAMBDAS.contains(type);
    }

    private static Map<String, List<Target>> byMethod() {
        Map<String, List<Target>> all = new HashMap<>();
        for (Target target : values()) {
            for (String method : target.methods) {
                int end = method.indexOf('(');
                String name = end < 0 ? method : method.substring(0, end);
                List<Target> naming = all.get(name);
                if (naming == null) {
                    naming = new ArrayList<>(2);
                    all.put(name, naming);
                }
                if (!naming.contains(target)) {
                    naming.add(target);
                }
            }
        }
        return all;
    }

    private static Set<String> ofLambdas() {
        Set<String> types = new HashSet<>();
        for (Target target : values()) {
            if (target.coversSubtypes()) {
                types.add(target.type);
            }
        }
        return types;
    }

    /** Whether a declared method, as name and descriptor, is one of those to weave: by its result too where that tells two apart. */
    boolean names(String name, String descriptor) {
        if (methods.contains(CALLBACKS)) { // Whatever callbacks a version has.
            return name.startsWith("on") && descriptor.endsWith(")V");
        }
        return methods.contains(name + descriptor)
                || methods.contains(name + descriptor.substring(0, descriptor.indexOf(')') + 1));
    }
}
