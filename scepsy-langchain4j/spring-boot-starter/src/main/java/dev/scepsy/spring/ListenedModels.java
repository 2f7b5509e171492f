package dev.scepsy.spring;

import dev.langchain4j.model.embedding.EmbeddingModel;
import dev.langchain4j.model.embedding.listener.EmbeddingModelListener;
import dev.langchain4j.model.scoring.ScoringModel;
import dev.langchain4j.rag.content.retriever.ContentRetriever;
import dev.scepsy.langchain4j.ScepsyLangChain4j;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.util.function.Supplier;
import org.aopalliance.intercept.MethodInterceptor;
import org.jspecify.annotations.Nullable;
import org.springframework.aop.framework.AopConfigException;
import org.springframework.aop.framework.ProxyFactory;
import org.springframework.beans.factory.config.BeanPostProcessor;
import org.springframework.core.Ordered;

/**
 * Puts listeners on the beans whose builders take none: embedding models, retrievers, rerankers. The bean keeps its class, so that
 * the application may still ask for it by that; where the class is final this cannot be, and a line says so.
 */
final class ListenedModels implements BeanPostProcessor, Ordered {

    private static final System.Logger LOG = System.getLogger("dev.scepsy.spring");

    private final Supplier<ScepsyLangChain4j> scepsy;

    ListenedModels(Supplier<ScepsyLangChain4j> scepsy) {
        this.scepsy = scepsy;
    }

    @Override
    public int getOrder() {
        return Ordered.LOWEST_PRECEDENCE - 2;
    }

    @Override
    public @Nullable Object postProcessAfterInitialization(Object bean, String name) {
        if (bean instanceof EmbeddingModel model && !isListened(model)) {
            return inFront(
                    name,
                    bean,
                    EmbeddingModel.class,
                    model.addListener(scepsy.get().embeddingModelListener()));
        }
        if (bean instanceof ContentRetriever retriever) {
            String source = bean.getClass().getSimpleName();
            return inFront(
                    name,
                    bean,
                    ContentRetriever.class,
                    retriever.addListener(scepsy.get().contentRetrieverListener(source)));
        }
        if (bean instanceof ScoringModel reranker) {
            return inFront(name, bean, ScoringModel.class, scepsy.get().reranker(reranker, name));
        }
        return bean;
    }

    private boolean isListened(EmbeddingModel model) {
        Class<? extends EmbeddingModelListener> ours =
                scepsy.get().embeddingModelListener().getClass();
        return model.listeners().stream().anyMatch(ours::isInstance);
    }

    /** {@code bean} as before, but what {@code type} declares goes to {@code listened}. */
    private static <T> Object inFront(String name, Object bean, Class<T> type, T listened) {
        ProxyFactory factory = new ProxyFactory(bean);
        factory.setProxyTargetClass(true);
        factory.addAdvice((MethodInterceptor) call -> {
            Method method = call.getMethod();
            return isOf(type, method) ? invoke(method(type, method), listened, call.getArguments()) : call.proceed();
        });
        try {
            return factory.getProxy(bean.getClass().getClassLoader());
        } catch (AopConfigException e) {
            LOG.log(
                    System.Logger.Level.WARNING,
                    "Scepsy: calls of the bean " + name + " are not traced, for "
                            + bean.getClass().getName()
                            + " cannot be wrapped (is it final?). Add the listener where the bean is made: inject"
                            + " ScepsyLangChain4j.");
            return bean;
        }
    }

    private static boolean isOf(Class<?> type, Method method) {
        return method.getDeclaringClass() != Object.class && declares(type, method);
    }

    private static boolean declares(Class<?> type, Method method) {
        try {
            type.getMethod(method.getName(), method.getParameterTypes());
            return true;
        } catch (NoSuchMethodException e) {
            return false;
        }
    }

    private static Method method(Class<?> type, Method method) throws NoSuchMethodException {
        return type.getMethod(method.getName(), method.getParameterTypes());
    }

    private static @Nullable Object invoke(Method method, Object target, @Nullable Object[] arguments)
            throws Throwable {
        try {
            return method.invoke(target, arguments);
        } catch (InvocationTargetException e) {
            throw e.getCause() == null ? e : e.getCause();
        }
    }
}
