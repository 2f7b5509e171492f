package dev.scepsy.samples.cluster.engine;

import io.vertx.core.Future;
import java.util.List;
import java.util.Optional;

/** Which engine a request goes to: a pod is its own choice, a service and the gateway choose among many. */
public interface EngineChooser {

    /**
     * The engine for a model, as soon as there is one.
     *
     * @return fails with {@link OpenAiFailure} when the model is unknown here or nobody can serve it in time
     */
    Future<Engine> choose(String model);

    /** Model names that can be asked for now. */
    List<String> models();

    /** What {@code /health} answers: whether requests can be served here. */
    boolean isHealthy();

    /** The engine whose {@code /metrics} are answered here; empty where there may be several: ask their pods. */
    default Optional<Engine> measured() {
        return Optional.empty();
    }
}
