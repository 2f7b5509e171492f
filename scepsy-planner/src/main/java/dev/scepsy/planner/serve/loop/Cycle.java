package dev.scepsy.planner.serve.loop;

import dev.scepsy.planner.detect.SlowEngineDetector;
import dev.scepsy.planner.file.ClusterFile;
import dev.scepsy.planner.file.WorkflowsFile;
import dev.scepsy.planner.planning.Planner;
import dev.scepsy.planner.problem.PlanningProblem;
import dev.scepsy.planner.serve.engines.EngineLoads.ModelLoad;
import dev.scepsy.planner.serve.journal.Change;
import dev.scepsy.planner.serve.journal.Freeze;
import dev.scepsy.planner.serve.journal.Journal;
import dev.scepsy.planner.serve.journal.PlanEntry;
import dev.scepsy.planner.serve.journal.Proposal;
import dev.scepsy.planner.serve.journal.ProposalState;
import dev.scepsy.planner.serve.journal.Scorecard;
import dev.scepsy.planner.serve.journal.StoreException;
import dev.scepsy.planner.serve.journal.Trigger;
import dev.scepsy.planner.serve.loop.ClusterPort.Look;
import dev.scepsy.planner.serve.loop.Operations.EngineView;
import dev.scepsy.planner.serve.observe.Observations.Bin;
import dev.scepsy.planner.serve.settings.Actor;
import dev.scepsy.planner.serve.settings.ServeSettings.Mode;
import dev.scepsy.planner.serve.settings.ServeSettings.Replan;
import dev.scepsy.planner.serve.settings.ServeSettings.TriggerKind;
import dev.scepsy.planner.share.WorkflowShares;
import dev.scepsy.planner.share.WorkflowStatistics;
import dev.scepsy.planner.topology.Cluster;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * One round of the loop: look, notice, and take the next step of whatever is under way. Knows no threads: what takes long, planning and pushing,
 * is handed to others. One round at a time.
 */
final class Cycle {

    private static final String NO_REFERENCE = "";

    private final Surroundings around;
    private final Lifecycle lifecycle;
    private final Constraints constraints;
    private final Situations situations;
    private final Verifying verifying;
    private final Pending pending;
    private final ChangeSource changes;
    private final Mode mode;
    private final QuietTimes quiet;
    private final Consumer<List<Trigger>> plan;
    private final Runnable push;

    private volatile Optional<Look> look = Optional.empty();
    private volatile Optional<String> trouble = Optional.empty();
    private volatile List<String> notes = List.of();
    private String referenceEntry = NO_REFERENCE;

    /**
     * @param plan plans for triggers, elsewhere; then {@link #planned}
     * @param push pushes what the journal says is to be pushed, elsewhere; harmless where it is under way
     */
    Cycle(
            Surroundings around,
            Lifecycle lifecycle,
            Constraints constraints,
            ChangeSource changes,
            Consumer<List<Trigger>> plan,
            Runnable push) {
        Replan replan = around.settings().replan();
        this.around = around;
        this.lifecycle = lifecycle;
        this.constraints = constraints;
        this.situations = new Situations(around);
        this.verifying = new Verifying(around);
        this.pending = new Pending(around.store().journal(), replan.cooldown());
        this.changes = changes;
        this.mode = around.port().isEmpty() ? Mode.OBSERVE : replan.mode();
        this.quiet = new QuietTimes(replan.quietHours());
        this.plan = plan;
        this.push = push;
    }

    Mode mode() {
        return mode;
    }

    /** As last seen. */
    Optional<Look> look() {
        return look;
    }

    Optional<String> trouble() {
        return trouble;
    }

    List<String> notes() {
        return notes;
    }

    /** One round; failures of one part stop none of the others. */
    void round() {
        if (!around.store().leads()) {
            return;
        }
        List<String> said = new ArrayList<>();
        part("expiring", lifecycle::expire);
        part("looking at the cluster", this::see);
        part("adopting what serves", this::adopt);
        part("setting the reference", this::reference);
        part("noticing", () -> notice(said));
        part("deciding", () -> decide(said));
        notes = List.copyOf(said);
    }

    private interface Part {
        void run() throws Exception;
    }

    private void part(String doing, Part work) {
        try {
            work.run();
            around.failures().works(doing);
        } catch (StoreException store) {
            around.failures().failed("the store", store);
        } catch (Exception | LinkageError failed) {
            around.failures().failed(doing, failed);
        }
    }

    private void see() throws Exception {
        if (around.port().isEmpty()) {
            return;
        }
        try {
            look = Optional.of(around.stages().measure("look", around.port().get()::look));
            trouble = Optional.empty();
        } catch (ClusterPort.UnreachableException gone) {
            trouble = Optional.of("The cluster does not answer: " + gone.getMessage());
        }
    }

    /** What serves before this service pushed anything, or after somebody else did, becomes an entry. */
    private void adopt() throws ClusterPort.UnreachableException {
        if (trouble.isPresent()
                || around.port().isEmpty()
                || look.isEmpty()
                || lifecycle.pushing().isPresent()) {
            return;
        }
        ClusterPort.Pushed pushed = around.port().get().pushed();
        Optional<PlanEntry> serving = lifecycle.serving();
        boolean known = serving.isPresent()
                && Optional.ofNullable(serving.get().clusterPlanId()).equals(pushed.current());
        if (pushed.current().isEmpty()
                || pushed.target().isPresent()
                || known
                || look.get().served().isEmpty()) {
            return;
        }
        if (serving.isPresent() && serving.get().state() == ProposalState.VERIFYING) {
            lifecycle.ended(
                    serving.get().id(),
                    ProposalState.FAILED,
                    "fail",
                    Actor.SERVICE.name(),
                    "Somebody else applied plan " + pushed.current().get() + " while this one was verified.");
        }
        lifecycle.found(
                pushed.current().get(), PlanText.tree(look.get().served().get()));
    }

    /** What serves now is what changes are measured against. */
    private void reference() {
        Optional<PlanEntry> serving = lifecycle.serving();
        String entry = serving.map(PlanEntry::id).orElse("none");
        Optional<Cluster> hardware = hardware();
        if (entry.equals(referenceEntry) || (around.port().isPresent() && hardware.isEmpty())) {
            return;
        }
        WorkflowShares now = around.observations().statistics(Optional.empty());
        Optional<List<WorkflowStatistics>> planned = serving.map(PlanEntry::workflows)
                .flatMap(json -> WorkflowsFile.parse("workflows of the journal", json.toString())
                        .legalValue());
        if (planned.isEmpty() && now.workflows().stream().allMatch(WorkflowStatistics::notEnoughData)) {
            return; // not yet
        }
        List<WorkflowStatistics> workflows = planned.orElseGet(now::workflows);
        Map<String, Double> targets = new HashMap<>();
        workflows.forEach(workflow -> workflow.targetPerSecond().ifPresent(rate -> targets.put(workflow.name(), rate)));
        if (planned.isEmpty()) {
            targets.putAll(Targets.of(
                            around.settings().targets(),
                            around.settings().targetDefaults(),
                            workflows,
                            situations.rates(),
                            Map.of())
                    .perSecond());
        }
        Map<String, Double> utilisation = new HashMap<>();
        Map<String, Integer> replicas = new HashMap<>();
        serving.flatMap(each -> value(each, workflows, targets))
                .ifPresent(value -> value.models().forEach((model, each) -> {
                    utilisation.put(model, each.utilisation());
                    replicas.put(model, each.replicas());
                }));
        changes.reference(new ChangeSource.Reference(
                around.clock().instant(),
                new WorkflowShares(workflows, Map.of()),
                targets,
                utilisation,
                replicas,
                hardware,
                engines().stream().filter(EngineView::planned).toList()));
        referenceEntry = entry;
    }

    private Optional<PlanValue> value(PlanEntry entry, List<WorkflowStatistics> workflows, Map<String, Double> rates) {
        return look.flatMap(there -> Planner.of(around.problems().assembly(there.hardware(), workflows, rates))
                        .problem()
                        .legalValue())
                .flatMap(problem ->
                        PlanText.plan(entry.plan()).map(plan -> PlanValue.of(problem, plan.allocations(), Map.of())));
    }

    private Optional<Cluster> hardware() {
        return trouble.isPresent()
                ? Optional.empty()
                : look.flatMap(there -> there.hardware().legalValue()).map(ClusterFile.Described::cluster);
    }

    /** While a push is under way engines are not those of a plan, and nothing is wrong with that. */
    private Optional<Cluster> standing() {
        return lifecycle.pushing().isPresent() ? Optional.empty() : hardware();
    }

    private List<EngineView> engines() {
        return look.map(ClusterPort.Look::engines).orElse(List.of());
    }

    private Map<String, List<SlowEngineDetector.Sample>> speeds() {
        Map<String, List<SlowEngineDetector.Sample>> samples = new HashMap<>();
        around.loads()
                .secondsPerToken()
                .forEach((model, engines) -> samples.put(
                        model,
                        engines.entrySet().stream()
                                .map(each -> new SlowEngineDetector.Sample(each.getKey(), each.getValue()))
                                .toList()));
        return samples;
    }

    private void notice(List<String> said) {
        Map<String, List<Bin>> rates = situations.rates();
        Duration bin = around.settings().targetDefaults().bin();
        Duration recent = bin.multipliedBy(RECENT_BINS);
        Instant now = around.clock().instant();
        Optional<PlanningProblem> problem = recentProblem(rates, bin, now);
        Map<String, Double> byEngines = new HashMap<>(around.loads().requestsPerSecond(recent));
        byEngines.keySet().retainAll(problem.map(Measured::generating).orElse(Set.of()));
        List<String> apart = problem.map(asked -> Measured.disagreements(
                        Measured.requestsPerSecond(asked, Measured.ratesPerSecond(rates, bin, now.minus(recent), now)),
                        byEngines,
                        recent))
                .orElse(List.of());
        said.addAll(apart);
        Map<String, ModelLoad> loads = around.loads().models();
        List<Trigger> noticed = changes.look(new ChangeSource.Sight(
                now, rates, loads, utilisation(problem, byEngines), standing(), engines(), speeds()));
        List<Trigger> counted = noticed.stream()
                .filter(trigger -> wanted(trigger.kind()))
                .filter(trigger -> apart.isEmpty() || !trigger.kind().equals("rate"))
                .toList();
        pending.notice(counted, mode != Mode.OBSERVE, now);
    }

    /** Bins that rates of spans and engines are compared over. */
    private static final int RECENT_BINS = 3;

    private Optional<PlanningProblem> recentProblem(Map<String, List<Bin>> rates, Duration bin, Instant now) {
        WorkflowShares statistics = around.observations().statistics(Optional.empty());
        return statistics.workflows().isEmpty()
                ? Optional.empty()
                : look.flatMap(there -> Planner.of(around.problems()
                                .assembly(
                                        there.hardware(),
                                        statistics.workflows(),
                                        zeroed(
                                                statistics,
                                                Measured.ratesPerSecond(
                                                        rates, bin, now.minus(bin.multipliedBy(RECENT_BINS)), now))))
                        .problem()
                        .legalValue());
    }

    private static Map<String, Double> zeroed(WorkflowShares statistics, Map<String, Double> rates) {
        Map<String, Double> all = new HashMap<>();
        statistics.workflows().forEach(workflow -> all.put(workflow.name(), rates.getOrDefault(workflow.name(), 0.0)));
        return all;
    }

    /** Measured: finished requests over what the serving plan's engines take. */
    private Map<String, Double> utilisation(Optional<PlanningProblem> problem, Map<String, Double> byEngines) {
        Map<String, Double> utilisation = new HashMap<>();
        Optional<PlanValue> value = problem.flatMap(
                asked -> look.flatMap(Look::served).map(served -> PlanValue.of(asked, served.allocations(), Map.of())));
        value.ifPresent(now -> now.models().forEach((model, each) -> {
            @Nullable Double finished = byEngines.get(model);
            if (finished != null) {
                utilisation.put(
                        model, finished / (each.replicas() * each.profile().saturationRequestsPerSecond()));
            }
        }));
        return utilisation;
    }

    private boolean wanted(String kind) {
        for (TriggerKind known : TriggerKind.values()) {
            if (known.name().toLowerCase(Locale.ROOT).equals(kind)) {
                return around.settings().replan().triggers().contains(known);
            }
        }
        return true;
    }

    private void decide(List<String> said) throws Exception {
        if (around.port().isEmpty()) {
            said.add("No cluster is configured: the service observes, and plans nothing.");
            return;
        }
        ClusterPort port = around.port().get();
        Optional<String> held = heldBack();
        held.ifPresent(said::add);
        if (!port.applies()) {
            said.add("Only a cluster file is configured: plans are proposed, and nothing is applied.");
        }
        if (lifecycle.pushing().isPresent()) {
            push.run();
            return;
        }
        Optional<Proposal> underWay = lifecycle.underWay();
        if (underWay.isPresent() && underWay.get().state() == ProposalState.APPROVED) {
            if (held.isEmpty() && port.applies() && trouble.isEmpty()) {
                begin(port, underWay.get());
            }
            return;
        }
        if (underWay.isPresent() && underWay.get().state() == ProposalState.APPLYING) {
            // its entry ended, and the journal has both or neither: nothing left to do but to say so
            lifecycle.drop(underWay.get(), "The journal has no push of it.");
            return;
        }
        if (lifecycle.verifying().isPresent()) {
            verify(port, lifecycle.verifying().get());
            return;
        }
        Optional<Proposal> open = lifecycle.open();
        if (mode == Mode.APPLY && open.isPresent() && held.isEmpty() && isOwn(open.get()) && trouble.isEmpty()) {
            lifecycle.approve(Actor.SERVICE, open.get().id(), "The mode is apply.", situations.basis(port));
            begin(port, lifecycle.underWay().orElseThrow());
            return;
        }
        List<Trigger> waiting = pending.triggers();
        if (mode != Mode.OBSERVE && !waiting.isEmpty() && trouble.isEmpty()) {
            Optional<Instant> cooldown = cooldownUntil();
            Optional<String> tooFew = Drifted.tooFew(
                    waiting,
                    around.observations(),
                    around.clock().instant(),
                    around.settings().statistics().requiredExecutions());
            List<String> untraced = Untraced.models(
                    around.loads(),
                    around.observations().statistics(Optional.empty()).workflows(),
                    around.problems());
            if (!untraced.isEmpty()) {
                said.addAll(untraced);
                said.add("Nothing is planned for what was noticed until then, unless somebody asks.");
            } else if (tooFew.isPresent()) {
                said.add(tooFew.get());
            } else if (cooldown.isEmpty()) {
                plan.accept(waiting);
            } else {
                said.add("A change was noticed; it is planned for when the cooldown ends, " + cooldown.get() + ".");
            }
        }
    }

    /** A plan that a person asked for never applies by itself. */
    private static boolean isOwn(Proposal proposal) {
        return proposal.triggers().stream().noneMatch(trigger -> trigger.kind().equals("person"));
    }

    /** Why nothing is applied now, though going back is; a sentence. */
    Optional<String> heldBack() {
        Instant now = around.clock().instant();
        if (mode == Mode.OBSERVE) {
            return Optional.of("The mode is observe: changes are recorded, and nothing is applied.");
        }
        Optional<Freeze> freeze = constraints.freeze();
        if (freeze.isPresent()) {
            return Optional.of("Frozen by " + freeze.get().by()
                    + (freeze.get().reason() == null ? "" : " (" + freeze.get().reason() + ")")
                    + (freeze.get().until() == null
                            ? ""
                            : " until " + freeze.get().until())
                    + ": nothing is applied; what is approved waits.");
        }
        return quiet.until(now)
                .map(end -> "Quiet hours until " + end + ": nothing is applied; what is approved waits.");
    }

    private void begin(ClusterPort port, Proposal approved) throws ClusterPort.UnreachableException {
        Lifecycle.Basis basis = situations.basis(port);
        Optional<String> moved = Lifecycle.moved(approved, basis);
        if (moved.isPresent()) {
            lifecycle.drop(approved, "Not applied: " + moved.get());
            return;
        }
        Optional<String> id = PlanText.plan(approved.plan())
                .flatMap(plan -> described().map(with -> port.planId(plan, with.models(), with.hardware())));
        if (id.isPresent()) {
            lifecycle.begin(approved, id.get());
            push.run();
        }
    }

    /** What plans are pushed with; empty where a file or the hardware cannot be read now. */
    Optional<Pushes.Described> described() {
        return look.flatMap(there -> there.hardware().legalValue())
                .flatMap(hardware -> around.problems().models()
                                instanceof
                                dev.scepsy.planner.file.Reading.Legal<dev.scepsy.planner.file.ModelsFile.Described>
                                        models
                        ? Optional.of(new Pushes.Described(models, hardware.cluster()))
                        : Optional.empty());
    }

    private void verify(ClusterPort port, PlanEntry entry) throws Exception {
        Optional<Scorecard> scorecard = around.stages().measure("verify", () -> verifying.of(entry, look));
        if (scorecard.isEmpty()) {
            return;
        }
        boolean back = scorecard.get().verdict().equals("worse")
                && around.settings().replan().verify().goBack();
        if (!back) {
            lifecycle.keep(entry.id(), scorecard.get());
            return;
        }
        Optional<String> previous = port.pushed().previous();
        Optional<String> whyNotBack = previous.isEmpty()
                ? Optional.of("the cluster has no plan before it.")
                : verifying.whyNotBack(entry, look);
        if (previous.isEmpty() || whyNotBack.isPresent()) {
            Scorecard card = scorecard.get();
            lifecycle.keep(
                    entry.id(),
                    new Scorecard(
                            card.from(),
                            card.to(),
                            card.verdict(),
                            card.sentence() + " Kept all the same: " + whyNotBack.orElse(""),
                            card.workflows(),
                            card.models()));
            return;
        }
        lifecycle.beginBack(
                entry,
                scorecard.get(),
                previous.get(),
                "goBack",
                Actor.SERVICE.name(),
                scorecard.get().sentence());
        push.run();
    }

    /** Until when nothing is planned by itself: after the last push and the last rejection. */
    Optional<Instant> cooldownUntil() {
        Journal journal = around.store().journal();
        Stream<Instant> pushed = journal.plans(RECENT).stream()
                .filter(entry -> !entry.kind().equals("found"))
                .map(entry -> Stream.of(entry.endedAt(), entry.appliedAt())
                        .filter(Objects::nonNull)
                        .map(Objects::requireNonNull)
                        .findFirst()
                        .orElse(entry.startedAt()));
        Stream<Instant> rejected = journal.proposals(RECENT).stream()
                .filter(proposal -> proposal.state() == ProposalState.REJECTED)
                .map(Proposal::changedAt);
        Duration cooldown = around.settings().replan().cooldown();
        return Stream.concat(pushed, rejected)
                .map(around.ages()::since)
                .min(Comparator.naturalOrder())
                .filter(age -> age.compareTo(cooldown) < 0)
                .map(age -> around.clock().instant().plus(cooldown).minus(age));
    }

    private static final int RECENT = 20;

    /** What planning for triggers came to. */
    void planned(List<Trigger> triggers, Proposing.Outcome outcome) {
        Instant now = around.clock().instant();
        if (outcome instanceof Proposing.Outcome.Better better) {
            Optional<Proposal> open = lifecycle.open();
            boolean same = open.isPresent()
                    && (open.get().evidenceKey().equals(better.draft().evidenceKey())
                            || open.get()
                                    .plan()
                                    .get("placements")
                                    .equals(better.draft().plan().get("placements")));
            if (!same && !better.failedBefore() && lifecycle.underWay().isEmpty()) {
                lifecycle.propose(better.draft(), Actor.SERVICE);
            } else if (better.failedBefore()) {
                say(now, "The same plan on the same evidence came to nothing before: it is not proposed again.");
            }
        } else if (outcome instanceof Proposing.Outcome.Stay stay) {
            say(now, "Planned, and nothing is proposed: " + String.join(" ", stay.why()));
        } else if (outcome instanceof Proposing.Outcome.NoPlan none) {
            say(now, "Planned, and there is no plan: " + String.join(" ", none.why()));
        }
        pending.planned(triggers, now);
    }

    private void say(Instant now, String text) {
        around.store().journal().write(new Change().event(now, "service", Map.of("text", text)));
    }
}
