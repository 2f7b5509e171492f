package dev.scepsy.planner.problem;

import dev.scepsy.planner.allocation.LlmAllocation;
import dev.scepsy.planner.allocation.Plan;
import dev.scepsy.planner.file.MeasuredProfile;
import dev.scepsy.planner.file.ModelsFile;
import dev.scepsy.planner.file.Problem;
import dev.scepsy.planner.file.Source;
import dev.scepsy.planner.profile.EngineProfiles;
import dev.scepsy.planner.profile.ModelArchitecture;
import dev.scepsy.planner.profile.ProfileKey;
import dev.scepsy.planner.profile.ServedModel;
import dev.scepsy.planner.profile.TensorParallelRules;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Where files ask for a tensor-parallel degree that the engine of a model does not start with ({@link TensorParallelRules}). A
 * measured profile at the degree is proof that it does; nothing is said of models whose architecture is unknown.
 */
public final class StartableDegrees {

    /** Wider groups than these are not listed among what would work. */
    private static final int WIDEST_LISTED = 64;

    private final ModelsFile.Described models;
    private final ModelNames names;
    private final List<MeasuredProfile> measured;

    /**
     * @param models the models and their architectures
     * @param measured curves that prove degrees; empty where there are none
     */
    public StartableDegrees(ModelsFile.Described models, List<MeasuredProfile> measured) {
        this.models = models;
        this.names = new ModelNames(models.models());
        this.measured = List.copyOf(measured);
    }

    /** Every {@code tensorParallel} of the models file that never starts and that nobody measured. */
    List<Problem> neverStarted(Source source) {
        List<Problem> problems = new ArrayList<>();
        for (int i = 0; i < models.models().size(); i++) {
            ServedModel model = models.models().get(i);
            for (int degree : model.tensorParallel().stream().sorted().toList()) {
                Optional<String> why = whyNot(model, degree);
                if (why.isPresent() && measured.stream().noneMatch(curve -> isOf(model, degree, curve.key()))) {
                    problems.add(source.problem(
                            "models[" + i + "].tensorParallel",
                            "The tensorParallel (" + degree + ") of model (" + model.name()
                                    + ") is one that vllm never starts with: " + why.get() + ". " + working(model)
                                    + " A measured profile with it would show otherwise."));
                }
            }
        }
        return problems;
    }

    /** A sentence for a curve that was measured where the rules say that nothing starts. */
    Optional<String> surprising(MeasuredProfile curve) {
        return names.find(curve.key().model())
                .flatMap(model -> whyNot(model, curve.key().tensorParallel()))
                .map(why -> "By the rules vllm does not start so: " + why
                        + ". The measurement is believed; check that its tensorParallel is right.");
    }

    /** Every allocation of {@code plan} that would not start and was not measured. */
    public List<Problem> notStarting(Plan plan, Source source) {
        List<Problem> problems = new ArrayList<>();
        for (int i = 0; i < plan.allocations().size(); i++) {
            LlmAllocation allocation = plan.allocations().get(i);
            Optional<ServedModel> model = models.models().stream()
                    .filter(candidate -> candidate.name().equals(allocation.model()))
                    .findFirst();
            Optional<String> why = model.flatMap(found -> whyNot(found, allocation.tensorParallel()));
            if (model.isPresent() && why.isPresent() && !isMeasured(model.get(), allocation)) {
                problems.add(source.problem(
                        "allocations[" + i + "].tensorParallel",
                        "The tensorParallel (" + allocation.tensorParallel() + ") of model (" + allocation.model()
                                + ") is one that vllm does not start with: " + why.get() + ". "
                                + working(model.get())
                                + " Plan again, or give the --profiles in which it was measured."));
            }
        }
        return problems;
    }

    private boolean isMeasured(ServedModel model, LlmAllocation allocation) {
        return measured.stream()
                .map(MeasuredProfile::key)
                .anyMatch(key -> isOf(model, allocation.tensorParallel(), key)
                        && key.gpu().equals(allocation.gpu())
                        && key.gpuFraction().equals(allocation.gpuFraction()));
    }

    private boolean isOf(ServedModel model, int degree, ProfileKey key) {
        return key.tensorParallel() == degree
                && names.find(key.model()).filter(model::equals).isPresent();
    }

    private Optional<String> whyNot(ServedModel model, int degree) {
        return rules(model).flatMap(rules -> rules.whyNot(degree));
    }

    private Optional<TensorParallelRules> rules(ServedModel model) {
        ModelArchitecture architecture = models.architectures().get(model.name());
        return architecture == null || model.external()
                ? Optional.empty()
                : Optional.of(EngineProfiles.rules(model, architecture));
    }

    private String working(ServedModel model) {
        return rules(model)
                .map(rules -> "It starts with "
                        + String.join(
                                ", ",
                                rules.degrees(WIDEST_LISTED).stream()
                                        .map(String::valueOf)
                                        .toList())
                        + ".")
                .orElse("");
    }
}
