package dev.scepsy.javaagent.app;

import dev.langchain4j.agentic.Agent;
import dev.langchain4j.agentic.AgenticServices;
import dev.langchain4j.agentic.UntypedAgent;
import dev.langchain4j.agentic.declarative.ChatModelSupplier;
import dev.langchain4j.agentic.declarative.SequenceAgent;
import dev.langchain4j.agentic.supervisor.SupervisorAgent;
import dev.langchain4j.model.chat.ChatModel;
import dev.langchain4j.service.UserMessage;
import dev.langchain4j.service.V;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;

/** Agentic systems of every kind that nobody gave a name. */
public final class UnnamedApp {

    private static final ChatModel BIG = new EchoModel("big", asked -> "<" + asked + ">");
    private static final ChatModel SMALL = new EchoModel("small", asked -> "(" + asked + ")");

    /** Nameless: LangChain4j calls it {@code write}. */
    public interface Writer {
        @Agent(outputKey = "story", description = "writes a story")
        @UserMessage("{{topic}}")
        String write(@V("topic") String topic);
    }

    public interface Editor {
        @Agent(name = "edit", outputKey = "story", description = "its name is its method's, and given")
        @UserMessage("{{topic}} {{story}}")
        String edit(@V("topic") String topic, @V("story") String story);
    }

    public interface Item {
        @Agent(description = "handles one item")
        @UserMessage("{{item}}")
        String handle(@V("item") String item);
    }

    public interface Novel {
        @Agent(outputKey = "story")
        String invoke(@V("topic") String topic);
    }

    public interface Declared {
        @SequenceAgent(outputKey = "story", subAgents = Declaring.class)
        String invoke(@V("topic") String topic);
    }

    public interface Declaring {
        @Agent(outputKey = "story", description = "writes")
        @UserMessage("{{topic}}")
        String write(@V("topic") String topic);

        @ChatModelSupplier
        static ChatModel model() {
            return BIG;
        }
    }

    private UnnamedApp() {}

    public static void main(String[] arguments) {
        Map<String, Object> topic = Map.of("topic", "tea", "items", List.of("one", "two"));
        UntypedAgent big = AgenticServices.sequenceBuilder()
                .subAgents(agent(Writer.class, BIG))
                .build();
        UntypedAgent small = AgenticServices.sequenceBuilder()
                .subAgents(agent(Writer.class, SMALL))
                .build();
        for (int i = 0; i < 3; i++) {
            big.invoke(topic);
            small.invoke(topic);
        }
        AgenticServices.sequenceBuilder()
                .name("given")
                .subAgents(agent(Writer.class, BIG))
                .build()
                .invoke(topic);
        AgenticServices.sequenceBuilder(Novel.class)
                .subAgents(agent(Writer.class, BIG))
                .outputKey("story")
                .build()
                .invoke("tea");
        AgenticServices.createAgenticSystem(Declared.class, BIG).invoke("tea");
        AgenticServices.parallelBuilder()
                .subAgents(agent(Writer.class, BIG), agent(Writer.class, BIG), agent(Writer.class, SMALL))
                .build()
                .invoke(topic);
        AgenticServices.parallelMapperBuilder()
                .subAgents(agent(Item.class, SMALL))
                .itemsProvider("items")
                .build()
                .invoke(topic);
        AtomicInteger turns = new AtomicInteger();
        UntypedAgent loop = AgenticServices.loopBuilder()
                .subAgents(agent(Editor.class, SMALL))
                .maxIterations(2)
                .exitCondition(scope -> turns.incrementAndGet() > 1)
                .build();
        AgenticServices.sequenceBuilder()
                .subAgents(agent(Writer.class, BIG), loop)
                .build()
                .invoke(topic);
        AgenticServices.conditionalBuilder()
                .subAgents(scope -> true, agent(Writer.class, BIG))
                .build()
                .invoke(topic);
        AgenticServices.plannerBuilder()
                .subAgents(agent(Writer.class, BIG))
                .planner(WorkflowsApp.Backwards::new)
                .build()
                .invoke(topic);
        AgenticServices.sequenceBuilder()
                .subAgents(
                        AgenticServices.agentAction(() -> {}),
                        AgenticServices.humanInTheLoopBuilder()
                                .responseProvider(scope -> "said")
                                .build())
                .build()
                .invoke(topic);
        supervisor().invoke("write about tea");
        agent(Writer.class, SMALL).write("tea");
        System.out.println("done");
    }

    private static SupervisorAgent supervisor() {
        AtomicInteger turns = new AtomicInteger();
        ChatModel planner = new EchoModel(
                "planner",
                asked -> turns.getAndIncrement() == 0
                        ? "{\"agentName\": \"write\", \"arguments\": {\"topic\": \"tea\"}}"
                        : "{\"agentName\": \"done\", \"arguments\": {\"response\": \"all done\"}}");
        return AgenticServices.supervisorBuilder()
                .chatModel(planner)
                .subAgents(agent(Writer.class, BIG))
                .build();
    }

    private static <T> T agent(Class<T> type, ChatModel model) {
        return AgenticServices.agentBuilder(type).chatModel(model).build();
    }
}
