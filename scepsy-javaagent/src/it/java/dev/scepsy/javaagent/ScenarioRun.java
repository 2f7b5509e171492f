package dev.scepsy.javaagent;

import com.sun.tools.attach.VirtualMachine;
import dev.scepsy.javaagent.Environment.Condition;
import dev.scepsy.javaagent.Environment.Launch;
import dev.scepsy.javaagent.Environment.Sampling;
import dev.scepsy.javaagent.Environment.Telemetry;
import dev.scepsy.javaagent.Environment.Threads;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Runs the scenario in one environment and gives what it left behind. */
final class ScenarioRun {

    private static final String STRANGER = "23456";
    private static final String OTEL_AGENT = ForkedJvm.entry("/opentelemetry-javaagent/");
    private static final Path EXTENSION =
            Path.of("target", "scepsy-otel-extension.jar").toAbsolutePath();

    /** What came out; the statistics are empty where nothing can be written. */
    record Left(ForkedJvm.Outcome outcome, List<ReceivedSpan> spans, String statistics) {}

    private final Environment environment;
    private final Launches launches;

    ScenarioRun(Environment environment, Launches launches) {
        this.environment = environment;
        this.launches = launches;
    }

    Left run() {
        try (SpanReceiver receiver = new SpanReceiver();
                ModelServer models = new ModelServer()) {
            Path out = out();
            try (Running running = new Running(command(models.baseUrl()), variables(receiver, out))) {
                if (environment.condition() == Condition.ATTACHED) {
                    running.await("readiness", () -> running.out().contains("ready"));
                    attach(running.pid());
                }
                ForkedJvm.Outcome outcome = running.end();
                Path file = out.resolve("workflows.json");
                return new Left(outcome, receiver.spans(), Files.exists(file) ? Files.readString(file) : "");
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void attach(long pid) throws IOException {
        try {
            VirtualMachine jvm = VirtualMachine.attach(String.valueOf(pid));
            jvm.loadAgent(ForkedJvm.agentJar().toString());
            jvm.detach();
        } catch (com.sun.tools.attach.AttachNotSupportedException
                | com.sun.tools.attach.AgentLoadException
                | com.sun.tools.attach.AgentInitializationException e) {
            throw new IOException(e);
        }
    }

    /** Where it writes its statistics. */
    private Path out() throws IOException {
        Path out = Files.createTempDirectory(launches.folder(), "out");
        if (environment.condition() == Condition.STRANGER) {
            Files.setPosixFilePermissions(out, java.nio.file.attribute.PosixFilePermissions.fromString("rwxrwxrwx"));
        }
        return out;
    }

    private Map<String, String> variables(SpanReceiver receiver, Path out) {
        Map<String, String> variables = new HashMap<>();
        variables.put("OTEL_EXPORTER_OTLP_ENDPOINT", receiver.endpoint());
        variables.put("OTEL_EXPORTER_OTLP_PROTOCOL", "http/protobuf");
        variables.put("OTEL_METRICS_EXPORTER", "none");
        variables.put("OTEL_LOGS_EXPORTER", "none");
        variables.put("OTEL_BSP_MAX_QUEUE_SIZE", "20000");
        variables.put("OTEL_TRACES_SAMPLER", environment.sampling().sampler());
        if (environment.sampling() == Sampling.ONE_PERCENT) {
            variables.put("OTEL_TRACES_SAMPLER_ARG", "0.01");
        }
        variables.put("SCEPSY_EXIT_FLUSH_MILLIS", "30000"); // A busy machine may need more than the default.
        variables.put("SCEPSY_OUT", out.toString());
        return variables;
    }

    private List<String> command(String baseUrl) {
        List<String> command = new ArrayList<>(prefix());
        command.add(java());
        command.addAll(List.of("-Xmx384m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1"));
        if (environment.jdk() >= 21 && environment.condition() == Condition.ATTACHED) {
            command.add("-XX:+EnableDynamicAgentLoading");
        }
        if (environment.condition() == Condition.READ_ONLY && environment.launch() == Launch.TOMCAT_WAR) {
            command.add("-Djava.io.tmpdir=" + launches.folder().resolve("work"));
        }
        command.addAll(agents());
        command.addAll(launches.command(environment.launch(), libraries()));
        command.add(baseUrl);
        if (environment.telemetry() != Telemetry.NONE) {
            command.add(environment.telemetry() == Telemetry.OWN_SDK ? "own" : "api");
        }
        if (environment.threads() == Threads.OWN_POOLS) {
            command.add("fixed");
        }
        if (environment.condition() == Condition.ATTACHED) {
            command.add("attach");
        }
        return command;
    }

    private String java() {
        return Jdks.home(environment.jdk()).orElseThrow().resolve("bin/java").toString();
    }

    /** What makes the surroundings what they are. */
    private List<String> prefix() {
        return switch (environment.condition()) {
            case ATTACHED -> List.of();
            case STRANGER ->
                List.of(
                        "env",
                        "-C",
                        "/",
                        "-u",
                        "HOME",
                        "setpriv",
                        "--reuid=" + STRANGER,
                        "--regid=" + STRANGER,
                        "--clear-groups");
            case READ_ONLY ->
                List.of(
                        "unshare",
                        "-m",
                        "sh",
                        "-c",
                        // A servlet container needs a folder for its own work.
                        "mkdir -p " + launches.folder().resolve("work")
                                + "; mount -o remount,bind,ro / && mount -t tmpfs none "
                                + launches.folder().resolve("work") + " && exec \"$@\"",
                        "sh");
        };
    }

    private List<String> agents() {
        String ours = "-javaagent:" + launches.copy(ForkedJvm.agentJar().toString());
        if (!environment.telemetry().isAgent()) {
            return environment.condition() == Condition.ATTACHED ? List.of() : List.of(ours);
        }
        String theirs = "-javaagent:" + launches.copy(OTEL_AGENT);
        return switch (environment.telemetry()) {
            case OUR_EXTENSION -> List.of(theirs, "-Dotel.javaagent.extensions=" + launches.copy(EXTENSION.toString()));
            case AGENT_AFTER -> List.of(ours, theirs);
            default -> environment.condition() == Condition.ATTACHED ? List.of(theirs) : List.of(theirs, ours);
        };
    }

    private List<String> libraries() {
        return switch (environment.telemetry()) {
            case NONE -> List.of();
            case OWN_SDK -> List.of("/io/opentelemetry/opentelemetry-");
            default ->
                List.of(
                        "/io/opentelemetry/opentelemetry-api/",
                        "/io/opentelemetry/opentelemetry-context/",
                        "/io/opentelemetry/opentelemetry-common/");
        };
    }
}
