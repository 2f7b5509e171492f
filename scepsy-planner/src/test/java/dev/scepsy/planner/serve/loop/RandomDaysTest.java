package dev.scepsy.planner.serve.loop;

import static org.assertj.core.api.Assertions.assertThat;

import dev.scepsy.planner.serve.journal.Change;
import dev.scepsy.planner.serve.journal.Change.Item;
import dev.scepsy.planner.serve.journal.PlanEntry;
import dev.scepsy.planner.serve.journal.Proposal;
import dev.scepsy.planner.serve.journal.ProposalState;
import dev.scepsy.planner.serve.journal.StoreException;
import dev.scepsy.planner.serve.journal.Suspect;
import dev.scepsy.planner.serve.log.ServiceLog;
import dev.scepsy.planner.serve.loop.Operations.BadRequestException;
import dev.scepsy.planner.serve.loop.Operations.ConflictException;
import dev.scepsy.planner.serve.loop.Operations.UnknownException;
import dev.scepsy.planner.serve.settings.Actor;
import dev.scepsy.planner.serve.settings.ServeSettings.Mode;
import dev.scepsy.planner.serve.settings.ServeSettings.QuietHours;
import dev.scepsy.planner.serve.settings.ServiceTime;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.DayOfWeek;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalTime;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Days of a loop whose cluster, store, clock and people do anything at any moment, killed at writes and steps and started again on the same
 * journal. After each step: at most one proposal under way, only legal transitions, nothing begun that is not written down, nothing begun in
 * quiet hours, frozen or observing; and once the faults end everything under way comes to its end.
 */
class RandomDaysTest {

    private static final boolean FULL = Boolean.getBoolean("scepsy.full");
    private static final int STEPS = 120;
    private static final List<QuietHours> QUIET = List.of(
            new QuietHours(Set.of(DayOfWeek.values()), LocalTime.of(12, 0), LocalTime.of(14, 0), ZoneId.of("UTC")));

    @TempDir
    private Path folder;

    @Test
    void whateverHappensTheInvariantsHoldAndTheLoopComesToItsEnd() throws Exception {
        Path models = Files.writeString(folder.resolve("models.yaml"), "models:\n  - name: chat\n");
        Map<ProposalState, Integer> reached = new TreeMap<>();
        long stranded = 0;
        for (long seed = 1; seed <= (FULL ? 3_000 : 90); seed++) {
            Mode mode = Mode.values()[(int) (seed % 3)];
            try {
                Day day = new Day(models, mode, new Random(seed));
                day.run();
                stranded += day.strandedPushes();
                day.store.proposals(1000).forEach(proposal -> reached.merge(proposal.state(), 1, Integer::sum));
            } catch (AssertionError | RuntimeException failed) {
                throw new AssertionError("seed " + seed + ", mode " + mode, failed);
            }
        }
        // the days go everywhere
        assertThat(stranded).as("pushes whose node died").isPositive();
        assertThat(reached)
                .containsKeys(
                        ProposalState.KEPT,
                        ProposalState.ROLLED_BACK,
                        ProposalState.FAILED,
                        ProposalState.REJECTED,
                        ProposalState.SUPERSEDED,
                        ProposalState.EXPIRED);
    }

    private static final class Day {
        final MemoryStore store = new MemoryStore();
        private final FakePort port = new FakePort();
        private final FakeObservations observations = new FakeObservations();
        private final Path models;
        private final Mode mode;
        private final Random random;
        private final Map<String, ProposalState> states = new HashMap<>();
        private Instant now = Examples.BEGIN;
        private Duration passed = Duration.ZERO;

        /** Its wall's clock jumps, its steady one does not. */
        private final ServiceTime time = new ServiceTime() {
            @Override
            public Instant instant() {
                return now;
            }

            @Override
            public long steadyNanos() {
                return passed.toNanos();
            }

            @Override
            public Duration real(Duration serviceTime) {
                return serviceTime;
            }
        };

        private double crashes = 0.02;
        private double storeFaults = 0.03;
        private double stepFaults = 0.15;
        private int storeGone;
        private Cycle cycle;
        private Lifecycle lifecycle;
        private Constraints constraints;
        private Pushes pushes;
        private Suspects suspects;

        long strandedPushes() {
            return store.proposals(1000).stream()
                    .filter(proposal -> proposal.decisions().toString().contains("which is gone"))
                    .count();
        }

        Day(Path models, Mode mode, Random random) {
            this.models = models;
            this.mode = mode;
            this.random = random;
            port.foreign(Examples.plan(1, 1));
            port.fate(this::fate);
            port.begins(this::mayBegin);
            store.watch(this::legal);
            store.breaks(
                    () -> {
                        if (storeGone > 0 || random.nextDouble() < storeFaults) {
                            storeGone = storeGone > 0 ? storeGone - 1 : random.nextInt(3);
                            throw new StoreException("The disk is full.", new RuntimeException());
                        }
                        crash();
                    },
                    this::crash);
            start();
        }

        private void crash() {
            if (random.nextDouble() < crashes) {
                throw new FakePort.Crash();
            }
        }

        private FakePort.Fate fate() {
            return random.nextDouble() >= stepFaults
                    ? FakePort.Fate.GOES_ON
                    : FakePort.Fate.values()[random.nextInt(FakePort.Fate.values().length)];
        }

        private void start() {
            suspects = new Suspects(store, () -> now);
            Surroundings around = new Surroundings(
                    Examples.settings(models, Optional.empty(), mode, 8, QUIET),
                    observations,
                    new FakeLoads(),
                    store,
                    time,
                    new Ages(time),
                    Optional.of(port),
                    new Problems(Examples.settings(models, Optional.empty(), mode, 8, QUIET), Map::of),
                    suspects,
                    new Failures(new ServiceLog(
                            new PrintStream(OutputStream.nullOutputStream(), false, StandardCharsets.UTF_8),
                            true,
                            () -> now)),
                    new Stages(StageListener.NONE));
            lifecycle = new Lifecycle(store, () -> now);
            constraints = new Constraints(store, () -> now);
            cycle = new Cycle(around, lifecycle, constraints, ChangeSource.NONE, triggers -> {}, () -> pushes.work());
            pushes = new Pushes(
                    lifecycle,
                    port,
                    cycle::described,
                    cycle::heldBack,
                    cycle::stranded,
                    () -> now,
                    pause -> random.nextInt(8) > 0,
                    around.failures());
        }

        /** Whatever is written follows the states' rules, and at most one proposal is under way. */
        private void legal(Change change) {
            Map<String, ProposalState> after = new HashMap<>(states);
            for (Item item : change.items()) {
                if (item instanceof Item.PutProposal put) {
                    ProposalState before =
                            after.put(put.proposal().id(), put.proposal().state());
                    ProposalState next = put.proposal().state();
                    assertThat(before == null ? next == ProposalState.OPEN : before == next || before.mayBecome(next))
                            .as("%s after %s", next, before)
                            .isTrue();
                }
            }
            assertThat(after.values().stream().filter(ProposalState::underWay).count())
                    .isLessThanOrEqualTo(1);
            assertThat(after.values().stream()
                            .filter(state -> state == ProposalState.OPEN)
                            .count())
                    .isLessThanOrEqualTo(1);
            states.putAll(after);
        }

        private void mayBegin() {
            assertThat(mode).isNotEqualTo(Mode.OBSERVE);
            assertThat(cycle.heldBack()).isEmpty();
            int hour = now.atZone(ZoneId.of("UTC")).getHour();
            assertThat(hour == 12 || hour == 13).isFalse();
            List<PlanEntry> applying = store.plans(1000).stream()
                    .filter(entry -> entry.state() == ProposalState.APPLYING)
                    .toList();
            assertThat(applying).hasSize(1);
            assertThat(applying.get(0).kind()).isEqualTo("proposal");
            Proposal proposal =
                    store.proposal(String.valueOf(applying.get(0).proposal())).orElseThrow();
            assertThat(proposal.state()).isEqualTo(ProposalState.APPLYING);
            assertThat(proposal.decisions())
                    .anyMatch(decision -> decision.what().equals("approve"));
        }

        void run() {
            for (int step = 0; step < STEPS; step++) {
                try {
                    act();
                } catch (FakePort.Crash killed) {
                    start();
                } catch (StoreException | ConflictException | UnknownException | BadRequestException told) {
                    // an answer
                } catch (ClusterPort.UnreachableException gone) {
                    // another
                }
            }
            crashes = 0;
            storeFaults = 0;
            storeGone = 0;
            stepFaults = 0;
            port.unreachable(false);
            port.firstNodeGone(false);
            for (int round = 0; round < 12; round++) {
                if (constraints.freeze().isPresent()) {
                    try {
                        constraints.unfreeze(Actor.LOCAL, null);
                    } catch (UnknownException over) {
                        // ended by itself
                    }
                }
                cycle.round();
                pass(Duration.ofMinutes(47));
            }
            if (mode != Mode.OBSERVE) {
                assertThat(lifecycle.underWay()).isEmpty();
                assertThat(lifecycle.pushing()).isEmpty();
            }
            assertThat(store.liveProposals())
                    .allMatch(proposal -> proposal.state() == ProposalState.OPEN || mode == Mode.OBSERVE);
        }

        private void act()
                throws ConflictException, UnknownException, BadRequestException, ClusterPort.UnreachableException {
            pass(Duration.ofMinutes(random.nextInt(20)));
            Optional<Proposal> any = pick();
            switch (random.nextInt(18)) {
                case 0, 1 -> propose();
                case 2, 3, 4 -> {
                    if (mode != Mode.OBSERVE && any.isPresent()) {
                        lifecycle.approve(Actor.LOCAL, any.get().id(), null, basis());
                        assertThat(store.proposal(any.get().id()).orElseThrow().state())
                                .isEqualTo(ProposalState.APPROVED);
                    }
                }
                case 5 -> {
                    if (any.isPresent() && random.nextInt(3) == 0) {
                        lifecycle.reject(Actor.LOCAL, any.get().id(), "no");
                    }
                }
                case 6 -> rollBack();
                case 7 -> {
                    if (random.nextInt(3) == 0) {
                        constraints.freeze(Actor.LOCAL, null, now.plusSeconds(1800));
                    }
                }
                case 8 -> port.unreachable(random.nextInt(3) == 0);
                case 9 -> {
                    if (random.nextInt(6) == 0) {
                        port.changeHardware();
                    }
                }
                case 10 -> {
                    if (random.nextInt(6) == 0 && port.idle()) {
                        port.foreign(Examples.plan(1 + random.nextInt(4), 1));
                    }
                }
                case 11 ->
                    observations.between = List.of(Examples.workflow(
                            "rag",
                            OptionalDouble.empty(),
                            random.nextBoolean() ? 1 : 30,
                            random.nextInt(4) == 0 ? 3 : 400,
                            Map.of("chat", 1.0)));
                case 14 -> {
                    port.firstNodeGone(random.nextBoolean());
                    cycle.round();
                }
                case 15 -> suspect();
                case 12 -> now = now.minus(Duration.ofMinutes(random.nextInt(90)));
                case 13 -> now = now.plus(Duration.ofHours(random.nextInt(25)));
                default -> cycle.round();
            }
        }

        private void pass(Duration time) {
            now = now.plus(time);
            passed = passed.plus(time);
        }

        private void suspect() throws UnknownException {
            int known = suspects.now().size();
            if (random.nextBoolean()) {
                suspects.suspect(new Suspect(
                        "node-" + (1 + random.nextInt(2)),
                        List.of(random.nextInt(8)),
                        "chat",
                        "Pod chat",
                        0.06,
                        0.02,
                        100,
                        now,
                        null,
                        null));
                assertThat(suspects.now().size()).isBetween(known, known + 1).isPositive();
            } else {
                suspects.trust(Actor.LOCAL, "node-1", "replaced");
                assertThat(suspects.now()).noneMatch(each -> each.node().equals("node-1"));
            }
        }

        private Optional<Proposal> pick() {
            List<Proposal> all = new ArrayList<>(store.proposals(4));
            return all.isEmpty() ? Optional.empty() : Optional.of(all.get(random.nextInt(all.size())));
        }

        private Lifecycle.Basis basis() throws ClusterPort.UnreachableException {
            return new Lifecycle.Basis(
                    port.pushed().current(),
                    PlanText.fingerprint(
                            port.look().hardware().legalValue().orElseThrow().cluster()));
        }

        private void propose() throws ClusterPort.UnreachableException {
            int replicas = 1 + random.nextInt(4);
            lifecycle.propose(
                    Examples.draft(Examples.plan(replicas, 1), basis(), "drift", "key" + replicas), Actor.SERVICE);
        }

        private void rollBack() throws ConflictException, ClusterPort.UnreachableException {
            Optional<String> previous = port.pushed().previous();
            if (previous.isPresent() && port.idle() && random.nextBoolean()) {
                lifecycle.beginBack(lifecycle.serving().orElse(null), null, previous.get(), "rollback", "local", null);
            }
            Optional<PlanEntry> running = lifecycle.pushing();
            if (running.isPresent() && running.get().kind().equals("proposal") && random.nextBoolean()) {
                lifecycle.wantUndone(running.get(), "local", "");
            }
        }
    }
}
