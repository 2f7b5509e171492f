package dev.scepsy.langchain4j.listen;

import dev.langchain4j.agentic.agent.AgentInvocationHandler;
import dev.langchain4j.agentic.internal.AgentExecutor;
import dev.langchain4j.agentic.planner.AgentInstance;
import dev.langchain4j.agentic.planner.Planner;
import dev.langchain4j.model.chat.ChatModel;
import dev.langchain4j.model.chat.StreamingChatModel;
import dev.langchain4j.model.chat.request.ChatRequestParameters;
import dev.langchain4j.service.AiServiceContext;
import java.lang.annotation.Annotation;
import java.lang.reflect.Field;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * What agents and agentic systems are called: the name that somebody gave; else the interface or class; else, of an untyped
 * system, its kind with what it is made of, {@code Sequential(Planner@big,Writer@small)}. LangChain4j's own defaults (the
 * builder's kind, the method's name) are no names: they are the same for systems that have nothing to do with each other.
 * The agent follows the same rule.
 */
final class AgentNames {

    private static final String LANGCHAIN4J = "dev.langchain4j.agentic.";
    private static final String PLANNER = "Planner";
    private static final int LONGEST = 200;

    /** What LangChain4j calls an agent of this type where nobody names it. */
    private static final ClassValue<Set<String>> DEFAULTS = new ClassValue<>() {
        @Override
        protected Set<String> computeValue(Class<?> type) {
            Set<String> names = new LinkedHashSet<>();
            for (Method method : type.getMethods()) {
                if (!declaresName(method)) {
                    names.add(method.getName());
                }
            }
            return names;
        }
    };

    private AgentNames() {}

    /** Never blank. */
    static String of(AgentInstance agent) {
        AgentInstance named = original(agent);
        String name = named.name();
        Class<? extends Planner> planner = named.plannerType();
        Class<?> type = named.type();
        String kind = planner == null ? "" : kindOf(planner);
        if (name != null && !name.isBlank() && !isDefault(name, type, kind)) {
            return name;
        }
        boolean typed = type != null && !type.getName().startsWith(LANGCHAIN4J);
        if (typed || planner == null) {
            return type == null ? "agent" : nameOfType(type);
        }
        return madeOf(kind, named.subagents());
    }

    /** The mapper numbers its copies of an agent, in name and id: the agent that it copied; any other agent itself. */
    private static AgentInstance original(AgentInstance agent) {
        String name = agent.name();
        String id = agent.agentId();
        int at = name == null ? -1 : name.lastIndexOf('_');
        AgentInstance above = at <= 0 || id == null ? null : agent.parent();
        if (name == null || above == null || !id.endsWith(name.substring(at))) {
            return agent;
        }
        String index = name.substring(at);
        for (AgentInstance each : above.subagents()) {
            if (name.equals(each.name() + index) && id.equals(each.agentId() + index)) {
                return each;
            }
        }
        return agent;
    }

    private static boolean isDefault(String name, @Nullable Class<?> type, String kind) {
        if (!kind.isEmpty() && (name.equals(kind) || name.equals(PLANNER))) {
            return true;
        }
        return type != null && DEFAULTS.get(type).contains(name);
    }

    /** Whether an annotation of LangChain4j's gives the method's own name as the agent's. */
    private static boolean declaresName(Method method) {
        for (Annotation annotation : method.getAnnotations()) {
            Class<? extends Annotation> type = annotation.annotationType();
            if (type.getName().startsWith(LANGCHAIN4J)) {
                try {
                    if (method.getName().equals(type.getMethod("name").invoke(annotation))) {
                        return true;
                    }
                } catch (ReflectiveOperationException nameless) {
                    continue;
                }
            }
        }
        return false;
    }

    /** {@code SequentialPlanner} is Sequential; a lambda's class says nothing. */
    private static String kindOf(Class<? extends Planner> planner) {
        String name = planner.isHidden() || planner.isAnonymousClass() ? PLANNER : simple(planner);
        return name.endsWith(PLANNER) && name.length() > PLANNER.length()
                ? name.substring(0, name.length() - PLANNER.length())
                : name;
    }

    private static String nameOfType(Class<?> type) {
        Class<?>[] interfaces = type.getInterfaces();
        boolean nameless = type.isHidden() || Proxy.isProxyClass(type);
        return simple(nameless && interfaces.length > 0 ? interfaces[0] : type);
    }

    /** The simple name; of an anonymous class what follows the package. */
    static String simple(Class<?> type) {
        String simple = type.getSimpleName();
        return simple.isEmpty() ? type.getName().substring(type.getName().lastIndexOf('.') + 1) : simple;
    }

    private static String madeOf(String kind, List<AgentInstance> parts) {
        String name = parts.stream()
                .map(part -> {
                    String model = modelOf(part);
                    return model == null ? of(part) : of(part) + "@" + model;
                })
                .distinct()
                .collect(Collectors.joining(",", kind + "(", ")"));
        if (name.length() <= LONGEST) {
            return name;
        }
        int end = Character.isHighSurrogate(name.charAt(LONGEST - 1)) ? LONGEST - 1 : LONGEST;
        return name.substring(0, end) + "..." + Integer.toHexString(name.hashCode());
    }

    /** The name of the model that an agent was built with; null where it has none, or chooses one for each call. */
    private static @Nullable String modelOf(AgentInstance part) {
        if (!(part instanceof AgentExecutor executor)
                || executor.agent() == null
                || !Proxy.isProxyClass(executor.agent().getClass())
                || !(Proxy.getInvocationHandler(executor.agent()) instanceof AgentInvocationHandler handler)) {
            return null;
        }
        try {
            Field field = Contexts.FIELD;
            Object read = field == null ? null : field.get(handler);
            Object model = !(read instanceof AiServiceContext context)
                    ? null
                    : context.chatModel != null ? context.chatModel : context.streamingChatModel;
            if (model == null
                    || model.getClass().isHidden()
                    || Proxy.isProxyClass(model.getClass())
                    || model.getClass().getName().startsWith(LANGCHAIN4J)) {
                return null;
            }
            ChatRequestParameters defaults = model instanceof ChatModel chat
                    ? chat.defaultRequestParameters()
                    : model instanceof StreamingChatModel streaming ? streaming.defaultRequestParameters() : null;
            return defaults == null ? null : defaults.modelName();
        } catch (IllegalAccessException | RuntimeException untold) {
            return null; // A model of the application's that does not say what it is.
        }
    }

    private static final class Contexts {

        static final @Nullable Field FIELD = find();

        private static @Nullable Field find() {
            try {
                Field field = AgentInvocationHandler.class.getDeclaredField("context");
                return field.trySetAccessible() ? field : null;
            } catch (NoSuchFieldException | RuntimeException another) {
                return null; // Another version: agents without their models.
            }
        }
    }
}
