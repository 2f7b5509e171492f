package dev.scepsy.spring;

import dev.scepsy.langchain4j.ScepsyLangChain4j;
import dev.scepsy.langchain4j.Workflow;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.function.Supplier;
import org.aopalliance.intercept.MethodInterceptor;
import org.aopalliance.intercept.MethodInvocation;
import org.jspecify.annotations.Nullable;
import org.springframework.aop.Pointcut;
import org.springframework.aop.framework.AopProxyUtils;
import org.springframework.aop.framework.autoproxy.AbstractBeanFactoryAwareAdvisingPostProcessor;
import org.springframework.aop.support.ComposablePointcut;
import org.springframework.aop.support.DefaultPointcutAdvisor;
import org.springframework.aop.support.annotation.AnnotationMatchingPointcut;
import org.springframework.core.Ordered;

/**
 * Runs the methods that {@link Workflow} marks, on a bean's class or on its interfaces, as workflows. As with every annotation that Spring
 * acts on, calls from within the same object are not seen.
 */
final class WorkflowBeans extends AbstractBeanFactoryAwareAdvisingPostProcessor {

    private static final long serialVersionUID = 1;

    WorkflowBeans(Supplier<ScepsyLangChain4j> scepsy, Supplier<@Nullable WorkflowObserver> observer) {
        // inside what moves a call to another thread (@Async, whose processor comes last and goes outside)
        setBeforeExistingAdvisors(true);
        setOrder(Ordered.LOWEST_PRECEDENCE - 1);
        setProxyTargetClass(true);
        Pointcut marked = new ComposablePointcut((Pointcut) new AnnotationMatchingPointcut(Workflow.class, true))
                .union((Pointcut) new AnnotationMatchingPointcut(null, Workflow.class, true));
        this.advisor = new DefaultPointcutAdvisor(marked, new Interceptor(scepsy, observer));
    }

    private record Interceptor(Supplier<ScepsyLangChain4j> scepsy, Supplier<@Nullable WorkflowObserver> observer)
            implements MethodInterceptor {

        @Override
        public @Nullable Object invoke(MethodInvocation call) throws Throwable {
            Class<?> type = call.getThis() == null
                    ? call.getMethod().getDeclaringClass()
                    : AopProxyUtils.ultimateTargetClass(call.getThis());
            Callable<@Nullable Object> work = () -> {
                try {
                    return call.proceed();
                } catch (Exception | Error e) {
                    throw e;
                } catch (Throwable e) {
                    throw new Undeclared(e);
                }
            };
            try {
                Callable<@Nullable Object> traced = () -> scepsy.get().inWorkflow(call.getMethod(), type, work);
                Optional<String> workflow = ScepsyLangChain4j.workflowOf(call.getMethod(), type);
                WorkflowObserver looker = workflow.isPresent() ? observer.get() : null;
                return looker == null ? traced.call() : looker.observed(workflow.get(), traced);
            } catch (Undeclared e) {
                throw e.getCause();
            }
        }
    }

    /** Carries what is neither an exception nor an error through code that throws exceptions. */
    private static final class Undeclared extends Exception {
        private static final long serialVersionUID = 1;

        private Undeclared(Throwable cause) {
            super(cause);
        }

        @Override
        @SuppressWarnings("NullAway") // made with a cause
        public synchronized Throwable getCause() {
            return super.getCause();
        }
    }
}
