package dev.scepsy.planner.serve.loop;

import static org.assertj.core.api.Assertions.assertThat;

import dev.scepsy.planner.file.ClusterFile;
import dev.scepsy.planner.profile.Catalogue;
import dev.scepsy.planner.serve.journal.PlanEntry;
import dev.scepsy.planner.serve.journal.Proposal;
import dev.scepsy.planner.serve.journal.ProposalState;
import dev.scepsy.planner.serve.log.ServiceLog;
import dev.scepsy.planner.serve.loop.Operations.EngineView;
import dev.scepsy.planner.serve.settings.Actor;
import dev.scepsy.planner.topology.Cluster;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** A plan of two engines on GPU 0 and 1 of node-1, whose push is under way while the node goes. */
class StrandingTest {

    private static final Cluster WHOLE = cluster(FakePort.HARDWARE);
    private static final Cluster OTHER = cluster(FakePort.HARDWARE.replace("node-1", "node-2"));
    private static final Cluster SMALLER = cluster(FakePort.HARDWARE.replace("gpus: 8", "gpus: 1"));

    private final MemoryStore store = new MemoryStore();
    private final FakePort port = new FakePort();
    private final Instant now = Examples.BEGIN;
    private final Lifecycle lifecycle = new Lifecycle(store, () -> now);
    private final Stranding stranding = new Stranding();

    private static Cluster cluster(String yaml) {
        return ClusterFile.parse("cluster.yaml", yaml, Catalogue.builtIn())
                .legalValue()
                .orElseThrow()
                .cluster();
    }

    private static EngineView engine(String node, boolean ready) {
        return new EngineView("chat", 0, node, List.of(0), 1, 1, 20, true, ready, List.of());
    }

    private Pushes pushes() {
        return new Pushes(
                lifecycle,
                port,
                Optional::empty,
                Optional::empty,
                entry -> stranding.why(entry.id()),
                () -> now,
                pause -> false,
                new Failures(new ServiceLog(
                        new PrintStream(OutputStream.nullOutputStream(), false, StandardCharsets.UTF_8),
                        true,
                        () -> now)));
    }

    private PlanEntry begin() throws Exception {
        lifecycle.propose(
                Examples.draft(Examples.plan(2, 1), new Lifecycle.Basis(Optional.empty(), "x"), "drift", "key"),
                Actor.SERVICE);
        Proposal open = lifecycle.open().orElseThrow();
        return lifecycle.begin(
                lifecycle.approve(Actor.LOCAL, open.id(), null, new Lifecycle.Basis(Optional.empty(), "x")), "plan2");
    }

    @Test
    void hardwareThatThePlanNeedsMustBeGoneThreeLooksInARow() throws Exception {
        Optional<PlanEntry> entry = Optional.of(begin());
        assertThat(stranding.look(entry, Optional.of(OTHER), List.of())).isEmpty();
        assertThat(stranding.look(entry, Optional.of(OTHER), List.of())).isEmpty();
        assertThat(stranding.look(entry, Optional.of(WHOLE), List.of())).isEmpty();
        assertThat(stranding.look(entry, Optional.of(OTHER), List.of())).isEmpty();
        assertThat(stranding.look(entry, Optional.empty(), List.of()))
                .as("the cluster does not answer")
                .isEmpty();
        assertThat(stranding.look(entry, Optional.of(OTHER), List.of())).isEmpty();
        assertThat(stranding.look(entry, Optional.of(OTHER), List.of())).isEmpty();
        assertThat(stranding.look(entry, Optional.of(OTHER), List.of()))
                .hasValueSatisfying(why -> assertThat(why).contains("The plan needs node node-1, which is gone"));
        assertThat(stranding.look(entry, Optional.of(OTHER), List.of()))
                .as("once")
                .isEmpty();
        assertThat(stranding.why(entry.get().id())).isPresent();
        assertThat(stranding.why("e-other")).isEmpty();
    }

    @Test
    void aNodeThatTakesNoNewEnginesButWhoseEngineServesIsNothingToStopFor() {
        assertThat(Stranding.missing(Examples.plan(2, 1), OTHER, List.of(engine("node-1", true))))
                .isEmpty();
        assertThat(Stranding.missing(Examples.plan(2, 1), OTHER, List.of(engine("node-1", false))))
                .contains("node node-1");
        assertThat(Stranding.missing(Examples.plan(2, 1), SMALLER, List.of())).contains("GPU 1 of node-1");
        assertThat(Stranding.missing(Examples.plan(2, 1), WHOLE, List.of())).isEmpty();
    }

    @Test
    void thePushEndsWithoutAnotherTryAndTheNextOneMayBeginOverIt() throws Exception {
        PlanEntry entry = begin();
        port.foreignUnfinished("plan2"); // as far as it came
        for (int look = 0; look < Stranding.LOOKS; look++) {
            stranding.look(Optional.of(entry), Optional.of(OTHER), List.of());
        }
        pushes().work();
        PlanEntry ended = store.plan(entry.id()).orElseThrow();
        assertThat(ended.state()).isEqualTo(ProposalState.FAILED);
        assertThat(store.proposal(String.valueOf(ended.proposal()))
                        .orElseThrow()
                        .decisions())
                .last()
                .asString()
                .contains("which is gone");
        assertThat(lifecycle.isStranded(ended)).isTrue();
        assertThat(lifecycle.gaveUp("plan2")).isTrue();
        assertThat(lifecycle.gaveUp("plan3")).as("somebody else's").isFalse();

        PlanEntry back = lifecycle.beginBack(null, null, "plan1", "rollback", "ann", null);
        pushes().work();
        assertThat(store.plan(back.id()).orElseThrow().state())
                .as("out of the unfinished push")
                .isEqualTo(ProposalState.KEPT);
        assertThat(port.idle()).isTrue();
    }
}
