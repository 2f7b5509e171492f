package dev.scepsy.langchain4j;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * Names a workflow: one call of the annotated method, or of any method of the annotated type, is one execution.
 *
 * <p>The annotation only states facts. The Scepsy agent (or the listeners of this module) reads it; without either it does
 * nothing. Of nested workflows the outermost is the grain of all statistics.
 *
 * <pre>{@code
 * @Workflow(name = "research", targetPerSecond = 0.5)
 * Report research(String question) { ... }
 * }</pre>
 */
@Documented
@Retention(RetentionPolicy.RUNTIME)
@Target({ElementType.METHOD, ElementType.TYPE})
public @interface Workflow {

    /** Name in traces, statistics and plans; unique per application. Empty: the method's or the type's simple name. */
    String name() default "";

    /** Executions per second to sustain, 0 or more; NaN, the default: not known, the planner is told elsewhere. */
    double targetPerSecond() default Double.NaN;

    /** Weight of its latency in the planner's objective, 0 or more; 0 constrains but does not count. */
    double weight() default 1.0;
}
