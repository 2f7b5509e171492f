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
            defaultValue = "least-loaded",
            converter = RuleReader.class,
            description = "Routing of calls over a model's replicas, least-loaded or round-robin: for replicas"
                    + " predicted by the engine model; measured profiles are unaffected (default:"
                    + " ${DEFAULT-VALUE}).")
    private Rule routing = Rule.LEAST_LOADED;

    /** Rules under the names that the command line gives them. */
    private enum Rule {
        LEAST_LOADED("least-loaded", Balancing.POOLED),
        ROUND_ROBIN("round-robin", Balancing.DEALT);

        private final String written;
        private final Balancing balancing;

        Rule(String written, Balancing balancing) {
            this.written = written;
            this.balancing = balancing;
        }

        Balancing balancing() {
            return balancing;
        }

        @Override
        public String toString() {
            return written;
        }
    }

    /** From a written rule; picocli names the option where it is none. */
    static final class RuleReader implements ITypeConverter<Rule> {
        @Override
        public Rule convert(String written) {
            for (Rule rule : Rule.values()) {
                if (rule.written.equals(written)) {
                    return rule;
                }
            }
            throw new TypeConversionException("The rule (" + written + ") must be least-loaded or round-robin.");
        }
    }

    ProblemFiles() {}

    /** Reads all files and puts them together; all problems of all files come back at once. */
    public Reading<PlanningProblem> read(PipelineForm form) {
        return assembly(form).assemble();
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
                routing.balancing());
    }
}
