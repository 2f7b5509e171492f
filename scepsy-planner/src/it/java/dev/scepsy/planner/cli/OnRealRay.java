package dev.scepsy.planner.cli;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import java.util.Optional;
import org.junit.jupiter.api.extension.ConditionEvaluationResult;
import org.junit.jupiter.api.extension.ExecutionCondition;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.extension.ExtensionContext;

/** Tests that run with {@code -Preal-ray} only, and where there is no Ray say NOT RUN. */
@Target(ElementType.TYPE)
@Retention(RetentionPolicy.RUNTIME)
@ExtendWith(OnRealRay.Condition.class)
@interface OnRealRay {

    final class Condition implements ExecutionCondition {

        @Override
        public ConditionEvaluationResult evaluateExecutionCondition(ExtensionContext context) {
            if (context.getTestMethod().isPresent()) {
                return ConditionEvaluationResult.enabled("its class is");
            }
            if (!Boolean.getBoolean("scepsy.real-ray")) {
                return ConditionEvaluationResult.disabled("NOT RUN: only with -Preal-ray");
            }
            Optional<String> missing = RealRay.missing();
            missing.ifPresent(why -> System.out.println("NOT RUN: " + context.getDisplayName() + " (" + why + ")"));
            return missing.map(why -> ConditionEvaluationResult.disabled("NOT RUN: " + why))
                    .orElseGet(() -> ConditionEvaluationResult.enabled("a Ray is there"));
        }
    }
}
