package dev.scepsy.planner.problem;

import dev.scepsy.planner.file.ModelsFile;
import dev.scepsy.planner.file.Problem;
import dev.scepsy.planner.file.Source;
import dev.scepsy.planner.profile.ModelArchitecture;
import dev.scepsy.planner.profile.ServedModel;
import dev.scepsy.planner.share.ModelStatistics;
import dev.scepsy.planner.share.TokenStatistics;
import dev.scepsy.planner.share.WorkflowStatistics;
import dev.scepsy.planner.stat.Normal;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * Requests that an engine does not take: prompt and answer together are longer than its {@code maxModelLength}, or than the
 * checkpoint's context where that is not set, and it answers each with an error. A demand whose mean request does not fit is a
 * mistake; where only the longest do not, the share is estimated from the log-normal distributions with the recorded means and
 * 99th percentiles that the simulator draws from, prompts and answers independent of each other.
 */
final class RequestLimits {

    /** Nobody is told of less. */
    private static final double NOTABLE_SHARE = 0.01;

    /** Deviations of the prompt's length that are summed over. */
    private static final double FARTHEST = 6;

    private static final double STEP = 0.02;

    private final ModelsFile.Described models;
    private final ModelNames names;
    private final Source source;
    private final List<Problem> problems;
    private final List<Problem> warnings;

    /**
     * @param source where the statistics stand
     * @param problems gets mean requests that do not fit
     * @param warnings gets the shares of long requests
     */
    RequestLimits(ModelsFile.Described models, Source source, List<Problem> problems, List<Problem> warnings) {
        this.models = models;
        this.names = new ModelNames(models.models());
        this.source = source;
        this.problems = problems;
        this.warnings = warnings;
    }

    /** Prompt and answer of the longest request that engines of {@code model} take; empty: nobody says. */
    static OptionalInt mostTokens(ServedModel model, ModelsFile.Described models) {
        ModelArchitecture architecture = models.architectures().get(model.name());
        return model.maxModelLength().isPresent() || architecture == null
                ? model.maxModelLength()
                : architecture.contextTokens();
    }

    void check(List<WorkflowStatistics> workflows) {
        for (int w = 0; w < workflows.size(); w++) {
            for (int m = 0; m < workflows.get(w).models().size(); m++) {
                ModelStatistics calls = workflows.get(w).models().get(m);
                Optional<ServedModel> model = names.find(calls.model());
                if (model.isPresent() && !model.get().external() && calls.callsPerExecution() > 0) {
                    check(workflows.get(w).name(), calls, model.get(), "workflows[" + w + "].models[" + m + "]");
                }
            }
        }
    }

    private void check(String workflow, ModelStatistics calls, ServedModel model, String path) {
        OptionalInt most = mostTokens(model, models);
        if (most.isEmpty()) {
            return;
        }
        ModelArchitecture architecture = models.architectures().get(model.name());
        boolean answers = architecture == null || !architecture.isEncoder();
        Optional<TokenStatistics> input = calls.inputTokens();
        Optional<TokenStatistics> output = answers ? calls.outputTokens() : Optional.empty();
        double mean = mean(input) + mean(output);
        String limit = model.maxModelLength().isPresent()
                ? "its maxModelLength (" + most.getAsInt() + ")"
                : "the context of its checkpoint (" + most.getAsInt() + " tokens)";
        String shape = input.isPresent() ? ".inputTokens" : ".outputTokens";
        if (mean > most.getAsInt()) {
            Problem problem = source.problem(
                    path + shape,
                    String.format(
                            Locale.ROOT,
                            "The mean call of workflow (%s) to model (%s) has %.0f + %.0f tokens of prompt and answer, which is"
                                    + " above %s: engines answer such calls with an error. Raise the maxModelLength as far"
                                    + " as the checkpoint allows, or correct the tokens.",
                            workflow,
                            model.name(),
                            mean(input),
                            mean(output),
                            limit));
            // without the key nobody promised a length
            (model.maxModelLength().isPresent() ? problems : warnings).add(problem);
            return;
        }
        double share = share(input, output, most.getAsInt());
        if (source.isWritten() && share >= NOTABLE_SHARE) {
            warnings.add(source.problem(
                    path + shape,
                    String.format(
                            Locale.ROOT,
                            "About %.1f %% of the calls of workflow (%s) to model (%s) are longer than %s and would be"
                                    + " answered with an error, judged by their mean and p99. Raise the maxModelLength, or"
                                    + " shorten the calls.",
                            100 * share,
                            workflow,
                            model.name(),
                            limit)));
        }
    }

    private static double mean(Optional<TokenStatistics> tokens) {
        return tokens.map(TokenStatistics::mean).orElse(0.0);
    }

    /** Part of the calls whose prompt and answer exceed {@code most} together; 0 where no percentile is known. */
    static double share(Optional<TokenStatistics> input, Optional<TokenStatistics> output, double most) {
        boolean known = input.flatMap(RequestLimits::p99).isPresent()
                || output.flatMap(RequestLimits::p99).isPresent();
        if (!known) {
            return 0;
        }
        double share = 0;
        double weight = 0;
        for (double z = -FARTHEST + STEP / 2; z < FARTHEST; z += STEP) {
            double density = Math.exp(-z * z / 2);
            double left = most - at(input, z);
            share += density * above(output, left);
            weight += density;
        }
        // one per cent is as long as the percentile itself, whatever the distribution
        boolean stated = longPercentile(input, output) > most;
        return Math.max(share / weight, stated ? NOTABLE_SHARE : 0);
    }

    private static double longPercentile(Optional<TokenStatistics> input, Optional<TokenStatistics> output) {
        double prompt = input.flatMap(RequestLimits::p99).orElse(0.0) + mean(output);
        double answer = output.flatMap(RequestLimits::p99).orElse(0.0) + mean(input);
        return Math.max(prompt, answer);
    }

    private static Optional<Double> p99(TokenStatistics tokens) {
        return tokens.p99().isPresent() ? Optional.of(tokens.p99().getAsDouble()) : Optional.empty();
    }

    private static double at(Optional<TokenStatistics> tokens, double deviations) {
        return tokens.map(each -> each.atDeviations(deviations)).orElse(0.0);
    }

    /** P(X > {@code tokens}). */
    private static double above(Optional<TokenStatistics> statistics, double tokens) {
        if (tokens < 0) {
            return 1;
        }
        if (statistics.isEmpty() || !(statistics.get().mean() > 0)) {
            return 0;
        }
        double sigma = statistics.get().logSigma();
        double median = statistics.get().atDeviations(0);
        if (tokens == 0 || sigma == 0) {
            return median > tokens ? 1 : 0;
        }
        return Normal.cumulative(-Math.log(tokens / median) / sigma);
    }
}
