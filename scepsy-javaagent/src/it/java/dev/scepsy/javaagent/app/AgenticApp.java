package dev.scepsy.javaagent.app;

import dev.langchain4j.agentic.Agent;
import dev.langchain4j.agentic.AgenticServices;
import dev.langchain4j.agentic.UntypedAgent;
import dev.langchain4j.agentic.agent.AgentBuilder;
import dev.langchain4j.agentic.supervisor.SupervisorAgent;
import dev.langchain4j.agentic.supervisor.SupervisorResponseStrategy;
import dev.langchain4j.model.chat.ChatModel;
import dev.langchain4j.service.UserMessage;
import dev.langchain4j.service.V;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Every agentic topology: sequence, parallel (default and own executor, eight ways), parallel mapper, loop, conditional, an
 * async agent, a supervisor; then one hundred executions at once. Prints what they returned.
 */
public final class AgenticApp {

    public interface Branch1 {
        @Agent(name = "branch-1", outputKey = "out1", description = "first branch")
        @UserMessage("[branch-1] {{topic}}")
        String work(@V("topic") String topic);
    }

    public interface Writer {
        @Agent(name = "writer", outputKey = "story", description = "writes a story about a topic")
        @UserMessage("[writer] {{topic}}")
        String write(@V("topic") String topic);
    }

    public interface Scorer {
        @Agent(name = "scorer", outputKey = "score", description = "scores a story")
        @UserMessage("[scorer] {{topic}} {{story}}")
        double score(@V("topic") String topic, @V("story") String story);
    }

    public interface Editor {
        @Agent(name = "editor", outputKey = "story", description = "edits a story")
        @UserMessage("[editor] {{topic}} {{story}}")
        String edit(@V("topic") String topic, @V("story") String story);
    }

    public interface Background {
        @Agent(name = "background", outputKey = "facts", async = true, description = "finds facts")
        @UserMessage("[background] {{topic}}")
        String facts(@V("topic") String topic);
    }

    public interface Item {
        @Agent(name = "item", description = "handles one item")
        @UserMessage("[item] {{item}}")
        String handle(@V("item") String item);
    }

    private AgenticApp() {}

    public static void main(String[] arguments) throws InterruptedException, ExecutionException {
        ChatModel model = new EchoModel("echo", AgenticApp::answer);
        ExecutorService fixed = Executors.newFixedThreadPool(8, AgenticApp::daemon);
        UntypedAgent everything = everything(model, fixed);
        Map<String, Object> results = new TreeMap<>();
        results.put("run-0", run(everything, 0));

        ExecutorService callers = Executors.newFixedThreadPool(100, AgenticApp::daemon);
        List<Future<Object>> runs = new ArrayList<>();
        for (int i = 1; i <= 100; i++) {
            int number = i;
            runs.add(callers.submit(() -> run(everything, number)));
        }
        for (int i = 0; i < runs.size(); i++) {
            results.put("run-" + (i + 1), runs.get(i).get());
        }
        results.put("supervisor", supervisor(model));
        results.forEach((name, result) -> System.out.println(name + " " + result));
        System.out.println("threads " + (fixed.isShutdown() ? "gone" : "alive"));
    }

    private static Object run(UntypedAgent workflow, int number) {
        String topic = "run-" + number;
        List<String> items = List.of(topic + " a", topic + " b", topic + " c");
        return workflow.invoke(Map.of("topic", topic, "items", items));
    }

    private static UntypedAgent everything(ChatModel model, ExecutorService fixed) {
        AtomicInteger scored = new AtomicInteger();
        UntypedAgent branches = AgenticServices.parallelBuilder()
                .name("branches")
                .subAgents(branches(model))
                .outputKey("branches")
                .output(scope -> "joined")
                .build();
        UntypedAgent onFixed = AgenticServices.parallelBuilder()
                .name("on-fixed")
                .subAgents(branches(model))
                .executor(fixed)
                .outputKey("fixed")
                .output(scope -> "joined too")
                .build();
        UntypedAgent mapped = AgenticServices.parallelMapperBuilder()
                .name("mapped")
                .subAgents(agent(Item.class, model))
                .itemsProvider("items")
                .outputKey("mapped")
                .build();
        UntypedAgent loop = AgenticServices.loopBuilder()
                .name("polish")
                .subAgents(agent(Scorer.class, model), agent(Editor.class, model))
                .maxIterations(2)
                .exitCondition(scope -> scored.get() < 0)
                .outputKey("story")
                .build();
        UntypedAgent conditional = AgenticServices.conditionalBuilder()
                .name("choose")
                .subAgents(scope -> true, agent(Editor.class, model))
                .subAgents(scope -> false, agent(Writer.class, model))
                .build();
        return AgenticServices.sequenceBuilder()
                .name("everything")
                .subAgents(
                        agent(Background.class, model),
                        agent(Writer.class, model),
                        branches,
                        onFixed,
                        mapped,
                        loop,
                        conditional)
                .output(scope -> scope.readState("story", "no story") + " " + scope.readState("facts", "no facts"))
                .build();
    }

    private static Object[] branches(ChatModel model) {
        Object[] branches = new Object[8];
        for (int i = 0; i < branches.length; i++) {
            branches[i] = AgenticServices.agentBuilder(Branch1.class)
                    .chatModel(model)
                    .outputKey("out" + i)
                    .build();
        }
        return branches;
    }

    private static <T> T agent(Class<T> type, ChatModel model) {
        AgentBuilder<T, ?> builder = AgenticServices.agentBuilder(type);
        return builder.chatModel(model).build();
    }

    private static String supervisor(ChatModel model) {
        AtomicInteger turns = new AtomicInteger();
        ChatModel planner = new EchoModel(
                "planner",
                asked -> turns.getAndIncrement() == 0
                        ? "{\"agentName\": \"writer\", \"arguments\": {\"topic\": \"run-1000\"}}"
                        : "{\"agentName\": \"done\", \"arguments\": {\"response\": \"well done\"}}");
        SupervisorAgent supervisor = AgenticServices.supervisorBuilder()
                .name("supervised")
                .chatModel(planner)
                .subAgents(agent(Writer.class, model))
                .responseStrategy(SupervisorResponseStrategy.LAST)
                .build();
        return supervisor.invoke("write about run-1000");
    }

    private static String answer(String asked) {
        return asked.contains("[scorer]") ? "0.5" : "answer to " + asked.length();
    }

    private static Thread daemon(Runnable work) {
        Thread thread = new Thread(work);
        thread.setDaemon(true);
        return thread;
    }
}
