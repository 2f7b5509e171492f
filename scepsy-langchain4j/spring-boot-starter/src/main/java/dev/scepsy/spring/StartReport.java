package dev.scepsy.spring;

import dev.langchain4j.model.chat.ChatModel;
import dev.langchain4j.model.chat.StreamingChatModel;
import dev.langchain4j.model.chat.listener.ChatModelListener;
import dev.scepsy.langchain4j.ScepsyLangChain4j;
import io.opentelemetry.api.GlobalOpenTelemetry;
import io.opentelemetry.api.OpenTelemetry;
import java.util.List;
import org.springframework.beans.factory.ListableBeanFactory;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.beans.factory.SmartInitializingSingleton;

/** Looks once at all beans, when all are made: models without a listener and spans without a way out are said, never passed over. */
final class StartReport implements SmartInitializingSingleton {

    private static final System.Logger LOG = System.getLogger("dev.scepsy.spring");

    private final ListableBeanFactory beans;
    private final ObjectProvider<OpenTelemetry> openTelemetry;

    StartReport(ListableBeanFactory beans, ObjectProvider<OpenTelemetry> openTelemetry) {
        this.beans = beans;
        this.openTelemetry = openTelemetry;
    }

    @Override
    public void afterSingletonsInstantiated() {
        if (Boolean.getBoolean("scepsy.agent.active")) {
            LOG.log(System.Logger.Level.INFO, "Scepsy: the agent is in this JVM and traces; the starter stays silent.");
            return;
        }
        if (openTelemetry.getIfAvailable() == null && GlobalOpenTelemetry.get() == OpenTelemetry.noop()) {
            LOG.log(
                    System.Logger.Level.WARNING,
                    "Scepsy: spans go nowhere, for the application has no OpenTelemetry: neither a bean nor a global one. Add"
                            + " spring-boot-starter-opentelemetry (Spring Boot 4), or micrometer-tracing-bridge-otel with"
                            + " spring-boot-starter-actuator (3).");
        }
        beans.getBeansOfType(ChatModel.class, false, false)
                .forEach((name, model) -> check(name, model, model.listeners()));
        beans.getBeansOfType(StreamingChatModel.class, false, false)
                .forEach((name, model) -> check(name, model, model.listeners()));
    }

    private static void check(String name, Object model, List<ChatModelListener> listeners) {
        Class<?> ours =
                ScepsyLangChain4j.with(OpenTelemetry.noop()).chatModelListener().getClass();
        if (listeners.stream().noneMatch(ours::isInstance)) {
            LOG.log(
                    System.Logger.Level.WARNING,
                    "Scepsy: calls of the bean " + name + " ("
                            + model.getClass().getName() + ") are not traced, for it was built"
                            + " without the context's listeners. Inject List<ChatModelListener> where it is made, and give it to the"
                            + " builder: .listeners(listeners).");
        }
    }
}
