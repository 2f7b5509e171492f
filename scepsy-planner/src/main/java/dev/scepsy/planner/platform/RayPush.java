package dev.scepsy.planner.platform;

import com.fasterxml.jackson.databind.JsonNode;
import dev.scepsy.planner.platform.Rendering.Obstacles;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * One push to Ray Serve: get, merge, get again, put, look whether someone else was there, wait, and back where it fails.
 *
 * <p>Ray has no versions of what is declared: a put between the last look and this one's put is overwritten. It shows afterwards where it
 * declared a new application, which is then leaving; that one is put back. Where it changed one that was there, nothing shows.
 */
final class RayPush {

    private static final int MOST_LOOKS = 5;
    private static final String ENGINES = "LLMServer:";

    private final RayDashboard dashboard;
    private final Duration poll;
    private final Consumer<String> told;

    RayPush(RayDashboard dashboard, Duration poll, Consumer<String> told) {
        this.dashboard = dashboard;
        this.poll = poll;
        this.told = told;
    }

    /**
     * @param wanted applications by name
     * @param replicas engines by application
     * @param patience how long they may take until all are ready
     */
    PlatformOutcome to(Map<String, JsonNode> wanted, Map<String, Integer> replicas, Duration patience) {
        Map<String, JsonNode> before;
        try {
            JsonNode seen = dashboard.get();
            before = RayMerge.ownConfigs(seen);
            Optional<PlatformOutcome.Refused> refused = put(seen, wanted);
            if (refused.isPresent()) {
                return refused.get();
            }
        } catch (PlatformUnreachableException unreachable) {
            return new PlatformOutcome.Refused(List.of(String.valueOf(unreachable.getMessage())), List.of());
        } catch (UnknownOutcomeException unknown) {
            return new PlatformOutcome.StoppedMidway(String.valueOf(unknown.getMessage()));
        }
        try {
            return await(wanted, before, replicas, patience);
        } catch (PlatformUnreachableException lost) {
            return new PlatformOutcome.StoppedMidway(
                    "The applications were put, and how they fare is unknown. " + lost.getMessage());
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            return new PlatformOutcome.StoppedMidway(
                    "Interrupted; the applications were put, and Ray goes on with them.");
        }
    }

    /** Nobody knows whether Ray took what was put. */
    private static final class UnknownOutcomeException extends Exception {
        private static final long serialVersionUID = 1;

        UnknownOutcomeException(String message) {
            super(message);
        }
    }

    /** Puts {@code wanted} beside what others have; empty if Ray took it. */
    private Optional<PlatformOutcome.Refused> put(JsonNode first, Map<String, JsonNode> wanted)
            throws PlatformUnreachableException, UnknownOutcomeException {
        JsonNode seen = first;
        for (int look = 1; look <= MOST_LOOKS; look++) {
            Obstacles obstacles = new Obstacles();
            RayMerge merge = RayMerge.of(seen, wanted, obstacles);
            if (obstacles.any()) {
                Rendering.Refused refused = obstacles.refused();
                return Optional.of(new PlatformOutcome.Refused(refused.reasons(), refused.remedies()));
            }
            JsonNode now = dashboard.get();
            if (RayMerge.declared(now).equals(RayMerge.declared(seen))) {
                return put(merge, now, wanted);
            }
            told.accept("Someone else changed Serve's applications meanwhile; looking again.");
            seen = now;
        }
        return Optional.of(new PlatformOutcome.Refused(
                List.of("Someone else changes Serve's applications again and again: at each of " + MOST_LOOKS
                        + " looks they were others."),
                List.of("Apply again when nobody else does.")));
    }

    private Optional<PlatformOutcome.Refused> put(RayMerge merge, JsonNode seen, Map<String, JsonNode> wanted)
            throws PlatformUnreachableException, UnknownOutcomeException {
        merge.notes().forEach(told);
        if (!merge.kept().isEmpty()) {
            told.accept("Kept as they are: " + String.join(", ", merge.kept()) + ".");
        }
        RayMerge.ownConfigs(seen).keySet().stream()
                .filter(name -> !wanted.containsKey(name))
                .forEach(name -> told.accept("Application (" + name + ") is not in the plan and is removed."));
        Optional<String> refusal;
        try {
            refusal = dashboard.put(merge.body());
        } catch (PlatformUnreachableException lost) {
            throw new UnknownOutcomeException("Whether Ray took the applications is unknown. " + lost.getMessage());
        }
        if (refusal.isPresent()) {
            return Optional.of(new PlatformOutcome.Refused(List.of(refusal.get()), List.of()));
        }
        try {
            restoreStrangers(seen, wanted);
        } catch (PlatformUnreachableException lost) {
            throw new UnknownOutcomeException("The applications were put. Whether someone else's put came between is"
                    + " unknown: " + lost.getMessage());
        }
        return Optional.empty();
    }

    /** Others' applications that were declared between the last look and the put, and that the put removed. */
    private void restoreStrangers(JsonNode seen, Map<String, JsonNode> wanted) throws PlatformUnreachableException {
        JsonNode after = dashboard.get();
        Map<String, JsonNode> strangers = new LinkedHashMap<>();
        RayMerge.foreign(after).forEach((name, application) -> {
            boolean known = RayMerge.foreign(seen).containsKey(name);
            JsonNode config = application.path("deployed_app_config");
            if (!known && RayMerge.isLeaving(application) && config.isObject()) {
                strangers.put(name, config);
            }
        });
        if (strangers.isEmpty()) {
            return;
        }
        told.accept("Someone else declared " + String.join(", ", strangers.keySet())
                + " at the same time, which this put overwrote; putting it back.");
        strangers.putAll(wanted);
        Obstacles unused = new Obstacles();
        Optional<String> refusal =
                dashboard.put(RayMerge.of(after, strangers, unused).body());
        refusal.ifPresent(why -> told.accept("It could not be put back: " + why));
    }

    private PlatformOutcome await(
            Map<String, JsonNode> wanted,
            Map<String, JsonNode> before,
            Map<String, Integer> replicas,
            Duration patience)
            throws PlatformUnreachableException, InterruptedException {
        long end = System.nanoTime() + patience.toNanos();
        List<String> ready = new ArrayList<>();
        while (true) {
            JsonNode details = dashboard.get();
            List<String> waiting = new ArrayList<>();
            for (String name : wanted.keySet()) {
                JsonNode application = details.path("applications").path(name);
                String status = application.path("status").asText("gone");
                if (status.equals("gone") || status.equals("DELETING")) {
                    return new PlatformOutcome.StoppedMidway(
                            "Application (" + name
                                    + ") was removed by someone else's put. Apply again when nobody else declares applications.");
                }
                if (!application.path("deployed_app_config").equals(wanted.get(name))) {
                    return new PlatformOutcome.StoppedMidway("Application (" + name
                            + ") was declared otherwise by someone else's put. Apply again when nobody else does.");
                }
                if (status.equals("DEPLOY_FAILED")) {
                    return back(details, before, name + " failed: " + said(application));
                }
                int serving = readyReplicas(application);
                if (status.equals("RUNNING") && serving >= replicas.getOrDefault(name, 1)) {
                    if (!ready.contains(name)) {
                        ready.add(name);
                        told.accept(name + " is ready.");
                    }
                } else {
                    waiting.add(name + " (" + status + ", " + serving + " of " + replicas.getOrDefault(name, 1)
                            + " ready)");
                }
            }
            if (waiting.isEmpty()) {
                return new PlatformOutcome.Applied(wanted.size() + " applications serve.");
            }
            if (System.nanoTime() >= end) {
                return back(
                        details,
                        before,
                        "After " + patience.toSeconds() + " s not ready: " + String.join(", ", waiting));
            }
            Thread.sleep(poll.toMillis());
        }
    }

    /** Replicas of the engines that serve. */
    static int readyReplicas(JsonNode application) {
        int ready = 0;
        for (Map.Entry<String, JsonNode> deployment :
                application.path("deployments").properties()) {
            if (deployment.getKey().startsWith(ENGINES)) {
                for (JsonNode replica : deployment.getValue().path("replicas")) {
                    ready += replica.path("state").asText().equals("RUNNING") ? 1 : 0;
                }
            }
        }
        return ready;
    }

    private static String said(JsonNode application) {
        String message = application.path("message").asText().strip().replaceAll("\\p{Cntrl}+", " ");
        return message.length() <= 400 ? message : "..." + message.substring(message.length() - 400);
    }

    private PlatformOutcome back(JsonNode seen, Map<String, JsonNode> before, String why)
            throws PlatformUnreachableException {
        told.accept("Rolling back: " + why);
        try {
            Optional<PlatformOutcome.Refused> refused = put(seen, before);
            return refused.isEmpty()
                    ? new PlatformOutcome.RolledBack(why)
                    : new PlatformOutcome.StoppedMidway(why + " What ran before could not be put back: "
                            + String.join(" ", refused.get().reasons()));
        } catch (UnknownOutcomeException unknown) {
            return new PlatformOutcome.StoppedMidway(why + " " + unknown.getMessage());
        }
    }
}
