package dev.scepsy.planner.cli;

import dev.scepsy.planner.serve.log.ServiceLog;
import dev.scepsy.planner.serve.settings.ServiceTime;
import dev.scepsy.planner.serve.view.FolderView;
import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code scepsy view}: the planner's page over files. */
@Command(
        name = "view",
        description = {
            "Shows the planner's page over a folder of files, read-only, to this machine alone.",
            "workflows.json or traces (*.jsonl, *.jsonl.gz) are enough; plan.json, cluster.yaml, models.yaml,"
                    + " profiles.yaml and what 'scepsy serve' exported are shown where they are there."
        },
        footer = {
            "",
            "  scepsy shares target/demo/traces.jsonl --out target/demo/workflows.json",
            "  scepsy view target/demo",
            "",
            "Files are read once, when it starts. It ends at Ctrl-C or SIGTERM. Exit codes: 2 an unusable folder, a file that"
                    + " is malformed or of another version, or a port in use; 130 or 143 stopped by a signal."
        })
final class ViewCommand implements Callable<Integer> {

    private static final int CLOSING_SECONDS = 10;
    private static final int LARGEST_PORT = 65_535;

    @Parameters(paramLabel = "FOLDER", description = "Where the files are.")
    private Path folder = Path.of(".");

    @Option(
            names = "--port",
            paramLabel = "PORT",
            defaultValue = "8844",
            description = "Port of 127.0.0.1 to listen on; 0 takes any free one (default: ${DEFAULT-VALUE}).")
    private int port = 8844;

    @Mixin
    private Terminal terminal;

    ViewCommand(Terminal terminal) {
        this.terminal = terminal;
    }

    ViewCommand() {
        this(new Terminal());
    }

    @Override
    public Integer call() throws InterruptedException {
        if (port < 0 || port > LARGEST_PORT) {
            return terminal.badInput("--port: The port (" + port + ") must lie between 0 and 65535.");
        }
        ServiceLog log = new ServiceLog(System.err, false, ServiceTime.WALL);
        try (EndOnSignal signal = new EndOnSignal("scepsy-view-stop", CLOSING_SECONDS);
                FolderView view = FolderView.open(folder, port, log, this::say)) {
            say("The page is at http://127.0.0.1:" + view.address().getPort() + "/; Ctrl-C ends it.");
            signal.await();
            return ExitCode.DONE;
        } catch (FolderView.UnusableException unusable) {
            return terminal.badInput(unusable.problems());
        } catch (IOException inUse) {
            return terminal.badInput("--port: 127.0.0.1:" + port
                    + " cannot be listened on: another program has it, or it is not allowed. Give another --port.");
        }
    }

    private void say(String line) {
        synchronized (terminal) {
            terminal.err().println(line);
            terminal.err().flush();
        }
    }
}
