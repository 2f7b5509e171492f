package dev.scepsy.planner.cli;

import dev.scepsy.planner.file.Reading;
import dev.scepsy.planner.file.ServeFile;
import dev.scepsy.planner.serve.ScepsyService;
import dev.scepsy.planner.serve.log.ServiceLog;
import dev.scepsy.planner.serve.settings.ServeSettings;
import dev.scepsy.planner.serve.settings.ServiceTime;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code scepsy serve}: the planner for a running day. */
@Command(
        name = "serve",
        description = {
            "Runs the planner service: receives traces all day, notices what changed, and proposes plans, or applies"
                    + " them, as serve.yaml says.",
            "Everything has a default but the file of models; without a cluster it observes."
        },
        subcommands = {ServeTokenCommand.class},
        footer = {
            "",
            "  echo 'models: models.yaml' > serve.yaml",
            "  scepsy serve --config serve.yaml",
            "  export OTEL_EXPORTER_OTLP_ENDPOINT=http://127.0.0.1:4318   # of applications",
            "  scepsy proposals",
            "",
            "Open to other machines, with a token for each who sends, reads or decides:",
            "  scepsy serve token --name ops --role operator --tokens tokens.txt",
            "",
            "Stops at Ctrl-C or SIGTERM; nothing it acknowledged is lost. Exit codes: 2 bad input or an address in use, 4 the"
                    + " store refuses (another service has it, or a newer version wrote it), 130 or 143 stopped by a"
                    + " signal."
        })
final class ServeCommand implements Callable<Integer> {

    /** What Kubernetes waits for between SIGTERM and SIGKILL is 30 s. */
    private static final int SHUTDOWN_SECONDS = 25;

    private static final double LARGEST_TIME_SCALE = 1_000;

    @Option(
            names = "--config",
            paramLabel = "FILE",
            description = "serve.yaml: what to listen on, plan with and keep, and how far to go.")
    @Nullable
    Path config;

    @Option(
            names = "--log",
            paramLabel = "text|json",
            defaultValue = "text",
            description = "Form of the log on standard error, a line each (default: ${DEFAULT-VALUE}).")
    String log = "text";

    @Option(
            names = "--time-scale",
            paramLabel = "N",
            hidden = true,
            defaultValue = "1",
            description = "For emulated clusters, where spans, engines and nodes run N times as fast.")
    double timeScale = 1;

    @Option(
            names = "--time-origin",
            paramLabel = "INSTANT",
            hidden = true,
            description = "With --time-scale: when the wall's time and the service's agree (default: its start).")
    private @Nullable Instant timeOrigin;

    @Option(
            names = "--time-moved",
            paramLabel = "FILE",
            hidden = true,
            description =
                    "With --time-scale: by how many seconds the wall's clock is moved, as a file says at any time; for"
                            + " tests of a machine whose clock is set.")
    private @Nullable Path timeMoved;

    @Mixin
    private Terminal terminal;

    private final Start start;

    /** Starts the service; tests have another. */
    interface Start {
        Running of(ServeSettings settings, ServiceTime time, ServiceLog log) throws ScepsyService.RefusedException;
    }

    /** What runs until it is closed. */
    interface Running extends AutoCloseable {
        List<String> banner();

        @Override
        void close();
    }

    ServeCommand() {
        this(new Terminal(), ServeCommand::service);
    }

    ServeCommand(Terminal terminal, Start start) {
        this.terminal = terminal;
        this.start = start;
    }

    @Override
    public Integer call() throws InterruptedException {
        if (config == null) {
            return terminal.badInput(
                    "--config is missing: the serve.yaml to run with. 'models: models.yaml' is enough to"
                            + " begin with.");
        }
        boolean json = log.equals("json");
        if (!json && !log.equals("text")) {
            return terminal.badInput("--log: The form (" + log + ") must be text or json.");
        }
        if (!(timeScale >= 1 && timeScale <= LARGEST_TIME_SCALE)) {
            return terminal.badInput("--time-scale: The factor (" + timeScale + ") must lie in [1, 1000].");
        }
        Reading<ServeSettings> reading = ServeFile.read(config);
        terminal.warn(reading);
        if (reading.legalValue().isEmpty()) {
            return terminal.badInput(reading.whyMalformed());
        }
        return serve(reading.legalValue().get(), json);
    }

    private int serve(ServeSettings settings, boolean json) throws InterruptedException {
        ServiceTime time = timeScale == 1
                ? ServiceTime.WALL
                : ServiceTime.scaled(
                        timeScale,
                        timeOrigin == null ? Instant.now() : timeOrigin,
                        timeMoved == null ? InstantSource.system() : new MovedWall(timeMoved));
        ServiceLog log = new ServiceLog(System.err, json, time);
        try (EndOnSignal signal = new EndOnSignal("scepsy-serve-stop", SHUTDOWN_SECONDS);
                Running service = start.of(settings, time, log)) {
            service.banner().forEach(line -> say(line, json, log));
            say("Ready; Ctrl-C or SIGTERM ends it.", json, log);
            signal.await();
            say("Ending: what was acknowledged is put away first.", json, log);
            return ExitCode.DONE;
        } catch (ScepsyService.RefusedException e) {
            terminal.err().println(e.getMessage());
            terminal.err().flush();
            return e.exitCode();
        }
    }

    private void say(String line, boolean json, ServiceLog log) {
        if (json) {
            log.info(line);
        } else {
            terminal.err().println(line);
            terminal.err().flush();
        }
    }

    private static Running service(ServeSettings settings, ServiceTime time, ServiceLog log)
            throws ScepsyService.RefusedException {
        ScepsyService service = ScepsyService.start(settings, time, log);
        return new Running() {
            @Override
            public List<String> banner() {
                return service.banner();
            }

            @Override
            public void close() {
                service.close();
            }
        };
    }
}
