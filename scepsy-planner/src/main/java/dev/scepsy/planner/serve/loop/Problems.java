package dev.scepsy.planner.serve.loop;

import dev.scepsy.planner.file.ClusterFile;
import dev.scepsy.planner.file.MeasuredProfile;
import dev.scepsy.planner.file.ModelsFile;
import dev.scepsy.planner.file.ProfilesFile;
import dev.scepsy.planner.file.Reading;
import dev.scepsy.planner.problem.PipelineForm;
import dev.scepsy.planner.problem.ProblemAssembly;
import dev.scepsy.planner.profile.Catalogue;
import dev.scepsy.planner.profile.ServedModel;
import dev.scepsy.planner.serve.settings.ServeSettings;
import dev.scepsy.planner.share.WorkflowStatistics;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Makes the planner's problem of the files, which are read again when they have changed, the cluster and the statistics. Thread-safe.
 */
final class Problems {

    /** A prompt is never served from the cache altogether. */
    private static final double MOST_CACHED = 0.99;

    private final Kept<ModelsFile.Described> models;
    private final Optional<Kept<List<MeasuredProfile>>> profiles;
    private final Supplier<Map<String, Double>> hitRates;

    /** @param hitRates measured prefix-cache hit rates by model, in [0, 1]; they replace those of the models file */
    Problems(ServeSettings settings, Supplier<Map<String, Double>> hitRates) {
        this.models = new Kept<>(settings.models(), file -> ModelsFile.read(file, Catalogue.builtIn()));
        this.profiles = settings.profiles().map(file -> new Kept<>(file, ProfilesFile::read));
        this.hitRates = hitRates;
    }

    Reading<ModelsFile.Described> models() {
        return models.now();
    }

    /** The name under which the model is described that requests for {@code name} go to; the name itself where none is. */
    String described(String name) {
        return models().legalValue().stream()
                .flatMap(described -> described.models().stream())
                .filter(model -> model.name().equals(name)
                        || model.aliases().contains(name)
                        || model.adapters().stream()
                                .anyMatch(adapter -> adapter.name().equals(name)))
                .map(ServedModel::name)
                .findFirst()
                .orElse(name);
    }

    /**
     * The problem of {@code workflows} at {@code targets}, which every one of them has.
     *
     * @param targets by workflow as shown
     */
    ProblemAssembly assembly(
            Reading<ClusterFile.Described> cluster, List<WorkflowStatistics> workflows, Map<String, Double> targets) {
        List<WorkflowStatistics> targeted = workflows.stream()
                .map(workflow -> {
                    @Nullable Double target = targets.get(workflow.name());
                    return target == null ? workflow : workflow.withTarget(OptionalDouble.of(target));
                })
                .toList();
        Map<String, Double> measured = hitRates.get();
        return new ProblemAssembly(
                        cluster,
                        models.now(),
                        profiles.map(Kept::now).orElseGet(ProblemAssembly::nothingMeasured),
                        ProblemAssembly.unwritten("statistics", targeted),
                        Map.of(),
                        PipelineForm.CRITICAL_PATH)
                .withModels(model -> withHitRate(model, measured));
    }

    private static ServedModel withHitRate(ServedModel model, Map<String, Double> measured) {
        @Nullable Double rate = measured.get(model.name());
        return rate == null || model.external()
                ? model
                : model.toBuilder()
                        .prefixCacheHitRate(Math.max(0, Math.min(MOST_CACHED, rate)))
                        .build();
    }

    /** What a file says, read again when its time or size is another. */
    private static final class Kept<T> {
        private final Path file;
        private final Function<Path, Reading<T>> reader;
        private @Nullable Reading<T> last;
        private String version = "";

        Kept(Path file, Function<Path, Reading<T>> reader) {
            this.file = file;
            this.reader = reader;
        }

        synchronized Reading<T> now() {
            String seen = version();
            Reading<T> known = last;
            if (known == null || !seen.equals(version) || known instanceof Reading.Malformed) {
                known = reader.apply(file);
                last = known;
                version = seen;
            }
            return known;
        }

        private String version() {
            try {
                FileTime time = Files.getLastModifiedTime(file);
                return time + " " + Files.size(file);
            } catch (IOException unreadable) {
                return "unreadable"; // the reader says why
            }
        }
    }
}
