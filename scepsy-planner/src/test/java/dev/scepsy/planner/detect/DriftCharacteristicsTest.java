package dev.scepsy.planner.detect;

import static org.assertj.core.api.Assertions.assertThat;

import dev.scepsy.planner.detect.SimulatedWorkflow.Kind;
import dev.scepsy.planner.share.ModelPart;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

/**
 * How often the detector is wrong and how late it is: the tables of docs/reference/service/detection.md. Small in {@code verify}; the whole of 10
 * seeds x 1,000 hours with {@code -Dscepsy.full=true}, which prints the tables.
 */
class DriftCharacteristicsTest {

    private static final boolean FULL = Boolean.getBoolean("scepsy.full");
    private static final int SEEDS = FULL ? 10 : 2;
    private static final int HOURS = FULL ? 1_000 : 50;
    private static final int REPEATS = FULL ? 100 : 20;
    /** Other traffic than that which the thresholds were chosen on. */
    private static final int FIRST_SEED = Integer.getInteger("scepsy.seed", 0);

    private static final double PER_HOUR = 360;
    private static final int FIRST_HOURS = 36;
    private static final List<Kind> SIX =
            List.of(Kind.RAG, Kind.BEAM_SEARCH, Kind.CODE_REPAIR, Kind.MULTI_TURN, Kind.TOOLS, Kind.DEBATE);

    private static final Map<String, String> STATES = new HashMap<>();

    private record Alarms(long executions, int early, int later) {}

    @Test
    void stationaryTrafficMakesNextToNoFindings() {
        Map<Kind, Alarms> alarms = new EnumMap<>(Kind.class);
        for (Kind kind : Kind.values()) {
            long executions = 0;
            int early = 0;
            int later = 0;
            int seeds = SIX.contains(kind) ? SEEDS : Math.min(SEEDS, 3);
            for (int seed = 0; seed < seeds; seed++) {
                SimulatedWorkflow workflow = new SimulatedWorkflow(kind, FIRST_SEED + seed, PER_HOUR);
                DriftDetector detector = new DriftDetector(kind.name());
                long start = workflow.now();
                while (workflow.now() - start < HOURS * SimulatedWorkflow.NANOS_PER_HOUR) {
                    executions++;
                    List<ModelPart> parts = workflow.next();
                    if (detector.take(workflow.now(), parts).isPresent()) {
                        if (workflow.now() - start < FIRST_HOURS * SimulatedWorkflow.NANOS_PER_HOUR) {
                            early++;
                        } else {
                            later++;
                        }
                    }
                }
            }
            alarms.put(kind, new Alarms(executions, early, later));
            say("| %s | %d | %d | %d |%n", kind, executions, early, later);
        }
        int six = SIX.stream()
                .mapToInt(kind -> alarms.get(kind).early() + alarms.get(kind).later())
                .sum();
        say("six kinds together: %d%n", six);
        assertThat(six).as("of six workflows in all").isLessThanOrEqualTo(FULL ? 10 : 1);
        int worse = alarms.values().stream().mapToInt(Alarms::later).sum() - six;
        assertThat(worse).as("of worse ones, after a day").isLessThanOrEqualTo(FULL ? 40 : 4);
    }

    @Test
    void twiceAndHalfTheCallsAreFoundWithinSixtyExecutions() {
        for (Kind kind : SIX) {
            for (String what : List.of("as many again", "each twice", "every other")) {
                int[] delays = delays(kind, 1_500, workflow -> {
                    workflow.changed = workflow.criticalModel();
                    workflow.callsFactor = what.equals("every other") ? 0.5 : 2;
                    workflow.doubledOneByOne = what.equals("each twice");
                });
                tell(kind, "calls " + what, delays, 60);
                assertThat(quantile(delays, 0.5)).as(kind + " " + what).isLessThanOrEqualTo(60);
                assertThat(quantile(delays, FULL ? 0.97 : 0.9))
                        .as(kind + " " + what)
                        .isLessThanOrEqualTo(60);
            }
        }
    }

    @Test
    void twiceTheTokensAreFoundWithinSixtyExecutions() {
        for (Kind kind : SIX) {
            int[] delays = delays(kind, 1_500, workflow -> {
                workflow.changed = workflow.criticalModel();
                workflow.tokensFactor = 2;
            });
            tell(kind, "tokens twice", delays, 60);
            assertThat(quantile(delays, 0.9)).as(kind.name()).isLessThanOrEqualTo(60);
        }
    }

    @Test
    void aShareThatMovesByAQuarterIsFoundWithinThreeHundredExecutions() {
        for (Kind kind : SIX) {
            double share = share(kind);
            double points = share > 0.5 ? share - 0.25 : share + 0.25;
            int[] delays = delays(kind, 1_500, shareTo(share, points));
            tell(kind, "share by 25 points", delays, 300);
            // one in three of TOOLS' executions calls two models: what the others say of a share is beside what came
            // before
            assertThat(quantile(delays, 0.5)).as(kind.name()).isLessThanOrEqualTo(kind == Kind.TOOLS ? 100 : 60);
            assertThat(quantile(delays, FULL ? 0.97 : 0.9)).as(kind.name()).isLessThanOrEqualTo(300);
            double relative = share > 0.7 ? 0.75 * share : 1.25 * share;
            if (FULL) {
                String what = String.format("share by 25 %% (%.2f to %.2f)", share, relative);
                tell(kind, what, delays(kind, 1_500, shareTo(share, relative)), 300);
            }
        }
    }

    @Test
    void withAReferenceOfAHundredExecutionsLargeChangesAreFoundLater() {
        for (Kind kind : SIX) {
            int[] delays = delays(kind, 100, workflow -> {
                workflow.changed = workflow.criticalModel();
                workflow.callsFactor = 2;
                workflow.doubledOneByOne = true;
            });
            tell(kind, "calls each twice, after 100 executions", delays, 60);
            assertThat(quantile(delays, 0.5)).as(kind.name()).isLessThanOrEqualTo(120);
        }
    }

    private static Consumer<SimulatedWorkflow> shareTo(double from, double to) {
        return workflow -> {
            workflow.changed = workflow.criticalModel();
            workflow.timeFactor = to / (1 - to) * (1 - from) / from;
        };
    }

    /** Executions from the change to the finding; sorted; 1,001: none within 1,000. */
    private static int[] delays(Kind kind, int before, Consumer<SimulatedWorkflow> change) {
        int[] delays = new int[REPEATS];
        for (int repeat = 0; repeat < REPEATS; repeat++) {
            SimulatedWorkflow workflow = new SimulatedWorkflow(kind, 5_000 + repeat, PER_HOUR);
            DriftDetector detector;
            if (FULL) {
                detector = learned(workflow, before);
            } else {
                // one reference for all: it is what takes long
                detector = DriftDetector.restored(STATES.computeIfAbsent(
                        kind + " " + before,
                        any -> learned(new SimulatedWorkflow(kind, 1, PER_HOUR), before)
                                .state()));
            }
            change.accept(workflow);
            int delay = 0;
            boolean found = false;
            while (!found && delay <= 1_000) {
                List<ModelPart> parts = workflow.next();
                found = detector.take(workflow.now(), parts).isPresent();
                delay++;
            }
            delays[repeat] = delay;
        }
        Arrays.sort(delays);
        return delays;
    }

    private static DriftDetector learned(SimulatedWorkflow workflow, int executions) {
        DriftDetector detector = new DriftDetector(workflow.kind.name());
        for (int i = 0; i < executions; i++) {
            List<ModelPart> parts = workflow.next();
            detector.take(workflow.now(), parts);
        }
        return detector;
    }

    private static double share(Kind kind) {
        SimulatedWorkflow workflow = new SimulatedWorkflow(kind, 999, PER_HOUR);
        double all = 0;
        double critical = 0;
        for (int i = 0; i < 5_000; i++) {
            for (ModelPart part : workflow.next()) {
                all += part.callNanos();
                critical += part.model().equals(workflow.criticalModel()) ? part.callNanos() : 0;
            }
        }
        return critical / all;
    }

    private static int quantile(int[] sorted, double part) {
        return sorted[(int) Math.ceil(part * sorted.length) - 1];
    }

    private static void tell(Kind kind, String what, int[] delays, int bound) {
        long within = Arrays.stream(delays).filter(delay -> delay <= bound).count();
        say(
                "| %s | %s | %d | %d | %s | %.1f %% |%n",
                kind,
                what,
                quantile(delays, 0.5),
                quantile(delays, 0.95),
                delays[delays.length - 1] > 1_000 ? "none in 1,000" : String.valueOf(delays[delays.length - 1]),
                100.0 * within / delays.length);
    }

    private static void say(String format, Object... values) {
        if (FULL) {
            System.out.printf(format, values);
        }
    }
}
