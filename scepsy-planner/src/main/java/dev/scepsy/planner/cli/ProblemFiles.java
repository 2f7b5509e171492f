package dev.scepsy.planner.cli;

import dev.scepsy.planner.file.ModelsFile;
import dev.scepsy.planner.file.ProfilesFile;
import dev.scepsy.planner.file.Reading;
import dev.scepsy.planner.file.WorkflowsFile;
import dev.scepsy.planner.problem.PipelineForm;
import dev.scepsy.planner.problem.PlanningProblem;
import dev.scepsy.planner.problem.ProblemAssembly;
import dev.scepsy.planner.profile.Balancing;
import dev.scepsy.planner.profile.Catalogue;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.TypeConversionException;

/** The options that name a problem's files, for every verb that takes one: {@code @Mixin ProblemFiles files}. */
public final class ProblemFiles {

    @Option(
            names = "--cluster",
            converter = ClusterSource.Written.class,
            required = true,
            paramLabel = "cluster.yaml",
            description = "Hardware (racks, nodes, GPUs, sharing): a file, or kubernetes:[NAMESPACE] to read it"
                    + " from the cluster.")
    private String cluster = "cluster.yaml";

    @Mixin
    private ServerOptions server = new ServerOptions();

    @Option(
            names = "--models",
            required = true,
            paramLabel = "models.yaml",
            description = "Models that are served, and external ones.")
    private Path models = Path.of("models.yaml");

    @Option(
            names = "--profiles",
            paramLabel = "profiles.yaml",
            description = "Measured latency curves of replicas (default: none).")
    private @Nullable Path profiles;

    @Option(
            names = "--workflows",
            required = true,
            paramLabel = "workflows.json",
            description = "Statistics of the workflows, as 'scepsy shares' writes them.")
    private Path workflows = Path.of("workflows.json");

    @Option(
            names = "--target",
            paramLabel = "WORKFLOW=RATE",
            description = "Executions per second to sustain; replaces targetPerSecond of the file. May be repeated.")
    private Map<String, Double> targets = new LinkedHashMap<>();

    @Option(
            names = "--routing",
            paramLabel = "RULE",
            defaultValue = RoutingRule.DEFAULT,
            converter = RuleReader.class,
            description =
                    "How calls reach a model's replicas: least-requests, round-robin (of replicas predicted by the"
                            + " engine model; measured profiles know no difference), or connections=N: no router of requests, N"
                            + " long-lived connections to each model lie where chance put them; 'predict' only (default:"
                            + " ${DEFAULT-VALUE}).")
    private RoutingRule routing = RoutingRule.LEAST_REQUESTS;

    /** From a written rule; picocli names the option where it is none. */
    static final class RuleReader implements ITypeConverter<RoutingRule> {
        @Override
        public RoutingRule convert(String written) {
            try {
                return RoutingRule.of("The rule", written, false);
            } catch (IllegalArgumentException wrong) {
                throw new TypeConversionException(String.valueOf(wrong.getMessage()));
            }
        }
    }

    ProblemFiles() {}

    /** Reads all files and puts them together; all problems of all files come back at once. */
    public Reading<PlanningProblem> read(PipelineForm form) {
        return assembly(form).assemble();
    }

    /** How calls reach replicas. */
    RoutingRule routing() {
        return routing;
    }

    /** All files as they were read, to be put together. */
    ProblemAssembly assembly(PipelineForm form) {
        Catalogue catalogue = Catalogue.builtIn();
        return new ProblemAssembly(
                ClusterSource.read(cluster, server, catalogue),
                ModelsFile.read(models, catalogue),
                profiles == null ? ProblemAssembly.nothingMeasured() : ProfilesFile.read(profiles),
                WorkflowsFile.read(workflows),
                targets,
                form,
                routing.balancing().orElse(Balancing.POOLED));
    }
}
