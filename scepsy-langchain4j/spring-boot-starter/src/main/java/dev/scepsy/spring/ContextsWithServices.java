package dev.scepsy.spring;

import dev.scepsy.langchain4j.ScepsyLangChain4j;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Supplier;
import org.springframework.beans.factory.DisposableBean;
import org.springframework.beans.factory.config.BeanPostProcessor;

/**
 * The contexts in which AI services may be built. LangChain4j makes their listeners through a service of the JVM, which knows no
 * context: it takes those of the newest that is open. A post-processor, because these are made before any AI service is.
 */
final class ContextsWithServices implements BeanPostProcessor, DisposableBean {

    private static final List<ContextsWithServices> OPEN = new CopyOnWriteArrayList<>();

    private final Supplier<ScepsyLangChain4j> scepsy;

    ContextsWithServices(Supplier<ScepsyLangChain4j> scepsy) {
        this.scepsy = scepsy;
        OPEN.add(this);
    }

    @Override
    public void destroy() {
        OPEN.remove(this);
    }

    static Optional<ScepsyLangChain4j> newest() {
        List<ContextsWithServices> open = List.copyOf(OPEN);
        return open.isEmpty()
                ? Optional.empty()
                : Optional.of(open.get(open.size() - 1).scepsy.get());
    }
}
