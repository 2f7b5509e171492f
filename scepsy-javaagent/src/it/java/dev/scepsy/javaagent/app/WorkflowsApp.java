package dev.scepsy.javaagent.app;

import dev.langchain4j.agent.tool.Tool;
import dev.langchain4j.agent.tool.ToolExecutionRequest;
import dev.langchain4j.agentic.Agent;
import dev.langchain4j.agentic.AgenticServices;
import dev.langchain4j.agentic.UntypedAgent;
import dev.langchain4j.agentic.agent.AgentBuilder;
import dev.langchain4j.agentic.agent.ErrorRecoveryResult;
import dev.langchain4j.agentic.declarative.ChatModelSupplier;
import dev.langchain4j.agentic.declarative.Output;
import dev.langchain4j.agentic.declarative.ParallelAgent;
import dev.langchain4j.agentic.declarative.SequenceAgent;
import dev.langchain4j.agentic.observability.AgentListener;
import dev.langchain4j.agentic.observability.AgentRequest;
import dev.langchain4j.agentic.observability.AgentResponse;
import dev.langchain4j.agentic.planner.Action;
import dev.langchain4j.agentic.planner.AgentInstance;
import dev.langchain4j.agentic.planner.InitPlanningContext;
import dev.langchain4j.agentic.planner.Planner;
import dev.langchain4j.agentic.planner.PlanningContext;
import dev.langchain4j.agentic.supervisor.SupervisorAgent;
import dev.langchain4j.agentic.supervisor.SupervisorResponseStrategy;
import dev.langchain4j.data.message.AiMessage;
import dev.langchain4j.data.message.ToolExecutionResultMessage;
import dev.langchain4j.memory.chat.MessageWindowChatMemory;
import dev.langchain4j.model.chat.ChatModel;
import dev.langchain4j.model.chat.StreamingChatModel;
import dev.langchain4j.model.chat.request.ChatRequest;
import dev.langchain4j.model.chat.response.ChatResponse;
import dev.langchain4j.model.chat.response.StreamingChatResponseHandler;
import dev.langchain4j.rag.content.Content;
import dev.langchain4j.service.MemoryId;
import dev.langchain4j.service.TokenStream;
import dev.langchain4j.service.UserMessage;
import dev.langchain4j.service.V;
import dev.scepsy.langchain4j.Workflow;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A broad set of {@code langchain4j-agentic} workflows, one after the other, each printing what it returned or threw: the
 * same with and without the agent. Long because it is a list; each entry stands alone.
 */
public final class WorkflowsApp {

    public interface Writer {
        @Agent(name = "writer", outputKey = "story", description = "writes")
        @UserMessage("[writer] {{topic}}")
        String write(@V("topic") String topic);
    }

    public interface Editor {
        @Agent(name = "editor", outputKey = "story", description = "edits")
        @UserMessage("[editor] {{story}}")
        String edit(@V("story") String story);
    }

    public interface Scorer {
        @Agent(name = "scorer", outputKey = "score", description = "scores")
        @UserMessage("[scorer] {{story}}")
        double score(@V("story") String story);
    }

    public interface Item {
        @Agent(name = "item", description = "handles one item")
        @UserMessage("[item] {{item}}")
        String handle(@V("item") String item);
    }

    public interface Chatter {
        @Agent(name = "chatter", outputKey = "said", description = "remembers")
        @UserMessage("[chatter] {{topic}}")
        String chat(@MemoryId String memory, @V("topic") String topic);
    }

    public interface Teller {
        @Agent(name = "teller", outputKey = "told", description = "streams")
        @UserMessage("[teller] {{topic}}")
        TokenStream tell(@V("topic") String topic);
    }

    public interface Novel {
        @Workflow(name = "novel", targetPerSecond = 2)
        @Agent(description = "a typed and named workflow")
        String create(@V("topic") String topic);
    }

    public interface Journal {
        @SequenceAgent(
                name = "journal",
                outputKey = "story",
                subAgents = {Reporters.class, Chief.class})
        String publish(@V("topic") String topic);
    }

    public interface Reporters {
        @ParallelAgent(
                name = "reporters",
                outputKey = "reports",
                subAgents = {ReporterA.class, ReporterB.class})
        String report(@V("topic") String topic);

        @Output
        static String both(@V("a") String a, @V("b") String b) {
            return a + " and " + b;
        }
    }

    public interface ReporterA {
        @Agent(name = "reporter-a", outputKey = "a", description = "reports")
        @UserMessage("[reporter-a] {{topic}}")
        String report(@V("topic") String topic);

        @ChatModelSupplier
        static ChatModel model() {
            return MODEL;
        }
    }

    public interface ReporterB {
        @Agent(name = "reporter-b", outputKey = "b", description = "reports")
        @UserMessage("[reporter-b] {{topic}}")
        String report(@V("topic") String topic);

        @ChatModelSupplier
        static ChatModel model() {
            return MODEL;
        }
    }

    public interface Chief {
        @Agent(name = "chief", outputKey = "story", description = "decides")
        @UserMessage("[chief] {{reports}}")
        String decide(@V("reports") String reports);

        @ChatModelSupplier
        static ChatModel model() {
            return MODEL;
        }
    }

    /** An agent without a model. */
    public static final class Counter {
        @Agent(name = "counter", outputKey = "count", description = "counts letters")
        public int count(@V("topic") String topic) {
            return topic.length();
        }
    }

    /** A user's planner: its agents backwards. */
    public static final class Backwards implements Planner {
        private List<AgentInstance> left = new ArrayList<>();

        @Override
        public void init(InitPlanningContext context) {
            left = new ArrayList<>(context.subagents());
            Collections.reverse(left);
        }

        @Override
        public Action nextAction(PlanningContext context) {
            return left.isEmpty() ? done() : call(left.remove(0));
        }
    }

    /** Two tools. */
    public static final class Tools {
        @Tool("the time")
        public String time() {
            return "noon";
        }

        @Tool("the place")
        public String place() {
            return MODEL.chat("[place] here");
        }
    }

    private static final ChatModel MODEL = new EchoModel("echo", WorkflowsApp::answer);
    private static final ExecutorService FIXED = Executors.newFixedThreadPool(3, WorkflowsApp::daemon);
    private static final ExecutorService SINGLE = Executors.newSingleThreadExecutor(WorkflowsApp::daemon);

    private final Map<String, Callable<Object>> workflows = new LinkedHashMap<>();

    private WorkflowsApp() {}

    public static void main(String[] arguments) {
        WorkflowsApp app = new WorkflowsApp();
        app.topologies();
        app.people();
        app.failures();
        app.services();
        app.workflows.forEach((name, workflow) -> {
            Object result;
            try {
                result = workflow.call();
            } catch (Exception thrown) {
                result = "thrown " + rootOf(thrown);
            }
            System.out.println(name + ": " + result);
        });
    }

    private void topologies() {
        add("sequence", () -> invoke(sequence("sequence", writer(), editor(), editor())));
        add("single", () -> writer().write("tea"));
        add("parallel-default", () -> invoke(parallel("parallel-default", null)));
        add("parallel-fixed", () -> invoke(parallel("parallel-fixed", FIXED)));
        add("parallel-single", () -> invoke(parallel("parallel-single", SINGLE)));
        add("parallel-virtual", () -> invoke(parallel("parallel-virtual", virtualThreads())));
        add("parallel-same-thread", () -> invoke(parallel("parallel-same-thread", Runnable::run)));
        add(
                "mapper",
                () -> AgenticServices.parallelMapperBuilder()
                        .name("mapper")
                        .subAgents(agent(Item.class))
                        .itemsProvider("items")
                        .build()
                        .invoke(Map.of("items", List.of("one", "two", "three"))));
        add("loop", () -> {
            AtomicInteger turns = new AtomicInteger();
            return invoke(sequence(
                    "around-loop",
                    writer(),
                    AgenticServices.loopBuilder()
                            .name("loop")
                            .subAgents(agent(Scorer.class), editor())
                            .maxIterations(5)
                            .exitCondition(scope -> turns.incrementAndGet() > 4)
                            .outputKey("story")
                            .build()));
        });
        add(
                "conditional",
                () -> invoke(sequence(
                        "around-conditional",
                        writer(),
                        AgenticServices.conditionalBuilder()
                                .name("conditional")
                                .subAgents(scope -> true, editor())
                                .subAgents(scope -> false, writer())
                                .build())));
        add(
                "nested",
                () -> invoke(
                        sequence("outer", writer(), sequence("middle", editor(), parallel("inner", FIXED)), editor())));
        add(
                "custom-planner",
                () -> AgenticServices.plannerBuilder()
                        .name("custom-planner")
                        .subAgents(editor(), writer())
                        .planner(Backwards::new)
                        .outputKey("story")
                        .build()
                        .invoke(Map.of("topic", "tea")));
        add(
                "async",
                () -> invoke(sequence(
                        "async",
                        builder(Writer.class).async(true).outputKey("slow").build(),
                        builder(Writer.class).async(true).build(),
                        editor())));
        add(
                "declarative",
                () -> AgenticServices.createAgenticSystem(Journal.class, MODEL).publish("tea"));
        add(
                "typed",
                () -> AgenticServices.sequenceBuilder(Novel.class)
                        .subAgents(writer(), editor())
                        .outputKey("story")
                        .build()
                        .create("tea"));
        add("supervisor-last", () -> supervisor(SupervisorResponseStrategy.LAST).invoke("write about tea"));
        add(
                "supervisor-summary",
                () -> supervisor(SupervisorResponseStrategy.SUMMARY).invoke("write about tea"));
    }

    private void people() {
        add(
                "human",
                () -> invoke(sequence(
                        "human",
                        AgenticServices.humanInTheLoopBuilder()
                                .description("asks a person")
                                .outputKey("story")
                                .responseProvider(scope -> "said by a person about " + scope.readState("topic"))
                                .build(),
                        editor())));
        add(
                "plain-agent",
                () -> AgenticServices.sequenceBuilder()
                        .name("plain-agent")
                        .subAgents(new Counter(), AgenticServices.agentAction(scope -> {
                            scope.writeState("story", "counted " + scope.readState("count"));
                        }))
                        .outputKey("story")
                        .build()
                        .invoke(Map.of("topic", "tea")));
        add(
                "optional",
                () -> AgenticServices.sequenceBuilder()
                        .name("optional")
                        .subAgents(builder(Editor.class).optional(true).build(), writer())
                        .outputKey("story")
                        .build()
                        .invoke(Map.of("topic", "tea")));
        add("listener", () -> {
            List<String> events = Collections.synchronizedList(new ArrayList<>());
            Object story = AgenticServices.sequenceBuilder()
                    .name("listener")
                    .subAgents(writer(), editor())
                    .outputKey("story")
                    .listener(new Noting(events))
                    .build()
                    .invoke(Map.of("topic", "tea"));
            return story + " " + events;
        });
    }

    private void failures() {
        add("retried", () -> {
            AtomicInteger calls = new AtomicInteger();
            ChatModel moody = new EchoModel("moody", asked -> {
                if (calls.getAndIncrement() < 2) {
                    throw new IllegalStateException("not yet");
                }
                return "at last";
            });
            return AgenticServices.sequenceBuilder()
                    .name("retried")
                    .subAgents(builder(Writer.class).chatModel(moody).build(), editor())
                    .errorHandler(context -> ErrorRecoveryResult.retry())
                    .outputKey("story")
                    .build()
                    .invoke(Map.of("topic", "tea"));
        });
        add(
                "failed",
                () -> invoke(sequence(
                        "failed", builder(Writer.class).chatModel(broken()).build(), editor())));
        add(
                "failed-parallel",
                () -> AgenticServices.parallelBuilder()
                        .name("failed-parallel")
                        .subAgents(
                                writer(),
                                builder(Writer.class)
                                        .chatModel(broken())
                                        .outputKey("other")
                                        .build())
                        .executor(SINGLE)
                        .output(scope -> "unreached")
                        .build()
                        .invoke(Map.of("topic", "tea")));
        add("missing-argument", () -> sequence("missing-argument", editor()).invoke(Map.of("topic", "tea")));
    }

    private void services() {
        add("tools", () -> invoke(sequence("tools", toolUser(null), editor())));
        add("tools-at-once", () -> invoke(sequence("tools-at-once", toolUser(FIXED), editor())));
        add(
                "retrieval",
                () -> invoke(sequence(
                        "retrieval",
                        builder(Writer.class)
                                .contentRetriever(query -> List.of(Content.from("a fact")))
                                .build())));
        add("memory", () -> {
            Chatter chatter = builder(Chatter.class)
                    .chatMemoryProvider(id -> MessageWindowChatMemory.withMaxMessages(10))
                    .build();
            UntypedAgent workflow = AgenticServices.sequenceBuilder()
                    .name("memory")
                    .subAgents(chatter)
                    .outputKey("said")
                    .build();
            return chatter.chat("one", "tea") + " " + chatter.chat("one", "milk") + " " + chatter.chat("two", "tea");
        });
        add("streaming", () -> {
            Teller teller = AgenticServices.agentBuilder(Teller.class)
                    .streamingChatModel(new Streaming())
                    .build();
            CompletableFuture<String> told = new CompletableFuture<>();
            TokenStream stream = (TokenStream) AgenticServices.sequenceBuilder()
                    .name("streaming")
                    .subAgents(writer(), teller)
                    .outputKey("told")
                    .build()
                    .invoke(Map.of("topic", "tea"));
            stream.onPartialResponse(part -> {})
                    .onCompleteResponse(
                            response -> told.complete(response.aiMessage().text()))
                    .onError(told::completeExceptionally)
                    .start();
            return told.get(20, TimeUnit.SECONDS);
        });
        add(
                "untyped",
                () -> AgenticServices.agentBuilder()
                        .chatModel(MODEL)
                        .name("untyped")
                        .userMessage("[untyped] {{topic}}")
                        .inputKey(String.class, "topic")
                        .returnType(String.class)
                        .outputKey("out")
                        .build()
                        .invoke(Map.of("topic", "tea")));
    }

    private void add(String name, Callable<Object> workflow) {
        workflows.put(name, workflow);
    }

    private static Object invoke(UntypedAgent workflow) {
        return workflow.invoke(Map.of("topic", "tea"));
    }

    private static UntypedAgent sequence(String name, Object... agents) {
        return AgenticServices.sequenceBuilder()
                .name(name)
                .subAgents(agents)
                .outputKey("story")
                .build();
    }

    private static UntypedAgent parallel(String name, Executor executor) {
        Object[] agents = new Object[4];
        for (int i = 0; i < agents.length; i++) {
            agents[i] = builder(Writer.class).outputKey("out" + i).build();
        }
        var service =
                AgenticServices.parallelBuilder().name(name).subAgents(agents).outputKey("story");
        if (executor != null) {
            service.executor(executor);
        }
        return service.output(scope -> scope.readState("out0", "") + "|" + scope.readState("out3", ""))
                .build();
    }

    private static Executor virtualThreads() throws ReflectiveOperationException {
        if (Runtime.version().feature() < 21) {
            return FIXED;
        }
        return (Executor)
                Executors.class.getMethod("newVirtualThreadPerTaskExecutor").invoke(null);
    }

    private static SupervisorAgent supervisor(SupervisorResponseStrategy strategy) {
        AtomicInteger turns = new AtomicInteger();
        ChatModel planner = new EchoModel(
                "planner",
                asked -> turns.getAndIncrement() == 0
                        ? "{\"agentName\": \"writer\", \"arguments\": {\"topic\": \"tea\"}}"
                        : "{\"agentName\": \"done\", \"arguments\": {\"response\": \"all done\"}}");
        return AgenticServices.supervisorBuilder()
                .name("supervisor-" + strategy.name().toLowerCase(java.util.Locale.ROOT))
                .chatModel(planner)
                .subAgents(writer())
                .responseStrategy(strategy)
                .build();
    }

    private static Writer toolUser(Executor executor) {
        AgentBuilder<Writer, ?> builder =
                builder(Writer.class).chatModel(new ToolCaller()).tools(new Tools());
        if (executor != null) {
            builder.executeToolsConcurrently(executor);
        }
        return builder.build();
    }

    private static Writer writer() {
        return agent(Writer.class);
    }

    private static Editor editor() {
        return agent(Editor.class);
    }

    private static <T> T agent(Class<T> type) {
        return builder(type).build();
    }

    private static <T> AgentBuilder<T, ?> builder(Class<T> type) {
        AgentBuilder<T, ?> builder = AgenticServices.agentBuilder(type);
        builder.chatModel(MODEL);
        return builder;
    }

    private static ChatModel broken() {
        return new EchoModel("broken", asked -> {
            throw new IllegalStateException("broken");
        });
    }

    private static String answer(String asked) {
        return asked.contains("[scorer]") ? "0.5" : "<" + asked + ">";
    }

    private static String rootOf(Throwable thrown) {
        Throwable at = thrown;
        while (at.getCause() != null) {
            at = at.getCause();
        }
        return thrown.getClass().getSimpleName() + " by " + at.getClass().getSimpleName() + ": " + at.getMessage();
    }

    private static Thread daemon(Runnable work) {
        Thread thread = new Thread(work);
        thread.setDaemon(true);
        return thread;
    }

    private record Noting(List<String> events) implements AgentListener {
        @Override
        public void beforeAgentInvocation(AgentRequest request) {
            events.add("before " + request.agentName() + " " + request.inputs());
        }

        @Override
        public void afterAgentInvocation(AgentResponse response) {
            events.add("after " + response.agentName() + " " + response.output());
        }

        @Override
        public boolean inheritedBySubagents() {
            return true;
        }
    }

    /** Asks for both tools, then says what they gave. */
    private static final class ToolCaller implements ChatModel {
        @Override
        public ChatResponse doChat(ChatRequest request) {
            List<String> results = request.messages().stream()
                    .filter(ToolExecutionResultMessage.class::isInstance)
                    .map(message -> ((ToolExecutionResultMessage) message).text())
                    .toList();
            AiMessage answer = results.isEmpty()
                    ? AiMessage.from(List.of(call("1", "time"), call("2", "place")))
                    : AiMessage.from("tools said " + results);
            return ChatResponse.builder().aiMessage(answer).build();
        }

        private static ToolExecutionRequest call(String id, String name) {
            return ToolExecutionRequest.builder()
                    .id(id)
                    .name(name)
                    .arguments("{}")
                    .build();
        }
    }

    private static final class Streaming implements StreamingChatModel {
        @Override
        public void doChat(ChatRequest request, StreamingChatResponseHandler handler) {
            FIXED.execute(() -> {
                handler.onPartialResponse("to");
                handler.onPartialResponse("ld");
                handler.onCompleteResponse(
                        ChatResponse.builder().aiMessage(AiMessage.from("told")).build());
            });
        }
    }
}
