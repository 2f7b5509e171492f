package dev.scepsy.samples.cluster.control;

import dev.scepsy.samples.cluster.engine.Engine;
import dev.scepsy.samples.cluster.engine.EngineChooser;
import dev.scepsy.samples.cluster.engine.OpenAiFailure;
import io.vertx.core.Future;
import java.util.List;
import java.util.Optional;

/** A pod's own address: its engine or nothing. */
record SingleEngine(Engine engine) implements EngineChooser {
    @Override
    public Future<Engine> choose(String model) {
        return model.isEmpty() || engine.spec().servedNames().contains(model)
                ? Future.succeededFuture(engine)
                : Future.failedFuture(OpenAiFailure.noSuchModel(model));
    }

    @Override
    public List<String> models() {
        return engine.spec().servedNames();
    }

    @Override
    public boolean isHealthy() {
        return engine.isHealthy();
    }

    @Override
    public Optional<Engine> measured() {
        return Optional.of(engine);
    }
}
