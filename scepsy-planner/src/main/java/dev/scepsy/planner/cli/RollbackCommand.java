package dev.scepsy.planner.cli;

import dev.scepsy.planner.cluster.ClusterClient;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code scepsy rollback}: moves a serving cluster back. */
@Command(
        name = "rollback",
        description = {
            "Undoes an unfinished push, or goes back to the previously applied plan.",
            "The steps and the exit codes are those of 'scepsy apply'."
        })
final class RollbackCommand implements Callable<Integer> {

    @Mixin
    private Terminal terminal = new Terminal();

    @Mixin
    private Connection connection = new Connection();

    @Mixin
    private PushOptions push = new PushOptions();

    @Override
    public Integer call() {
        PushReport report = new PushReport(terminal);
        if (push.dryRun()) {
            return terminal.badInput("There is no dry run of a rollback: scepsy status shows the plan it leads to.");
        }
        if (!push.confirmed("Roll back?", terminal)) {
            terminal.err().println("Nothing was changed.");
            return ExitCode.REFUSED;
        }
        try (ClusterClient client = connection.open();
                StopOnSignal stop = new StopOnSignal(client, terminal.err())) {
            return report.end(client.rollback(push.options(), report::tell));
        }
    }
}
