package dev.scepsy.planner.cli;

import dev.scepsy.planner.allocation.LlmAllocation;
import dev.scepsy.planner.campaign.Belief;
import dev.scepsy.planner.campaign.Chooser;
import dev.scepsy.planner.campaign.Combination;
import dev.scepsy.planner.campaign.SearchedPlans;
import dev.scepsy.planner.campaign.Verdict;
import dev.scepsy.planner.cluster.ClusterUnreachableException;
import dev.scepsy.planner.file.MeasuredProfile;
import dev.scepsy.planner.file.Problem;
import dev.scepsy.planner.file.ProfilesText;
import dev.scepsy.planner.file.Reading;
import dev.scepsy.planner.measure.EndpointLostException;
import dev.scepsy.planner.placement.Placement;
import dev.scepsy.planner.problem.PlanningProblem;
import dev.scepsy.planner.profile.ProfileKey;
import dev.scepsy.planner.profile.ServedModel;
import dev.scepsy.planner.search.choice.AllocationProblem;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * A measuring campaign: judges the plan of now, measures what is worth most, writes it down, and so on until nothing that could
 * be measured would change the plan. One thread; a stop from outside is seen before anything is written down as failed.
 */
final class Campaign {

    /** Repeats of one measurement differ by so much (docs/accuracy.md). */
    private static final double MEASUREMENT_ERROR = 0.03;

    /** Measures one engine; its state lies beside the profiles until it is done. */
    @FunctionalInterface
    interface Measuring {

        /** The profile; empty where no rate was sustained. */
        Optional<MeasuredProfile> measure(ProfileKey key, ServedModel model, String address)
                throws IOException, InterruptedException, EndpointLostException;
    }

    /** When to end. */
    record Limits(Optional<Integer> measurements, Optional<Duration> time, double loss) {}

    private final CampaignFiles files;
    private final CampaignJournal journal;
    private final CampaignEngines engines;
    private final Measuring measuring;
    private final Limits limits;
    private final double maxUtilisation;
    private final long seed;
    private final CampaignReport report;
    private final AtomicBoolean stopping;
    private final InstantSource clock;

    private final List<Combination> combinations = new ArrayList<>();
    private final Map<ProfileKey, Double> memory = new HashMap<>();

    Campaign(
            CampaignFiles files,
            CampaignJournal journal,
            CampaignEngines engines,
            Measuring measuring,
            Limits limits,
            double maxUtilisation,
            long seed,
            CampaignReport report,
            AtomicBoolean stopping,
            InstantSource clock) {
        this.files = files;
        this.journal = journal;
        this.engines = engines;
        this.measuring = measuring;
        this.limits = limits;
        this.maxUtilisation = maxUtilisation;
        this.seed = seed;
        this.report = report;
        this.stopping = stopping;
        this.clock = clock;
    }

    /** Runs it; the exit code. */
    int run(PlanningProblem unmeasured) throws IOException, InterruptedException {
        AllocationProblem grid = unmeasured.allocationProblem(maxUtilisation);
        for (AllocationProblem.ModelOptions options : grid.models()) {
            ServedModel model = unmeasured.model(options.name()).orElseThrow();
            if (options.candidates().isEmpty()) {
                unmeasured.whyNoCandidate(model).forEach(report::note);
                return ExitCode.INFEASIBLE;
            }
            for (AllocationProblem.Candidate candidate : options.candidates()) {
                ProfileKey key = new ProfileKey(
                        model.name(), candidate.gpu(), candidate.tensorParallel(), candidate.gpuFraction());
                memory.put(key, candidate.profile().memoryGiBPerGpu());
                combinations.add(new Combination(
                        key,
                        unmeasured.relativeError(
                                model, candidate.gpu(), candidate.tensorParallel(), candidate.gpuFraction())));
            }
        }
        int done = 0;
        try {
            engines.check();
            journal.write();
            int left = engines.remove();
            if (left > 0) {
                report.note(left + " engine(s) that a stopped run of this campaign left behind were removed.");
            }
            Instant began = clock.instant();
            while (true) {
                Reading<PlanningProblem> reading =
                        files.assembly(files.measured()).assemble();
                if (!(reading instanceof Reading.Legal<PlanningProblem> legal)) {
                    return report.badInput(reading.whyMalformed());
                }
                Set<ProfileKey> known = measured(legal.value());
                SearchedPlans plans = plans(legal.value());
                Verdict<List<LlmAllocation>> verdict = Chooser.standard(seed)
                        .judge(
                                belief(known),
                                plans,
                                i -> canBeMeasured(combinations.get(i).key(), known));
                report.verdict(verdict, verdict.next().isPresent() ? name(verdict) : "");
                Optional<String> end = end(verdict, done, began);
                if (end.isPresent()) {
                    return report.end(end.get(), verdict, journal, known.size(), combinations.size());
                }
                measure(combinations.get(verdict.next().orElseThrow()).key(), legal.value());
                done++;
                if (stopping.get()) {
                    return ExitCode.STOPPED_MIDWAY;
                }
            }
        } catch (ClusterUnreachableException unreachable) {
            if (stopping.get()) {
                return ExitCode.STOPPED_MIDWAY;
            }
            report.note(String.valueOf(unreachable.getMessage()));
            report.note(
                    done == 0
                            ? "Nothing was measured. Check --server, --kubeconfig and --context, and the role in"
                                    + " docs/reference/kubernetes-calls.md."
                            : "Stopped midway: what was measured stands in the profiles; the same command goes on.");
            return done == 0 ? ExitCode.REFUSED : ExitCode.STOPPED_MIDWAY;
        }
    }

    private String name(Verdict<List<LlmAllocation>> verdict) {
        return MeasuredReplica.described(
                combinations.get(verdict.next().orElseThrow()).key());
    }

    private Set<ProfileKey> measured(PlanningProblem problem) {
        Set<ProfileKey> known = new HashSet<>();
        for (MeasuredProfile profile : files.measured().legalValue().orElse(List.of())) {
            ProfileKey key = profile.key();
            problem.modelServing(key.model())
                    .ifPresent(model -> known.add(
                            new ProfileKey(model.name(), key.gpu(), key.tensorParallel(), key.gpuFraction())));
        }
        known.retainAll(memory.keySet());
        return known;
    }

    private boolean canBeMeasured(ProfileKey key, Set<ProfileKey> known) {
        return !known.contains(key) && !journal.failed().containsKey(key) && engines.has(key);
    }

    private SearchedPlans plans(PlanningProblem problem) {
        return new SearchedPlans(
                problem.allocationProblem(maxUtilisation),
                combinations,
                key -> !journal.failed().containsKey(key),
                Placement::on);
    }

    /** Curves and the calibrated model are what is believed now; what is measured narrows the spread around them. */
    private Belief belief(Set<ProfileKey> known) {
        Belief belief = Belief.prior(combinations);
        for (int i = 0; i < combinations.size(); i++) {
            if (known.contains(combinations.get(i).key())) {
                belief = belief.measured(i, 0, MEASUREMENT_ERROR);
            }
        }
        return belief.centred();
    }

    private Optional<String> end(Verdict<List<LlmAllocation>> verdict, int done, Instant began) {
        if (verdict.next().isEmpty()) {
            return Optional.of("Everything that can be measured is measured.");
        }
        if (verdict.expectedLoss() <= limits.loss()) {
            return Optional.of("No further measurement is expected to change the plan by more than --stop-loss.");
        }
        if (limits.measurements().isPresent() && done >= limits.measurements().get()) {
            return Optional.of("The --max-measurements are made; the same command goes on.");
        }
        if (limits.time().isPresent()
                && Duration.between(began, clock.instant())
                                .compareTo(limits.time().get())
                        >= 0) {
            return Optional.of("The --time-limit is over; the same command goes on.");
        }
        return Optional.empty();
    }

    private void measure(ProfileKey key, PlanningProblem problem)
            throws IOException, InterruptedException, ClusterUnreachableException {
        ServedModel model = problem.model(key.model()).orElseThrow();
        String name = MeasuredReplica.described(key);
        try {
            report.doing("starting " + name);
            CampaignEngines.Engine engine = engines.start(key, model, memory.getOrDefault(key, 0.0));
            if (engine.address().isEmpty()) {
                failed(key, engine.reason());
                return;
            }
            report.doing("measuring " + name);
            Optional<MeasuredProfile> profile =
                    measuring.measure(key, model, engine.address().get());
            if (stopping.get()) {
                return;
            }
            if (profile.isEmpty()) {
                failed(key, "No rate was sustained.");
                return;
            }
            List<Problem> problems = ProfilesText.put(List.of(profile.get()), files.out());
            if (!problems.isEmpty()) {
                throw new IOException(problems.get(0).toString());
            }
            journal.measured(key);
            report.measured(profile.get());
        } catch (EndpointLostException lost) {
            failed(key, String.valueOf(lost.getMessage()));
        } finally {
            if (!stopping.get()) {
                engines.remove();
            }
        }
    }

    private void failed(ProfileKey key, String reason) throws IOException {
        if (!stopping.get()) {
            journal.failed(key, reason);
            report.note(MeasuredReplica.described(key) + " could not be measured: " + reason);
        }
    }
}
