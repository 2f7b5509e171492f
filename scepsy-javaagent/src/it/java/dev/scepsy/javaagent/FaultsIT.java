package dev.scepsy.javaagent;

import static org.assertj.core.api.Assertions.assertThat;

import dev.scepsy.javaagent.app.BusyApp;
import dev.scepsy.javaagent.app.HelloApp;
import dev.scepsy.javaagent.app.ModelsApp;
import dev.scepsy.javaagent.app.OneCallApp;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Whatever is wrong around the agent, the application neither stops nor speaks differently. */
class FaultsIT {

    @TempDir
    Path folder = Path.of("");

    @Test
    void anApplicationWithoutLangChain4jIsLeftAloneButForOneLineOnStderr() {
        ForkedJvm.Outcome outcome = ForkedJvm.of(HelloApp.class)
                .withAgent()
                .option("-Xlog:class+load:file=" + folder.resolve("classes"))
                .run();

        assertThat(outcome.exitCode()).isZero();
        assertThat(outcome.out()).isEqualTo("hello, nobody\n");
        assertThat(outcome.err().lines()).hasSize(1).first().asString().startsWith("[scepsy]");
        assertThat(read(folder.resolve("classes")))
                .contains("dev.scepsy.javaagent.FirstLook")
                .doesNotContain("dev.scepsy.shaded", "dev.scepsy.javaagent.install", "dev.scepsy.planner");
    }

    @Test
    void nothingListeningAndAPlannerThatCannotWriteCostOneLineEach() throws IOException {
        int nobody;
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            nobody = socket.getLocalPort();
        }
        Path notAFolder = Files.writeString(folder.resolve("file"), "in the way");
        try (ModelServer models = new ModelServer()) {
            ForkedJvm.Outcome outcome = ForkedJvm.of(ModelsApp.class)
                    .with("scepsy-langchain4j")
                    .withAgent()
                    .env("OTEL_EXPORTER_OTLP_PROTOCOL", "grpc")
                    .env("OTEL_EXPORTER_OTLP_ENDPOINT", "http://127.0.0.1:" + nobody)
                    .env("SCEPSY_OUT", notAFolder.resolve("out").toString())
                    .argument(models.baseUrl())
                    .run();

            assertThat(outcome.exitCode()).as(outcome.err()).isZero();
            assertThat(outcome.out()).contains("plain all is well", "told all is well", "future all is well");
            assertThat(outcome.err().lines().filter(line -> line.contains("OTLP over grpc is not built in")))
                    .hasSize(1);
            assertThat(outcome.err().lines().filter(line -> line.contains("could not be delivered")))
                    .hasSizeLessThanOrEqualTo(1);
            assertThat(outcome.err()).doesNotContain("\tat ");
        }
    }

    @Test
    void theKillSwitchLeavesNothingBehind() {
        try (ModelServer models = new ModelServer();
                SpanReceiver receiver = new SpanReceiver()) {
            ForkedJvm.Outcome outcome = ForkedJvm.of(ModelsApp.class)
                    .with("scepsy-langchain4j")
                    .withAgent()
                    .option("-Dscepsy.enabled=false")
                    .exportingTo(receiver)
                    .argument(models.baseUrl())
                    .run();

            assertThat(outcome.exitCode()).as(outcome.err()).isZero();
            assertThat(outcome.err()).contains("[scepsy] switched off by scepsy.enabled=false");
            assertThat(receiver.spans()).isEmpty();
        }
    }

    @Test
    void aReceiverThatNeverAnswersNeitherFillsTheMemoryNorKeepsTheJvmAlive() throws IOException {
        try (ServerSocket silent = new ServerSocket(0, 50, InetAddress.getLoopbackAddress())) {
            ForkedJvm.Outcome outcome = ForkedJvm.of(BusyApp.class)
                    .withAgent()
                    .option("-Xmx48m") // The prompts of all calls are 200 MB.
                    .env("OTEL_EXPORTER_OTLP_ENDPOINT", "http://127.0.0.1:" + silent.getLocalPort())
                    .env("OTEL_BSP_SCHEDULE_DELAY", "50")
                    .argument("4000")
                    .run();

            assertThat(outcome.exitCode()).as(outcome.err()).isZero();
            assertThat(outcome.out()).isEqualTo("4000 answered\n");
            assertThat(outcome.err())
                    .contains("exit: not everything was exported within 2000 ms")
                    .doesNotContain("OutOfMemory", "\tat ");
        }
    }

    @Test
    void aModelThatThrowsWhenAskedWhatItIsAnswersAllTheSameAndItsModuleIsSwitchedOff() {
        try (SpanReceiver receiver = new SpanReceiver()) {
            ForkedJvm.Outcome outcome = ForkedJvm.of(BusyApp.class)
                    .withAgent()
                    .exportingTo(receiver)
                    .argument("30")
                    .argument("broken")
                    .run();

            assertThat(outcome.exitCode()).as(outcome.err()).isZero();
            assertThat(outcome.out()).isEqualTo("30 answered\n");
            assertThat(outcome.err()).doesNotContain("\tat ");
            assertThat(outcome.err().lines().filter(line -> line.startsWith("[scepsy]")))
                    .hasSizeLessThanOrEqualTo(3);
        }
    }

    @Test
    void aModuleThatIsSwitchedOffTracesNothing() {
        try (SpanReceiver receiver = new SpanReceiver()) {
            ForkedJvm.Outcome outcome = ForkedJvm.of(OneCallApp.class)
                    .withAgent()
                    .env("SCEPSY_INSTRUMENTATION_CHAT_ENABLED", "false")
                    .exportingTo(receiver)
                    .run();

            assertThat(outcome.exitCode()).as(outcome.err()).isZero();
            assertThat(outcome.out()).isEqualTo("hello\n");
            assertThat(receiver.spans()).isEmpty();
        }
    }

    private static String read(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }
}
