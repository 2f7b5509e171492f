package dev.scepsy.langchain4j;

import dev.langchain4j.model.chat.listener.ChatModelListener;
import dev.langchain4j.model.embedding.listener.EmbeddingModelListener;
import dev.langchain4j.model.moderation.listener.ModerationModelListener;
import dev.langchain4j.model.scoring.ScoringModel;
import dev.langchain4j.observability.api.listener.AiServiceListener;
import dev.langchain4j.rag.content.retriever.listener.ContentRetrieverListener;
import dev.scepsy.langchain4j.context.Running;
import dev.scepsy.langchain4j.listen.AgentSpans;
import dev.scepsy.langchain4j.listen.AiServiceSpans;
import dev.scepsy.langchain4j.listen.ChatSpans;
import dev.scepsy.langchain4j.listen.EmbeddingSpans;
import dev.scepsy.langchain4j.listen.ModerationSpans;
import dev.scepsy.langchain4j.listen.RerankSpans;
import dev.scepsy.langchain4j.listen.RetrievalSpans;
import dev.scepsy.langchain4j.listen.Spans;
import io.opentelemetry.api.OpenTelemetry;
import java.lang.reflect.Method;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.Executor;

/**
 * Tracing for applications that cannot add the Scepsy agent: listeners to register on the models, services and agents
 * the application builds. Spans go through the application's own {@link OpenTelemetry}. Where the agent is present, all
 * of them stay silent, so that each call is counted once.
 *
 * <pre>{@code
 * var scepsy = ScepsyLangChain4j.with(openTelemetry);
 * var model = OpenAiChatModel.builder().listeners(scepsy.chatModelListener()) ...
 * String report = scepsy.inWorkflow("research", () -> assistant.research(question));
 * }</pre>
 *
 * <p>Thread-safe.
 */
public final class ScepsyLangChain4j {

    private final Spans spans;
    private final Workflows workflows;

    private ScepsyLangChain4j(Spans spans) {
        this.spans = spans;
        this.workflows = new Workflows(spans);
    }

    public static ScepsyLangChain4j with(OpenTelemetry openTelemetry) {
        return new ScepsyLangChain4j(new Spans(openTelemetry.getTracer("dev.scepsy.langchain4j")));
    }

    /** For {@code .listeners(...)} of a chat model's builder, streaming or not. */
    public ChatModelListener chatModelListener() {
        return new ChatSpans(spans);
    }

    /** For {@code EmbeddingModel.addListener}; use the model that it returns. */
    public EmbeddingModelListener embeddingModelListener() {
        return new EmbeddingSpans(spans);
    }

    /** For {@code .listeners(...)} of a moderation model's builder. */
    public ModerationModelListener moderationModelListener() {
        return new ModerationSpans(spans);
    }

    /** For {@code ContentRetriever.addListener}; use the retriever that it returns. */
    public ContentRetrieverListener contentRetrieverListener() {
        return new RetrievalSpans(spans, null);
    }

    /** The same, whose spans bear the name of what is searched, as in {@code retrieval handbook}. */
    public ContentRetrieverListener contentRetrieverListener(String source) {
        return new RetrievalSpans(spans, source);
    }

    /** Rerankers have no listeners: use the returned model in place of {@code reranker}. */
    public ScoringModel reranker(ScoringModel reranker, String modelName) {
        return new RerankSpans(spans, reranker, modelName);
    }

    /** For {@code AiServices.registerListeners}. */
    public List<AiServiceListener<?>> aiServiceListeners() {
        return new AiServiceSpans(spans).listeners();
    }

    /** What needs {@code langchain4j-agentic}, apart so that this class can be used without it. */
    public Agentic agentic() {
        return new Agentic(spans);
    }

    /**
     * Runs {@code work} as one execution of a workflow, which ends when a returned stage does. With the agent this is
     * only a call: there the {@link Workflow} annotation names workflows.
     */
    public <T> T inWorkflow(String workflow, Callable<T> work) throws Exception {
        return workflows.run(workflow, null, work);
    }

    /**
     * Runs {@code work}, a call of {@code method} on an object of class {@code implementation}, as one execution of the
     * workflow that {@link Workflow} names there: on the implementing method, its class, the interface's method, the
     * interface; plainly where none does. For the interceptors of frameworks.
     */
    public <T> T inWorkflow(Method method, Class<?> implementation, Callable<T> work) throws Exception {
        return workflows.run(method, implementation, work);
    }

    /** The name under which {@link #inWorkflow(Method, Class, Callable)} runs a call; empty where it runs it plainly. */
    public static Optional<String> workflowOf(Method method, Class<?> implementation) {
        return Workflows.nameOf(method, implementation);
    }

    /** {@code target} with every method that {@link Workflow} marks, on it or on its interface, run as a workflow. */
    public <T> T workflow(Class<T> type, T target) {
        return workflows.proxy(type, target);
    }

    /** {@code executor}, whose tasks belong to what submitted them; for parallel agents and tools. */
    public Executor propagating(Executor executor) {
        return task -> executor.execute(Running.parentHere().wrap(task));
    }

    /** Listeners of {@code langchain4j-agentic}. */
    public static final class Agentic {
        private final Spans spans;

        private Agentic(Spans spans) {
            this.spans = spans;
        }

        /** For {@code .listener(...)} of the outermost agentic builder; sub-agents inherit it. */
        public AgentSpans listener() {
            return new AgentSpans(spans);
        }
    }
}
