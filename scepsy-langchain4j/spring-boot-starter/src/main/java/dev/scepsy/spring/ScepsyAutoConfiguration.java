package dev.scepsy.spring;

import dev.langchain4j.model.chat.listener.ChatModelListener;
import dev.langchain4j.model.embedding.listener.EmbeddingModelListener;
import dev.langchain4j.model.moderation.listener.ModerationModelListener;
import dev.scepsy.langchain4j.ScepsyLangChain4j;
import io.micrometer.observation.ObservationRegistry;
import io.opentelemetry.api.GlobalOpenTelemetry;
import io.opentelemetry.api.OpenTelemetry;
import org.springframework.beans.factory.ListableBeanFactory;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.beans.factory.config.BeanDefinition;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnProperty;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Conditional;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Role;

/**
 * Listeners as beans, which LangChain4j's own starters give to every model they make; embedding models, retrievers and rerankers
 * wrapped; AI services heard; methods marked with {@code @Workflow} run as workflows. Where the Scepsy agent is in the JVM all of it
 * stays silent, so that each call is counted once.
 *
 * <p>Spans go to the context's {@link OpenTelemetry} bean, or where there is none to the global one.
 */
@AutoConfiguration
@ConditionalOnProperty(prefix = "scepsy.tracing", name = "enabled", matchIfMissing = true)
@Conditional(UsableVersions.class)
@EnableConfigurationProperties(ScepsyTracingProperties.class)
public class ScepsyAutoConfiguration {

    /** The door of {@code dev.scepsy.langchain4j}: for models that the application builds by hand. */
    @Bean
    @ConditionalOnMissingBean
    ScepsyLangChain4j scepsyLangChain4j(ObjectProvider<OpenTelemetry> openTelemetry) {
        return ScepsyLangChain4j.with(openTelemetry.getIfAvailable(GlobalOpenTelemetry::get));
    }

    @Bean
    @ConditionalOnMissingBean(name = "scepsyChatModelListener")
    ChatModelListener scepsyChatModelListener(ScepsyLangChain4j scepsy) {
        return scepsy.chatModelListener();
    }

    @Bean
    @ConditionalOnMissingBean(name = "scepsyEmbeddingModelListener")
    EmbeddingModelListener scepsyEmbeddingModelListener(ScepsyLangChain4j scepsy) {
        return scepsy.embeddingModelListener();
    }

    @Bean
    @ConditionalOnMissingBean(name = "scepsyModerationModelListener")
    ModerationModelListener scepsyModerationModelListener(ScepsyLangChain4j scepsy) {
        return scepsy.moderationModelListener();
    }

    /** Says at start what will not be traced, and why. */
    @Bean
    StartReport scepsyStartReport(ListableBeanFactory beans, ObjectProvider<OpenTelemetry> openTelemetry) {
        return new StartReport(beans, openTelemetry);
    }

    // What looks at other beans is made before them, and asks for its own parts only when it needs them.

    @Bean
    @Role(BeanDefinition.ROLE_INFRASTRUCTURE)
    static ListenedModels scepsyListenedModels(ObjectProvider<ScepsyLangChain4j> scepsy) {
        return new ListenedModels(scepsy::getObject);
    }

    @Bean
    @Role(BeanDefinition.ROLE_INFRASTRUCTURE)
    static ContextsWithServices scepsyContextsWithServices(ObjectProvider<ScepsyLangChain4j> scepsy) {
        return new ContextsWithServices(scepsy::getObject);
    }

    @Bean
    @Role(BeanDefinition.ROLE_INFRASTRUCTURE)
    @ConditionalOnProperty(prefix = "scepsy.tracing", name = "workflows", matchIfMissing = true)
    static WorkflowBeans scepsyWorkflowBeans(
            ObjectProvider<ScepsyLangChain4j> scepsy, ObjectProvider<WorkflowObserver> observer) {
        return new WorkflowBeans(scepsy::getObject, observer::getIfAvailable);
    }

    /** Where the application has Micrometer's observations. */
    @Configuration(proxyBeanMethods = false)
    @ConditionalOnClass(ObservationRegistry.class)
    @ConditionalOnProperty(prefix = "scepsy.tracing", name = "observations", matchIfMissing = true)
    static class Observations {

        @Bean
        WorkflowObserver scepsyWorkflowObserver(ObjectProvider<ObservationRegistry> registry) {
            return new ObservedWorkflows(registry.getIfAvailable(() -> ObservationRegistry.NOOP));
        }

        @Bean
        ChatModelListener scepsyObservedCalls(ObjectProvider<ObservationRegistry> registry) {
            return new ObservedCalls(registry.getIfAvailable(() -> ObservationRegistry.NOOP));
        }

        @Bean
        @ConditionalOnClass(name = "io.micrometer.tracing.handler.TracingObservationHandler")
        NoSecondSpan scepsyNoSecondSpan() {
            return new NoSecondSpan();
        }
    }
}
