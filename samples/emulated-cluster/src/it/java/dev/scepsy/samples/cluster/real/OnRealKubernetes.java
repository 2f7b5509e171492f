package dev.scepsy.samples.cluster.real;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import java.util.Optional;
import org.junit.jupiter.api.extension.ConditionEvaluationResult;
import org.junit.jupiter.api.extension.ExecutionCondition;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.extension.ExtensionContext;

/** Tests that run with {@code -Preal-kubernetes} only, and where a control plane is missing say NOT RUN, a line for each class. */
@Target(ElementType.TYPE)
@Retention(RetentionPolicy.RUNTIME)
@ExtendWith(OnRealKubernetes.Condition.class)
public @interface OnRealKubernetes {

    final class Condition implements ExecutionCondition {

        @Override
        public ConditionEvaluationResult evaluateExecutionCondition(ExtensionContext context) {
            if (context.getTestMethod().isPresent()) {
                return ConditionEvaluationResult.enabled("its class is");
            }
            if (!Boolean.getBoolean("scepsy.real-kubernetes")) {
                return ConditionEvaluationResult.disabled("NOT RUN: only with -Preal-kubernetes");
            }
            Optional<String> missing = ControlPlane.missing();
            missing.ifPresent(why -> System.out.println("NOT RUN: " + context.getDisplayName() + " (" + why + ")"));
            return missing.map(why -> ConditionEvaluationResult.disabled("NOT RUN: " + why))
                    .orElseGet(() -> ConditionEvaluationResult.enabled("a control plane is there"));
        }
    }
}
