package dev.scepsy.planner.cluster;

import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * What the cluster remembers of its plans, in the config map {@value #NAME}. Immutable.
 *
 * @param state how the last push stands
 * @param current what was last applied completely
 * @param previous what was applied before that: where a rollback leads
 * @param target what the unfinished push wants; empty when there is none
 * @param progress what the unfinished push did last, for people
 * @param history one line per push, newest first
 * @param times how long engines took to start and stop here
 */
record PlanRecord(
        State state,
        Optional<Intent> current,
        Optional<Intent> previous,
        Optional<Intent> target,
        String progress,
        List<String> history,
        MeasuredTimes times) {

    static final String NAME = "scepsy-plan";

    private static final int HISTORY_LINES = 20;

    /** How the last push stands. */
    enum State {
        NONE,
        APPLYING,
        ROLLING_BACK,
        STOPPED,
        APPLIED,
        ROLLED_BACK
    }

    PlanRecord {
        history = List.copyOf(history);
    }

    /** @throws DamagedRecordException if somebody changed the config map so that it cannot be read */
    static PlanRecord read(KubernetesCluster cluster) {
        Map<String, String> data = cluster.readConfigMap(NAME);
        try {
            return new PlanRecord(
                    state(data.getOrDefault("state", "none")),
                    intent(data, "current"),
                    intent(data, "previous"),
                    intent(data, "target"),
                    data.getOrDefault("progress", ""),
                    data.getOrDefault("history", "").lines().toList(),
                    MeasuredTimes.read(data.getOrDefault("times", "")));
        } catch (IllegalArgumentException damaged) {
            throw new DamagedRecordException("The config map (" + NAME + ") in namespace (" + cluster.namespace()
                    + ") cannot be read: " + damaged.getMessage()
                    + " Restore it, or delete it: then there is nothing to"
                    + " roll back to, and a push starts from what runs.");
        }
    }

    private static State state(String written) {
        for (State state : State.values()) {
            if (state.name().toLowerCase(Locale.ROOT).replace('_', '-').equals(written)) {
                return state;
            }
        }
        throw new IllegalArgumentException("Its state is none that a push leaves.");
    }

    /** The config map was changed by somebody else. */
    static final class DamagedRecordException extends RuntimeException {
        private static final long serialVersionUID = 1;

        DamagedRecordException(String message) {
            super(message);
        }
    }

    private static Optional<Intent> intent(Map<String, String> data, String key) {
        return Optional.ofNullable(data.get(key)).map(IntentJson::read);
    }

    /** The record of a cluster that is brought to {@code intent} by others, such as from Git. */
    static PlanRecord of(Intent intent) {
        return new PlanRecord(
                State.APPLIED,
                Optional.of(intent),
                Optional.empty(),
                Optional.empty(),
                "",
                List.of(),
                MeasuredTimes.read(""));
    }

    void write(KubernetesCluster cluster) {
        cluster.writeConfigMap(NAME, data());
    }

    Map<String, String> data() {
        Map<String, String> data = new LinkedHashMap<>();
        data.put("state", state.name().toLowerCase(Locale.ROOT).replace('_', '-'));
        data.put("plan", current.map(Intent::planId).orElse("none"));
        data.put("progress", progress);
        data.put("history", String.join("\n", history));
        data.put("times", times.text());
        current.ifPresent(intent -> data.put("engines.json", IntentJson.describe(intent)));
        current.ifPresent(intent -> data.put("current", IntentJson.write(intent)));
        previous.ifPresent(intent -> data.put("previous", IntentJson.write(intent)));
        target.ifPresent(intent -> data.put("target", IntentJson.write(intent)));
        return data;
    }

    boolean unfinished() {
        return target.isPresent();
    }

    /** A push towards {@code intent} is under way. */
    PlanRecord pushing(State now, Intent intent, String doing) {
        return new PlanRecord(now, current, previous, Optional.of(intent), doing, history, times);
    }

    /** The push stopped between two steps. */
    PlanRecord stopped(String reason, Instant at) {
        return new PlanRecord(
                State.STOPPED, current, previous, target, progress, line(at, "stopped midway", target, reason), times);
    }

    /** {@code intent} is what is served now. */
    PlanRecord applied(Intent intent, Instant at) {
        boolean again = current.map(Intent::planId).equals(Optional.of(intent.planId()))
                && current.map(Intent::engines).equals(Optional.of(intent.engines()))
                && current.map(Intent::routing).equals(Optional.of(intent.routing()));
        return new PlanRecord(
                State.APPLIED,
                Optional.of(intent),
                again ? previous : current,
                Optional.empty(),
                "",
                line(at, "applied", Optional.of(intent), ""),
                times);
    }

    /** The push failed and {@link #current} is served again. */
    PlanRecord rolledBack(String reason, Instant at) {
        return new PlanRecord(
                State.ROLLED_BACK,
                current,
                previous,
                Optional.empty(),
                "",
                line(at, "rolled back", target, reason),
                times);
    }

    /** The same with what was measured meanwhile. */
    PlanRecord with(MeasuredTimes measured) {
        return new PlanRecord(state, current, previous, target, progress, history, measured);
    }

    private List<String> line(Instant at, String what, Optional<Intent> intent, String reason) {
        List<String> lines = new ArrayList<>();
        lines.add(at.truncatedTo(ChronoUnit.SECONDS) + " " + what + " plan "
                + intent.map(Intent::planId).orElse("none") + (reason.isEmpty() ? "" : ": " + reason));
        history.stream().limit(HISTORY_LINES - 1).forEach(lines::add);
        return lines;
    }
}
