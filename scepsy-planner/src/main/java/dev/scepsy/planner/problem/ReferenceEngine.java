package dev.scepsy.planner.problem;

import dev.scepsy.planner.file.ModelsFile;
import dev.scepsy.planner.profile.EngineProfiles;
import dev.scepsy.planner.profile.EngineSetup;
import dev.scepsy.planner.profile.GpuFacts;
import dev.scepsy.planner.profile.ModelArchitecture;
import dev.scepsy.planner.profile.ServedModel;
import dev.scepsy.planner.profile.TensorParallelRules;
import dev.scepsy.planner.share.CallClass;
import dev.scepsy.planner.share.Demands;
import dev.scepsy.planner.share.ModelStatistics;
import dev.scepsy.planner.share.TokenStatistics;
import java.util.List;
import java.util.Optional;
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
        return setup(statistics)
                .map(setup -> OptionalDouble.of(
                        seconds(setup, mean(statistics.inputTokens()), mean(statistics.outputTokens()), statistics)))
                .orElseGet(OptionalDouble::empty);
    }

    @Override
    public List<OptionalDouble> ofClasses(ModelStatistics statistics, List<CallClass> classes) {
        Optional<EngineSetup> setup = setup(statistics);
        return classes.stream()
                .map(each -> {
                    double input = mean(each.inputTokens());
                    double output = mean(each.outputTokens());
                    return setup.isPresent()
                                    && input > 0
                                    && EngineProfiles.whyUnusable(setup.get(), input + output)
                                            .isEmpty()
                            ? OptionalDouble.of(seconds(setup.get(), input, output, statistics))
                            : OptionalDouble.empty();
                })
                .toList();
    }

    /** Beside mean calls. */
    private double seconds(EngineSetup setup, double input, double output, ModelStatistics mean) {
        return engine.callSeconds(
                setup, input, output, mean(mean.inputTokens()), mean(mean.outputTokens()), NEIGHBOURS);
    }

    private static double mean(Optional<TokenStatistics> tokens) {
        return tokens.map(TokenStatistics::mean).orElse(0.0);
    }

    private Optional<EngineSetup> setup(ModelStatistics statistics) {
        ServedModel model =
                new ModelNames(models.models()).find(statistics.model()).orElse(null);
        ModelArchitecture architecture =
                model == null ? null : models.architectures().get(model.name());
        double input = mean(statistics.inputTokens());
        if (model == null || architecture == null || input <= 0) {
            return Optional.empty();
        }
        TensorParallelRules rules = EngineProfiles.rules(model, architecture);
        for (int degree = 1; degree <= MOST_GPUS; degree *= 2) {
            if (rules.starts(degree)) {
                EngineSetup setup = EngineProfiles.setup(model, architecture, gpu, degree, 1);
                if (EngineProfiles.whyUnusable(setup, input + mean(statistics.outputTokens()))
                        .isEmpty()) {
                    return Optional.of(setup);
                }
            }
        }
        return Optional.empty();
    }
}
