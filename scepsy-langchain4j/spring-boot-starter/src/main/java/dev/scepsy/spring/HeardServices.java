package dev.scepsy.spring;

import dev.langchain4j.observability.api.AiServiceListenerRegistrar;
import dev.langchain4j.observability.api.DefaultAiServiceListenerRegistrar;
import dev.langchain4j.spi.observability.AiServiceListenerRegistrarFactory;

/**
 * Gives every AI service that is built while a context is open the listeners of {@link ScepsyAutoConfiguration}: LangChain4j's starter
 * builds those of {@code @AiService} without asking the context for any. Found by {@link java.util.ServiceLoader}.
 */
public final class HeardServices implements AiServiceListenerRegistrarFactory {

    private static final System.Logger LOG = System.getLogger("dev.scepsy.spring");

    @Override
    public AiServiceListenerRegistrar get() {
        AiServiceListenerRegistrar registrar = new DefaultAiServiceListenerRegistrar();
        try {
            ContextsWithServices.newest().ifPresent(scepsy -> registrar.register(scepsy.aiServiceListeners()));
        } catch (RuntimeException | LinkageError e) {
            LOG.log(System.Logger.Level.WARNING, "Scepsy: an AI service is built without listeners.", e);
        }
        return registrar;
    }
}
