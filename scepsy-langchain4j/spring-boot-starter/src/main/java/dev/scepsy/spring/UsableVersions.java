package dev.scepsy.spring;

import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import org.springframework.boot.SpringBootVersion;
import org.springframework.context.annotation.Condition;
import org.springframework.context.annotation.ConditionContext;
import org.springframework.core.type.AnnotatedTypeMetadata;
import org.springframework.util.ClassUtils;

/** Whether Spring Boot and LangChain4j are new enough. Where not, one line says so and the starter does nothing. */
final class UsableVersions implements Condition {

    private static final System.Logger LOG = System.getLogger("dev.scepsy.spring");
    private static final int LEAST_SPRING_BOOT = 3;
    /** What listeners are made of; the newest came with LangChain4j 1.12. */
    private static final List<String> LISTENERS = List.of(
            "dev.langchain4j.model.chat.listener.ChatModelListener",
            "dev.langchain4j.model.embedding.listener.EmbeddingModelListener",
            "dev.langchain4j.model.moderation.listener.ModerationModelListener",
            "dev.langchain4j.rag.content.retriever.listener.ContentRetrieverListener",
            "dev.langchain4j.spi.observability.AiServiceListenerRegistrarFactory");

    private static final AtomicReference<String> SAID = new AtomicReference<>("");

    @Override
    public boolean matches(ConditionContext context, AnnotatedTypeMetadata metadata) {
        Optional<String> why = whyNot(SpringBootVersion.getVersion(), context.getClassLoader());
        why.filter(sentence -> !SAID.getAndSet(sentence).equals(sentence))
                .ifPresent(sentence -> LOG.log(System.Logger.Level.WARNING, sentence));
        return why.isEmpty();
    }

    static Optional<String> whyNot(String springBoot, ClassLoader loader) {
        int major = Integer.parseInt(springBoot.substring(0, springBoot.indexOf('.')));
        if (major < LEAST_SPRING_BOOT) {
            return Optional.of(String.format(
                    Locale.ROOT,
                    "Scepsy traces nothing: this is Spring Boot %s, and the starter needs 3 or newer. Use -javaagent:scepsy-javaagent.jar,"
                            + " or remove the starter.",
                    springBoot));
        }
        return LISTENERS.stream()
                .filter(name -> !ClassUtils.isPresent(name, loader))
                .findFirst()
                .map(name -> "Scepsy traces nothing: LangChain4j has no " + ClassUtils.getShortName(name)
                        + " here, and the starter needs LangChain4j 1.12 or newer (langchain4j and langchain4j-core). Use"
                        + " -javaagent:scepsy-javaagent.jar, or remove the starter.");
    }
}
