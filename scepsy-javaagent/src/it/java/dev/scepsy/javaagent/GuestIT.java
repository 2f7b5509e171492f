package dev.scepsy.javaagent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.sun.net.httpserver.HttpServer;
import dev.scepsy.javaagent.app.BurstApp;
import dev.scepsy.javaagent.app.BusyApp;
import dev.scepsy.javaagent.app.OneCallApp;
import dev.scepsy.javaagent.app.RoughApp;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The agent is a guest in its JVM: it uses nothing of the application's, and withstands what goes on there. */
class GuestIT {

    private static final int LAST_WITH_SECURITY_MANAGER = 23;

    @TempDir
    Path folder = Path.of("");

    @Test
    void interruptedThreadsAnEndOfTheStackAndABrokenStandardErrorLoseNoSpanAfterwards() {
        try (SpanReceiver receiver = new SpanReceiver()) {
            ForkedJvm.Outcome outcome = ForkedJvm.of(RoughApp.class)
                    .with("scepsy-langchain4j")
                    .with("jspecify")
                    .withAgent()
                    .exportingTo(receiver)
                    .argument(receiver.endpoint())
                    .run();

            assertThat(outcome.exitCode()).as(outcome.err()).isZero();
            assertThat(outcome.out()).isEqualTo("used: []\n");
            assertThat(outcome.err()).doesNotContain("\tat ");
            assertThat(new Trees(receiver.spans()).rendered())
                    .contains("workflow work(chat before, chat before)", "workflow work(chat after, chat after)");
        }
    }

    @Test
    void spansSayWhichAgentWroteThemAndInWhichInstance() {
        try (SpanReceiver receiver = new SpanReceiver()) {
            ForkedJvm.Outcome outcome = ForkedJvm.of(OneCallApp.class)
                    .withAgent()
                    .withAgent() // A second one does nothing.
                    .exportingTo(receiver)
                    .env("OTEL_RESOURCE_ATTRIBUTES", "host.name=ours")
                    .run();

            assertThat(outcome.exitCode()).as(outcome.err()).isZero();
            assertThat(outcome.err()).containsOnlyOnce("waits for").containsOnlyOnce("is in this JVM already");
            assertThat(receiver.spans()).hasSize(1);
            assertThat(receiver.scopes()).singleElement().asString().matches("dev\\.scepsy\\.langchain4j \\d.*");
            assertThat(receiver.resource())
                    .containsEntry("host.name", "ours")
                    .containsEntry("telemetry.distro.name", "scepsy-javaagent")
                    .containsKey("service.instance.id");
        }
    }

    @Test
    void noCredentialsOfTheApplicationGoToAReceiverThatAsksForSome() throws IOException {
        List<String> credentials = new CopyOnWriteArrayList<>();
        List<String> requests = new CopyOnWriteArrayList<>();
        HttpServer asking = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        asking.createContext("/", exchange -> {
            exchange.getRequestBody().readAllBytes();
            requests.add(exchange.getRequestURI().getPath());
            for (String header : List.of("Authorization", "Cookie", "Proxy-Authorization")) {
                credentials.addAll(exchange.getRequestHeaders().getOrDefault(header, List.of()));
            }
            exchange.getResponseHeaders().add("WWW-Authenticate", "Basic realm=\"spans\"");
            exchange.getResponseHeaders().add("Set-Cookie", "a=b");
            exchange.sendResponseHeaders(401, -1);
            exchange.close();
        });
        asking.start();
        String endpoint = "http://127.0.0.1:" + asking.getAddress().getPort();
        try {
            ForkedJvm.Outcome outcome = ForkedJvm.of(RoughApp.class)
                    .with("scepsy-langchain4j")
                    .with("jspecify")
                    .withAgent()
                    .env("OTEL_EXPORTER_OTLP_ENDPOINT", endpoint)
                    .env("OTEL_EXPORTER_OTLP_COMPRESSION", "gzip")
                    .env("OTEL_EXPORTER_OTLP_HEADERS", "x-tenant=ours")
                    .env("SCEPSY_EXIT_FLUSH_MILLIS", "30000")
                    .argument(endpoint)
                    .run();

            assertThat(outcome.exitCode()).as(outcome.err()).isZero();
            assertThat(outcome.out()).isEqualTo("used: []\n");
            assertThat(credentials).isEmpty();
            assertThat(requests).contains("/v1/traces", "/v1/metrics");
        } finally {
            asking.stop(0);
        }
    }

    @Test
    void whatFindsNoRoomIsSaidOnceAndLeavesNoChildWithoutItsParent() {
        try (SpanReceiver receiver = new SpanReceiver()) {
            ForkedJvm.Outcome outcome = ForkedJvm.of(BurstApp.class)
                    .with("scepsy-langchain4j")
                    .withAgent()
                    .exportingTo(receiver)
                    .env("OTEL_BSP_MAX_QUEUE_SIZE", "256")
                    .env("OTEL_BSP_MAX_EXPORT_BATCH_SIZE", "64")
                    .argument("5000")
                    .run();

            assertThat(outcome.exitCode()).as(outcome.err()).isZero();
            assertThat(outcome.out()).isEqualTo("5000 done\n");
            assertThat(outcome.err().lines().filter(line -> line.contains("OTEL_BSP_MAX_QUEUE_SIZE")))
                    .hasSize(1);
            assertThat(receiver.spans()).hasSizeBetween(64, 14_999);
            new Trees(receiver.spans()).mustBeWhole();
        }
    }

    @Test
    void contentThatWaitsForAReceiverThatNeverAnswersIsBoundedInBytes() throws IOException {
        try (ServerSocket silent = new ServerSocket(0, 50, InetAddress.getLoopbackAddress())) {
            ForkedJvm.Outcome outcome = ForkedJvm.of(BusyApp.class)
                    .withAgent()
                    .option("-Xmx48m") // The prompts of all calls are 200 MB.
                    .option("-Dscepsy.capture-content=true")
                    .option("-Dscepsy.capture-content.max-characters=100000")
                    .env("OTEL_EXPORTER_OTLP_ENDPOINT", "http://127.0.0.1:" + silent.getLocalPort())
                    .env("SCEPSY_EXIT_FLUSH_MILLIS", "100")
                    .argument("4000")
                    .run();

            assertThat(outcome.exitCode()).as(outcome.err()).isZero();
            assertThat(outcome.out()).isEqualTo("4000 answered\n");
            assertThat(outcome.err()).contains("content is left out of spans").doesNotContain("OutOfMemory", "\tat ");
        }
    }

    @Test
    void aSecurityManagerGetsAWorkingAgentOrOneLineThatSaysWhatToGrant() throws IOException {
        Path home = java17();
        try (SpanReceiver receiver = new SpanReceiver()) {
            ForkedJvm.Outcome refused = secured(receiver, home, "").run();
            assertThat(refused.exitCode()).as(refused.err()).isZero();
            assertThat(refused.out()).isEqualTo("hello\n");
            assertThat(refused.err().lines().filter(line -> line.contains("[scepsy]")))
                    .singleElement()
                    .asString()
                    .contains("not started", "the security policy must grant it");
            assertThat(receiver.spans()).isEmpty();

            ForkedJvm.Outcome granted = secured(
                            receiver,
                            home,
                            "grant codeBase \"" + ForkedJvm.agentJar().toUri()
                                    + "\" { permission java.security.AllPermission; };")
                    .run();
            assertThat(granted.exitCode()).as(granted.err()).isZero();
            assertThat(granted.out()).isEqualTo("hello\n");
            assertThat(new Trees(receiver.spans()).rendered()).containsExactly("chat echo");
        }
    }

    private static Path java17() {
        assumeTrue(
                Runtime.version().feature() <= LAST_WITH_SECURITY_MANAGER
                        || Jdks.home(17).isPresent(),
                "NOT RUN: no JDK with a security manager found");
        return Runtime.version().feature() <= LAST_WITH_SECURITY_MANAGER
                ? Path.of(System.getProperty("java.home"))
                : Jdks.home(17).orElseThrow();
    }

    /** All rights to everything on the class path, and what is granted besides. */
    private ForkedJvm secured(SpanReceiver receiver, Path home, String granted) throws IOException {
        ForkedJvm app =
                ForkedJvm.of(OneCallApp.class).withAgent().javaHome(home).exportingTo(receiver);
        String ofApplication = List.of(app.classPath().split(System.getProperty("path.separator"))).stream()
                .map(entry -> "grant codeBase \"" + Path.of(entry).toUri()
                        + "\" { permission java.security.AllPermission; };\n")
                .collect(Collectors.joining());
        Path policy = Files.writeString(folder.resolve("policy"), ofApplication + granted);
        return app.option("-Djava.security.manager").option("-Djava.security.policy==" + policy);
    }

    @Test
    void everyMalformedSettingIsSaidOnceAndTheApplicationRuns() {
        try (SpanReceiver receiver = new SpanReceiver()) {
            ForkedJvm.Outcome outcome = ForkedJvm.of(OneCallApp.class)
                    .withAgent()
                    .exportingTo(receiver)
                    .env("OTEL_BSP_SCHEDULE_DELAY", "soon")
                    .env("OTEL_BSP_MAX_QUEUE_SIZE", "-5")
                    .env("OTEL_TRACES_SAMPLER", "sometimes")
                    .env(
                            "OTEL_EXPORTER_OTLP_CERTIFICATE",
                            folder.resolve("none.pem").toString())
                    .env("SCEPSY_PLANNER", "maybe")
                    .env("SCEPSY_STATISTICS_PORT", "http")
                    .env("SCEPSY_CAPTURE_CONTENT", "yes please")
                    .env("SCEPSY_STREAM_TIMEOUT_SECONDS", "NaN")
                    .env("SCEPSY_INSTRUMENTATION_CHAT_ENABLED", "perhaps")
                    .run();

            assertThat(outcome.exitCode()).as(outcome.err()).isZero();
            assertThat(outcome.out()).isEqualTo("hello\n");
            for (String setting : List.of(
                    "otel.traces.sampler (sometimes)",
                    "none.pem",
                    "scepsy.planner (maybe)",
                    "scepsy.statistics.port (http)",
                    "scepsy.capture-content (yes please)",
                    "scepsy.stream.timeout-seconds (NaN)",
                    "scepsy.instrumentation.chat.enabled (perhaps)")) {
                assertThat(outcome.err().lines().filter(line -> line.contains(setting)))
                        .as("%s in %s", setting, outcome.err())
                        .hasSize(1);
            }
            assertThat(outcome.err()).doesNotContain("\tat ");
        }
    }

    @ParameterizedTest
    @CsvSource({
        "401,text/plain,it wants credentials",
        "200,text/html,is this the port for OTLP over HTTP",
        "0,nothing,is a collector or Jaeger listening there"
    })
    void aReceiverThatIsNoneGetsOneLineThatSaysWhatItIs(int status, String type, String said) throws IOException {
        HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/", exchange -> {
            exchange.getRequestBody().readAllBytes();
            if (status > 0) {
                exchange.getResponseHeaders().add("Content-Type", type);
                byte[] page = "<html>hello</html>".getBytes(java.nio.charset.StandardCharsets.UTF_8);
                exchange.sendResponseHeaders(status, page.length);
                exchange.getResponseBody().write(page);
            }
            exchange.close();
        });
        server.start();
        try {
            ForkedJvm.Outcome outcome = ForkedJvm.of(OneCallApp.class)
                    .withAgent()
                    .env(
                            "OTEL_EXPORTER_OTLP_ENDPOINT",
                            "http://127.0.0.1:" + server.getAddress().getPort())
                    .env("SCEPSY_EXIT_FLUSH_MILLIS", "30000")
                    .run();

            assertThat(outcome.exitCode()).as(outcome.err()).isZero();
            assertThat(outcome.out()).isEqualTo("hello\n");
            assertThat(outcome.err().lines().filter(line -> line.contains("could not be delivered")))
                    .singleElement()
                    .asString()
                    .contains(said);
        } finally {
            server.stop(0);
        }
    }
}
