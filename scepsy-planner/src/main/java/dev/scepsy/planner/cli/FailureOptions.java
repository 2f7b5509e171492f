package dev.scepsy.planner.cli;

import dev.scepsy.planner.allocation.Plan;
import dev.scepsy.planner.allocation.ReplicaPlacement;
import dev.scepsy.planner.simulate.Failures;
import dev.scepsy.planner.simulate.LostCalls;
import dev.scepsy.planner.simulate.NodeOutage;
import dev.scepsy.planner.simulate.Outage;
import dev.scepsy.planner.simulate.Simulation;
import dev.scepsy.planner.simulate.Slowdown;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Which replicas fail in a simulation, as options say it. */
final class FailureOptions {

    private static final Pattern FAILURE = Pattern.compile("(.+)@([0-9.eE]+)(?:\\+([0-9.eE]+))?");
    private static final Pattern SLOWDOWN =
            Pattern.compile("(.+)#([0-9]{1,9})@([0-9.eE]+)(?:\\+([0-9.eE]+))?x([0-9.eE]+)");
    private static final Pattern REPLICA = Pattern.compile("(.+)#([0-9]{1,9})");

    private static final double MOST_SLOW = 1000;

    @Option(
            names = "--failure",
            paramLabel = "WHAT@AT[+LASTS]",
            description = "Failure of MODEL#REPLICA or NODE at simulated second AT; it serves again after LASTS"
                    + " seconds (default: --restart-time). May be repeated.")
    private List<String> failures = new ArrayList<>();

    @Option(
            names = "--slowdown",
            paramLabel = "MODEL#REPLICA@AT[+LASTS]xFACTOR",
            description = "A replica whose steps take FACTOR times as long from simulated second AT on, for LASTS"
                    + " seconds (default: to the end). May be repeated.")
    private List<String> slowdowns = new ArrayList<>();

    @Option(
            names = "--mtbf",
            paramLabel = "SECONDS",
            description =
                    "Mean time between random failures of a replica, in seconds of service (default: none" + " fails).")
    private @Nullable Double meanSecondsBetween;

    @Option(
            names = "--restart-time",
            paramLabel = "SECONDS",
            defaultValue = "120",
            description = "Seconds until a failed replica serves again (default: ${DEFAULT-VALUE}).")
    private double restartSeconds;

    @Option(
            names = "--lost-calls",
            paramLabel = "RULE",
            defaultValue = "retry",
            description = "Calls inside a failing replica: retry (start anew on another replica) or fail (with"
                    + " their executions) (default: ${DEFAULT-VALUE}).")
    private String lostCalls = "retry";

    /** What fails in {@code plan}; what cannot be becomes {@code problems}. */
    Failures of(Plan plan, Map<String, List<Simulation.Replica>> replicas, List<String> problems) {
        Optional<LostCalls> rule = List.of(LostCalls.values()).stream()
                .filter(value -> value.name().toLowerCase(Locale.ROOT).equals(lostCalls))
                .findFirst();
        if (rule.isEmpty()) {
            problems.add("The --lost-calls (" + lostCalls + ") must be retry or fail.");
        }
        if (!(restartSeconds > 0 && restartSeconds <= SimulatedLoads.LONGEST_SECONDS)) {
            problems.add("The --restart-time (" + restartSeconds + ") must be above 0 and at most 1e7 seconds.");
        }
        if (meanSecondsBetween != null && !(meanSecondsBetween >= 1 && meanSecondsBetween < Double.POSITIVE_INFINITY)) {
            problems.add(
                    "The --mtbf (" + meanSecondsBetween + ") must be at least 1 second. Leave it out for no failures.");
        }
        List<Outage> outages = new ArrayList<>();
        List<NodeOutage> nodes = new ArrayList<>();
        for (String failure : failures) {
            outages.addAll(outages(failure, plan, replicas, nodes, problems));
        }
        List<Slowdown> slow = new ArrayList<>();
        for (String slowdown : slowdowns) {
            slowdown(slowdown, replicas, problems).ifPresent(slow::add);
        }
        if (!problems.isEmpty()) {
            return Failures.NONE;
        }
        return new Failures(
                outages,
                Optional.ofNullable(meanSecondsBetween).map(between -> new Failures.Drawn(between, restartSeconds)),
                rule.orElse(LostCalls.RETRY),
                slow,
                nodes);
    }

    private static Optional<Slowdown> slowdown(
            String written, Map<String, List<Simulation.Replica>> replicas, List<String> problems) {
        Matcher parts = SLOWDOWN.matcher(written);
        double at = parts.matches() ? number(parts.group(3)) : Double.NaN;
        double lasts = !parts.matches()
                ? Double.NaN
                : parts.group(4) == null ? Double.POSITIVE_INFINITY : number(parts.group(4));
        double factor = parts.matches() ? number(parts.group(5)) : Double.NaN;
        if (!(at >= 0 && lasts > 0 && factor >= 1 && factor <= MOST_SLOW)) {
            problems.add("The --slowdown (" + written
                    + ") must read MODEL#REPLICA@ATxFACTOR or MODEL#REPLICA@AT+LASTSxFACTOR in seconds, with a factor"
                    + " from 1 to 1000, as generator#0@120+60x3.");
            return Optional.empty();
        }
        int number = Integer.parseInt(parts.group(2));
        if (number >= replicas.getOrDefault(parts.group(1), List.of()).size()) {
            problems.add("The --slowdown (" + written + ") names no replica of the plan. There are: "
                    + String.join(", ", names(replicas)) + ".");
            return Optional.empty();
        }
        return Optional.of(new Slowdown(parts.group(1), number, at, lasts, factor));
    }

    private static Set<String> names(Map<String, List<Simulation.Replica>> replicas) {
        Set<String> names = new LinkedHashSet<>();
        replicas.forEach((model, own) -> {
            for (int i = 0; i < own.size(); i++) {
                names.add(model + "#" + i);
            }
        });
        return names;
    }

    private List<Outage> outages(
            String failure,
            Plan plan,
            Map<String, List<Simulation.Replica>> replicas,
            List<NodeOutage> nodes,
            List<String> problems) {
        Matcher parts = FAILURE.matcher(failure);
        double at = parts.matches() ? number(parts.group(2)) : Double.NaN;
        double lasts = !parts.matches() ? Double.NaN : parts.group(3) == null ? restartSeconds : number(parts.group(3));
        if (!(at >= 0
                && at <= SimulatedLoads.LONGEST_SECONDS
                && lasts > 0
                && lasts <= SimulatedLoads.LONGEST_SECONDS)) {
            problems.add("The --failure (" + failure
                    + ") must read WHAT@AT or WHAT@AT+LASTS in seconds, as generator#0@120+60 or node-1@120.");
            return List.of();
        }
        String what = parts.group(1);
        Matcher replica = REPLICA.matcher(what);
        List<Outage> outages = new ArrayList<>();
        if (replica.matches()) {
            String model = replica.group(1);
            int number = Integer.parseInt(replica.group(2));
            if (number < replicas.getOrDefault(model, List.of()).size()) {
                outages.add(new Outage(model, number, at, lasts));
            }
        } else {
            for (ReplicaPlacement placement : plan.placements()) {
                if (placement.node().equals(what)
                        && placement.replica()
                                < replicas.getOrDefault(placement.model(), List.of())
                                        .size()) {
                    outages.add(new Outage(placement.model(), placement.replica(), at, lasts));
                }
            }
            nodes.add(new NodeOutage(what, at, lasts));
        }
        if (outages.isEmpty()) {
            Set<String> names = names(replicas);
            plan.placements().stream().map(ReplicaPlacement::node).sorted().forEach(names::add);
            problems.add("The --failure (" + failure + ") names nothing that the plan uses. There are: "
                    + String.join(", ", names) + ".");
        }
        return outages;
    }

    private static double number(String text) {
        try {
            return Double.parseDouble(text);
        } catch (NumberFormatException e) {
            return Double.NaN;
        }
    }
}
