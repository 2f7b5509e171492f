package dev.scepsy.javaagent;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;

/** One application run in a JVM of its own, described step by step. Not thread-safe. */
final class ForkedJvm {

    /** What it left behind. */
    record Outcome(int exitCode, String out, String err, long millis) {}

    private static final long DEADLINE_SECONDS = 120;

    private final Class<?> application;
    private final List<String> jvmOptions = new ArrayList<>();
    private final Map<String, String> environment = new HashMap<>();
    private final List<String> arguments = new ArrayList<>();
    private final List<String> classPath = new ArrayList<>();
    private String javaHome = System.getProperty("java.home");

    private ForkedJvm(Class<?> application) {
        this.application = application;
    }

    /** LangChain4j, its dependencies and the test classes on the class path; no agent. */
    static ForkedJvm of(Class<?> application) {
        ForkedJvm jvm = new ForkedJvm(application);
        for (String entry : System.getProperty("java.class.path").split(File.pathSeparator)) {
            String unix = entry.replace('\\', '/');
            if (unix.endsWith("/test-classes")
                    || unix.contains("/dev/langchain4j/")
                    || unix.contains("/slf4j-api/")
                    || unix.contains("/com/fasterxml/jackson/")
                    || unix.contains("/com/knuddels/")
                    || unix.contains("/org/apache/opennlp/")) {
                jvm.classPath.add(entry);
            }
        }
        return jvm;
    }

    /** The built agent. */
    static Path agentJar() {
        return Path.of("target", "scepsy-javaagent.jar").toAbsolutePath();
    }

    /** The first entry of this JVM's class path whose path contains the text. */
    static String entry(String part) {
        return Arrays.stream(System.getProperty("java.class.path").split(File.pathSeparator))
                .filter(entry -> entry.contains(part))
                .findFirst()
                .orElseThrow(() -> new IllegalStateException("not on the class path: " + part));
    }

    ForkedJvm withAgent() {
        return option("-javaagent:" + agentJar());
    }

    ForkedJvm option(String option) {
        jvmOptions.add(option);
        return this;
    }

    ForkedJvm env(String name, String value) {
        environment.put(name, value);
        return this;
    }

    ForkedJvm argument(String argument) {
        arguments.add(argument);
        return this;
    }

    ForkedJvm javaHome(Path home) {
        javaHome = home.toString();
        return this;
    }

    /** Adds the class path entries whose path contains the text. */
    ForkedJvm with(String part) {
        for (String entry : System.getProperty("java.class.path").split(File.pathSeparator)) {
            if (entry.contains(part) && !classPath.contains(entry)) {
                classPath.add(entry);
            }
        }
        return this;
    }

    ForkedJvm exportingTo(SpanReceiver receiver) {
        return env("OTEL_EXPORTER_OTLP_ENDPOINT", receiver.endpoint())
                .env("SCEPSY_EXIT_FLUSH_MILLIS", "30000"); // A busy machine may need more than the default.
    }

    /** Runs it to its end. */
    Outcome run() {
        List<String> command = new ArrayList<>();
        command.add(Path.of(javaHome, "bin", "java").toString());
        command.add("-Xmx512m");
        command.addAll(jvmOptions);
        command.add("-cp");
        command.add(classPath.stream().collect(Collectors.joining(File.pathSeparator)));
        command.add(application.getName());
        command.addAll(arguments);
        try {
            Path out = Files.createTempFile("scepsy-it", ".out");
            Path err = Files.createTempFile("scepsy-it", ".err");
            ProcessBuilder builder =
                    new ProcessBuilder(command).redirectOutput(out.toFile()).redirectError(err.toFile());
            builder.environment().keySet().removeIf(name -> name.startsWith("OTEL_") || name.startsWith("SCEPSY_"));
            builder.environment().putAll(environment);
            long start = System.nanoTime();
            Process process = builder.start();
            if (!process.waitFor(DEADLINE_SECONDS, TimeUnit.SECONDS)) {
                process.destroyForcibly().waitFor();
                throw new IllegalStateException(
                        application.getSimpleName() + " did not end:\n" + Files.readString(err));
            }
            long millis = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - start);
            Outcome outcome = new Outcome(process.exitValue(), Files.readString(out), Files.readString(err), millis);
            Files.delete(out);
            Files.delete(err);
            return outcome;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }
}
