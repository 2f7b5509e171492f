package dev.scepsy.planner.cli;

import dev.scepsy.planner.cluster.ClusterUnreachableException;
import dev.scepsy.planner.cluster.ServingState;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Looks at the cluster again and again and prints its state whenever it has changed: for people under the time of the look, for
 * programs one line of JSON each. A server that does not answer is said once and asked again.
 */
final class StatusWatch {

    /** One look. */
    @FunctionalInterface
    interface Look {
        ServingState read() throws ClusterUnreachableException;
    }

    private final Look look;
    private final WatchOptions options;
    private final Terminal terminal;
    private @Nullable ServingState last;
    private String complaint = "";

    StatusWatch(Look look, WatchOptions options, Terminal terminal) {
        this.look = look;
        this.options = options;
        this.terminal = terminal;
    }

    /** The state seen last, once the watch has ended; empty where the server never answered. */
    Optional<ServingState> run() throws InterruptedException {
        long begin = System.nanoTime();
        while (true) {
            boolean answered = look();
            if (answered && last != null && options.reached(last)) {
                return Optional.of(last);
            }
            long passed = System.nanoTime() - begin;
            if (options.timeout().isPresent()
                    && passed >= options.timeout().get().toNanos()) {
                return Optional.ofNullable(last);
            }
            long left =
                    options.timeout().map(timeout -> timeout.toNanos() - passed).orElse(Long.MAX_VALUE);
            Thread.sleep(Math.max(1, Math.min(options.every().toNanos(), left) / 1_000_000));
        }
    }

    private boolean look() {
        ServingState state;
        try {
            state = look.read();
        } catch (ClusterUnreachableException unreachable) {
            String why = String.valueOf(unreachable.getMessage());
            if (!why.equals(complaint)) {
                terminal.err()
                        .println(now() + " " + why + " Asked again every "
                                + options.every().toMillis() / 1000.0 + " s.");
                terminal.err().flush();
            }
            complaint = why;
            return false;
        }
        if (!complaint.isEmpty()) {
            terminal.err().println(now() + " The API server answers again.");
            terminal.err().flush();
            complaint = "";
        }
        if (!state.equals(last)) {
            terminal.out()
                    .print(
                            terminal.json()
                                    ? StatusCommand.jsonLine(state, Instant.now())
                                    : now() + "\n" + StatusCommand.text(state) + "\n");
            terminal.out().flush();
        }
        last = state;
        return true;
    }

    private static Instant now() {
        return Instant.now().truncatedTo(ChronoUnit.SECONDS);
    }
}
