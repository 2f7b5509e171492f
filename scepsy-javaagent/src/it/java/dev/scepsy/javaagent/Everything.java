package dev.scepsy.javaagent;

import static org.assertj.core.api.Assertions.assertThat;

import dev.scepsy.javaagent.app.EverythingApp;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import javax.tools.JavaCompiler;
import javax.tools.StandardJavaFileManager;
import javax.tools.ToolProvider;

/**
 * The scenario applications run together: one JVM per LangChain4j and JDK, whose output and spans many tests look at. Runs are
 * kept for all test classes of this JVM.
 *
 * @param models the server that it asked, closed since
 * @param receiver what it exported to, closed since
 */
record Everything(ForkedJvm.Outcome outcome, ModelServer models, SpanReceiver receiver) {

    static final Path JDK_25 = Path.of("/usr/lib/jvm/temurin-25-jdk-amd64");

    private static final List<String> APPS =
            List.of("ModelsApp", "CoverageApp", "StreamsApp", "WorkflowsApp", "AgenticApp");
    private static final String NEWEST_APP = "NewestApp";
    private static final Map<String, Everything> RUNS = new HashMap<>();

    /** The pinned LangChain4j, without the agent. */
    static Everything plain() {
        return once("plain", () -> run(app(APPS), false));
    }

    /** The pinned LangChain4j. */
    static Everything traced() {
        return once("traced", () -> run(app(APPS), true));
    }

    /** The newest, on the newest JDK that is there. */
    static Everything newest() {
        return once("newest", () -> {
            ForkedJvm app = app(List.of(
                            NEWEST_APP, "ModelsApp", "CoverageApp", "StreamsApp", "WorkflowsApp", "AgenticApp"))
                    .langChain4j("newest");
            app.first(compiled(NEWEST_APP, app.classPath()));
            return run(hasJdk25() ? app.javaHome(JDK_25) : app, true);
        });
    }

    /** What the agent was built with before. */
    static Everything former() {
        return once("former", () -> run(app(APPS).langChain4j("former"), true));
    }

    /** The oldest that the agent supports; it has no agentic module that it does. */
    static Everything oldest() {
        return once("oldest", () -> run(app(List.of("ModelsApp")).langChain4j("oldest"), true));
    }

    /** The oldest with an agentic module that the agent supports. */
    static Everything oldestAgentic() {
        return once(
                "oldest-agentic",
                () -> run(app(List.of("ModelsApp", "AgenticApp")).langChain4j("oldest-agentic"), true));
    }

    static boolean hasJdk25() {
        return Files.isExecutable(JDK_25.resolve("bin/java"));
    }

    /** What one of the applications printed. */
    String printedBy(String app) {
        String start = "== " + app + "\n";
        int from = outcome.out().indexOf(start);
        assertThat(from).as(app + " ran: " + outcome.out() + outcome.err()).isNotNegative();
        int to = outcome.out().indexOf("\n== ", from);
        return outcome.out()
                .substring(from + start.length(), to < 0 ? outcome.out().length() : to + 1);
    }

    List<ReceivedSpan> spans() {
        return receiver.spans();
    }

    List<ReceivedSpan> spans(String name) {
        return spans().stream().filter(span -> span.name().equals(name)).toList();
    }

    /** It ended well, and the agent had nothing to complain about. */
    void mustBeUndisturbed() {
        assertThat(outcome.exitCode()).as(outcome.err()).isZero();
        assertThat(outcome.err().lines().filter(line -> line.startsWith("[scepsy]")))
                .as(outcome.err())
                .hasSize(1);
    }

    /** For the names of tests: which run it is. */
    @Override
    public String toString() {
        return outcome.out().lines().findFirst().orElse("nothing") + " ...";
    }

    private interface Run {
        Everything go() throws IOException;
    }

    private static synchronized Everything once(String name, Run run) {
        return Optional.ofNullable(RUNS.get(name)).orElseGet(() -> {
            try {
                Everything made = run.go();
                RUNS.put(name, made);
                return made;
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        });
    }

    private static ForkedJvm app(List<String> apps) {
        ForkedJvm app =
                ForkedJvm.of(EverythingApp.class).with("scepsy-langchain4j").argument("");
        apps.forEach(app::argument);
        return app;
    }

    private static Everything run(ForkedJvm app, boolean traced) {
        try (ModelServer models = new ModelServer();
                SpanReceiver receiver = new SpanReceiver()) {
            app.argument(0, models.baseUrl());
            if (traced) {
                app.withAgent()
                        .exportingTo(receiver)
                        .env("OTEL_SERVICE_NAME", "everything")
                        .env("OTEL_BSP_MAX_QUEUE_SIZE", "20000");
            }
            ForkedJvm.Outcome outcome = app.run();
            return new Everything(outcome, models, receiver);
        }
    }

    /** Compiles an application that the pinned LangChain4j is too old for. */
    private static Path compiled(String app, String classPath) throws IOException {
        Path classes =
                Files.createDirectories(Path.of("target", "newest-classes")).toAbsolutePath();
        JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
        assertThat(compiler).as("the tests run on a JDK").isNotNull();
        StringWriter problems = new StringWriter();
        try (StandardJavaFileManager files = compiler.getStandardFileManager(null, null, null)) {
            boolean done = compiler.getTask(
                            problems,
                            files,
                            null,
                            List.of("-d", classes.toString(), "-cp", classPath, "--release", "17", "-parameters"),
                            null,
                            files.getJavaFileObjects(Path.of("src/it/newest/dev/scepsy/javaagent/app", app + ".java")))
                    .call();
            assertThat(done).as(problems.toString()).isTrue();
        }
        return classes;
    }
}
