package dev.scepsy.spring;

import io.micrometer.observation.Observation;
import io.micrometer.observation.ObservationRegistry;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletionStage;

/** One observation {@code scepsy.workflow} per execution, from the method's call to its end or that of the stage it returns. Thread-safe. */
final class ObservedWorkflows implements WorkflowObserver {

    private final ObservationRegistry registry;

    ObservedWorkflows(ObservationRegistry registry) {
        this.registry = registry;
    }

    @Override
    public <T> T observed(String workflow, Callable<T> work) throws Exception {
        Observation observation = Observation.createNotStarted("scepsy.workflow", ModelObservation::new, registry)
                .contextualName("invoke_workflow " + workflow)
                .lowCardinalityKeyValue("gen_ai.workflow.name", workflow)
                .start();
        T result;
        try (Observation.Scope ignored = observation.openScope()) {
            result = work.call();
        } catch (Throwable e) {
            observation.error(e);
            observation.stop();
            throw e;
        }
        if (result instanceof CompletionStage<?> stage) {
            stage.whenComplete((value, error) -> {
                if (error != null) {
                    observation.error(error);
                }
                observation.stop();
            });
        } else {
            observation.stop();
        }
        return result;
    }
}
