package dev.scepsy.javaagent;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** One application run in a JVM of its own, described step by step. Not thread-safe. */
final class ForkedJvm {

    /** What it left behind. */
    record Outcome(int exitCode, String out, String err, long millis) {}

    private final String application;
    private final List<String> jvmOptions = new ArrayList<>();
    private final Map<String, String> environment = new HashMap<>();
    private final List<String> arguments = new ArrayList<>();
    private final List<String> classPath = new ArrayList<>();
    private String javaHome = System.getProperty("java.home");

    private ForkedJvm(String application) {
        this.application = application;
    }

    /** LangChain4j, its dependencies and the test classes on the class path; no agent. */
    static ForkedJvm of(Class<?> application) {
        return of(application.getName());
    }

    /** The same for a class that the tests themselves are not compiled with. */
    static ForkedJvm of(String application) {
        ForkedJvm jvm = new ForkedJvm(application);
        for (String entry : testClassPath()) {
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

    /** Where this JVM finds tests and libraries: a console launcher loads them by a loader of its own. */
    static List<String> testClassPath() {
        if (ForkedJvm.class.getClassLoader() instanceof URLClassLoader loader) {
            return Arrays.stream(loader.getURLs())
                    .map(url -> Path.of(URI.create(url.toString())).toString())
                    .toList();
        }
        return List.of(System.getProperty("java.class.path").split(File.pathSeparator));
    }

    /** The built agent. */
    static Path agentJar() {
        return Path.of("target", "scepsy-javaagent.jar").toAbsolutePath();
    }

    /** The first entry of this JVM's class path whose path contains the text. */
    static String entry(String part) {
        return testClassPath().stream()
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

    /** Puts another in the place of an argument. */
    ForkedJvm argument(int index, String argument) {
        arguments.set(index, argument);
        return this;
    }

    ForkedJvm javaHome(Path home) {
        javaHome = home.toString();
        return this;
    }

    /** Another LangChain4j: the build puts its jars into {@code target/langchain4j-VERSION}. */
    ForkedJvm langChain4j(String version) {
        classPath.removeIf(entry -> entry.replace('\\', '/').contains("/dev/langchain4j/"));
        Path folder = Path.of("target", "langchain4j-" + version).toAbsolutePath();
        try (Stream<Path> jars = Files.list(folder)) {
            jars.map(Path::toString).sorted().forEach(classPath::add);
        } catch (IOException e) {
            throw new UncheckedIOException("mvn pre-integration-test fills this folder", e);
        }
        return this;
    }

    /** Puts a folder or jar before everything else on the class path. */
    ForkedJvm first(Path entry) {
        classPath.add(0, entry.toString());
        return this;
    }

    /** The class path as it stands. */
    String classPath() {
        return String.join(File.pathSeparator, classPath);
    }

    /** Adds the class path entries whose path contains the text. */
    ForkedJvm with(String part) {
        for (String entry : testClassPath()) {
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
        try (Running running = start()) {
            return running.end();
        }
    }

    /** Starts it; whoever does ends it. */
    Running start() {
        return new Running(command(), environment);
    }

    private List<String> command() {
        List<String> command = new ArrayList<>();
        command.add(Path.of(javaHome, "bin", "java").toString());
        command.add("-Xmx512m");
        command.addAll(jvmOptions);
        command.add("-cp");
        command.add(classPath.stream().collect(Collectors.joining(File.pathSeparator)));
        command.add(application);
        command.addAll(arguments);
        return command;
    }
}
