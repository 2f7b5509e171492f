package dev.scepsy.planner.cli;

import dev.scepsy.planner.cluster.ServingState;
import dev.scepsy.planner.file.Problem;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Whether, how often and until when {@code status} looks again; {@code @Mixin}. */
final class WatchOptions {

    private static final Duration EVERY = Duration.ofSeconds(5);

    @Option(
            names = "--every",
            paramLabel = "TIME",
            description = "With --watch: time between two looks, such as 2s or 1m (default: 5s).")
    private @Nullable String every;

    @Option(
            names = "--timeout",
            paramLabel = "TIME",
            description = "With --watch: end after this time, such as 90s or 30m (default: look until interrupted).")
    private @Nullable String timeout;

    @Option(
            names = "--until-planned",
            description =
                    "Watch until the cluster serves its plan; exit with 0 then, and with 7 when --timeout comes first.")
    private boolean untilPlanned;

    @Option(names = "--watch", description = "Look again and again, and print what has changed.")
    private boolean watch;

    private Duration period = EVERY;
    private Optional<Duration> limit = Optional.empty();

    /** What is wrong with the options; reads them. */
    List<Problem> problems(Terminal terminal) {
        List<Problem> problems = new ArrayList<>();
        if (every != null) {
            DurationText.read("scepsy status", "--every", every, problems).ifPresent(read -> period = read);
        }
        if (timeout != null) {
            limit = DurationText.read("scepsy status", "--timeout", timeout, problems);
        }
        if (!asked() && (every != null || timeout != null)) {
            problems.add(terminal.wrongArgument((every != null ? "--every" : "--timeout")
                    + " is for --watch or --until-planned; give one of them too."));
        }
        return problems;
    }

    boolean asked() {
        return watch || untilPlanned;
    }

    boolean untilPlanned() {
        return untilPlanned;
    }

    /** Whether {@code state} is what is waited for: a plan is on record and served. */
    boolean reached(ServingState state) {
        return untilPlanned && state.planId().isPresent() && state.asPlanned();
    }

    Duration every() {
        return period;
    }

    Optional<Duration> timeout() {
        return limit;
    }
}
