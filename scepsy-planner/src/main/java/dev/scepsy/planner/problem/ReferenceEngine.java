package dev.scepsy.planner.problem;

import dev.scepsy.planner.file.ModelsFile;
import dev.scepsy.planner.profile.EngineProfiles;
import dev.scepsy.planner.profile.EngineSetup;
import dev.scepsy.planner.profile.GpuFacts;
import dev.scepsy.planner.profile.ModelArchitecture;
import dev.scepsy.planner.profile.ServedModel;
import dev.scepsy.planner.profile.TensorParallelRules;
import dev.scepsy.planner.share.Demands;
import dev.scepsy.planner.share.ModelStatistics;
import dev.scepsy.planner.share.TokenStatistics;
import java.util.OptionalDouble;

/**
 * What the engine model gives a call at a reference allocation: whole GPUs of one type, the fewest that hold the model, {@value
 * #NEIGHBOURS} calls at work. Demands stated so compare across models and clusters; they are no predictions. Immutable.
 */
public final class ReferenceEngine implements Demands.EngineSecondsPerCall {

    private static final double NEIGHBOURS = 8;
    private static final int MOST_GPUS = 64;

    private final ModelsFile.Described models;
    private final GpuFacts gpu;
    private final EngineProfiles engine = EngineProfiles.builtIn();

    /**
     * @param models the models that are known
     * @param gpu the GPU of the reference
     */
    public ReferenceEngine(ModelsFile.Described models, GpuFacts gpu) {
        this.models = models;
        this.gpu = gpu;
    }

    @Override
    public OptionalDouble of(ModelStatistics statistics) {
        ServedModel model =
                new ModelNames(models.models()).find(statistics.model()).orElse(null);
        ModelArchitecture architecture =
                model == null ? null : models.architectures().get(model.name());
        double input = statistics.inputTokens().map(TokenStatistics::mean).orElse(0.0);
        double output = statistics.outputTokens().map(TokenStatistics::mean).orElse(0.0);
        if (model == null || architecture == null || input <= 0) {
            return OptionalDouble.empty();
        }
        TensorParallelRules rules = EngineProfiles.rules(model, architecture);
        for (int degree = 1; degree <= MOST_GPUS; degree *= 2) {
            if (!rules.starts(degree)) {
                continue;
            }
            EngineSetup setup = EngineProfiles.setup(model, architecture, gpu, degree, 1);
            if (EngineProfiles.whyUnusable(setup, input + output).isEmpty()) {
                return OptionalDouble.of(engine.callSeconds(setup, input, output, input, output, NEIGHBOURS));
            }
        }
        return OptionalDouble.empty();
    }
}
