package dev.scepsy.planner.serve.loop;

import static org.assertj.core.api.Assertions.assertThat;

import dev.scepsy.planner.allocation.GpuFraction;
import dev.scepsy.planner.serve.journal.Trigger;
import dev.scepsy.planner.serve.log.ServiceLog;
import dev.scepsy.planner.serve.loop.Operations.EngineView;
import dev.scepsy.planner.serve.observe.Observations.Bin;
import dev.scepsy.planner.serve.settings.ServeSettings.TargetDefaults;
import dev.scepsy.planner.serve.settings.ServiceTime;
import dev.scepsy.planner.share.WorkflowShares;
import dev.scepsy.planner.topology.Cluster;
import dev.scepsy.planner.topology.GpuType;
import dev.scepsy.planner.topology.Node;
import dev.scepsy.planner.topology.Rack;
import dev.scepsy.planner.topology.Sharing;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** The detectors, fed as the service feeds them. */
class DetectedChangesTest {

    private static final GpuType GPU = new GpuType("A100-SXM-80GB", 80);
    private static final Sharing MPS = new Sharing.Grid(Sharing.Mode.MPS, GpuFraction.of(0.1), false);
    private static final ServiceLog SILENT = new ServiceLog(
            new PrintStream(OutputStream.nullOutputStream(), false, StandardCharsets.UTF_8), true, ServiceTime.WALL);

    private final MemoryStore store = new MemoryStore();
    private final DetectedChanges changes = detectors();

    private DetectedChanges detectors() {
        return new DetectedChanges(store, new TargetDefaults(0.95, Duration.ofMinutes(5), 1.2), SILENT);
    }

    private static Cluster cluster(String... nodes) {
        List<Node> all = new ArrayList<>();
        for (String name : nodes) {
            all.add(new Node(name, GPU, 1, 1, MPS));
        }
        return new Cluster(List.of(new Rack("rack-1", all)));
    }

    private static EngineView engine(String node) {
        return new EngineView("critic", 0, node, List.of(0), 0.5, 1, 40, true, true, List.of());
    }

    private static ChangeSource.Reference reference(List<EngineView> engines, String... nodes) {
        return new ChangeSource.Reference(
                Examples.BEGIN,
                new WorkflowShares(List.of(), Map.of()),
                Map.of("research", 1.0),
                Map.of("critic", 0.5),
                Map.of("critic", 1),
                Optional.of(cluster(nodes)),
                engines);
    }

    private static ChangeSource.Sight sight(
            Instant at, List<Bin> bins, Optional<Cluster> hardware, List<EngineView> engines) {
        return new ChangeSource.Sight(at, Map.of("research", bins), Map.of(), Map.of(), hardware, engines);
    }

    /** Bins of five minutes at one, then at two executions per second. */
    private static List<Bin> bins(int even, int doubled) {
        List<Bin> bins = new ArrayList<>();
        for (int i = 0; i < even + doubled; i++) {
            bins.add(new Bin(Examples.BEGIN.plus(Duration.ofMinutes(5L * i)), i < even ? 280 + i % 3 : 600 + i % 5));
        }
        return bins;
    }

    @Test
    void aDoubledRateIsToldOnceAndNotAgainAfterARestart() {
        changes.reference(reference(List.of(), "node-1"));
        assertThat(changes.look(sight(Examples.BEGIN, bins(12, 0), Optional.empty(), List.of())))
                .isEmpty();
        List<Trigger> told =
                changes.look(sight(Examples.BEGIN.plus(Duration.ofHours(2)), bins(12, 3), Optional.empty(), List.of()));
        assertThat(told).singleElement().satisfies(trigger -> {
            assertThat(trigger.kind()).isEqualTo("rate");
            assertThat(trigger.workflow()).isEqualTo("research");
        });
        DetectedChanges restarted = detectors();
        assertThat(restarted.look(
                        sight(Examples.BEGIN.plus(Duration.ofHours(3)), bins(12, 3), Optional.empty(), List.of())))
                .isEmpty();
    }

    @Test
    void theDayBeforeTheFirstExecutionIsNoDayWithoutLoad() {
        changes.reference(reference(List.of(), "node-1"));
        List<Bin> bins = new ArrayList<>();
        for (int i = 0; i < 300; i++) {
            bins.add(new Bin(Examples.BEGIN.plus(Duration.ofMinutes(5L * i)), i < 298 ? 0 : 290));
        }

        assertThat(changes.look(sight(Examples.BEGIN.plus(Duration.ofHours(25)), bins, Optional.empty(), List.of())))
                .isEmpty();
    }

    @Test
    void aNodeThatStaysAwayIsToldWhileAPushNothingIs() {
        List<EngineView> engines = List.of(engine("node-1"), engine("node-2"));
        changes.reference(reference(engines, "node-1", "node-2"));
        List<Trigger> told = new ArrayList<>();
        for (int look = 0; look < 6; look++) {
            Instant at = Examples.BEGIN.plusSeconds(10L * look);
            told.addAll(changes.look(sight(at, List.of(), Optional.empty(), List.of())));
        }
        assertThat(told).as("hardware is not shown while a push is under way").isEmpty();
        for (int look = 6; look < 12; look++) {
            Instant at = Examples.BEGIN.plusSeconds(10L * look);
            told.addAll(changes.look(sight(at, List.of(), Optional.of(cluster("node-1")), List.of(engine("node-1")))));
        }
        assertThat(told).singleElement().satisfies(trigger -> {
            assertThat(trigger.kind()).isEqualTo("cluster");
            assertThat(trigger.sentence()).contains("node-2");
            assertThat(trigger.evidence()).containsKey(Drifted.SINCE);
        });
    }
}
