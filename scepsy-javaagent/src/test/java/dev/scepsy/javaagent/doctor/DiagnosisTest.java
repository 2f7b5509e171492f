package dev.scepsy.javaagent.doctor;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Properties;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class DiagnosisTest {

    private static final String WORKING = """
        state=instrumenting
        version=1.2
        classes=12
        woven=agentic 3, chat 9
        service=research
        sampler=always_on
        exporter=otlp
        protocol=http/protobuf
        planner=observe
        endpoint=http://localhost:4318/v1/traces
        """;

    private String answer = "";

    @Test
    void saysWhenThereIsNoAgent() {
        assertThat(diagnosis("", "app.jar")).contains("is not in this JVM. Put -javaagent:scepsy-javaagent.jar before");
    }

    @Test
    void saysWhenTheOptionCameAfterTheProgram() {
        assertThat(diagnosis("", "app.jar -javaagent:/opt/scepsy-javaagent.jar"))
                .contains("comes after the main class");
    }

    @Test
    void namesTheProgramWithoutItsArguments() {
        assertThat(diagnosis("", "app.jar --password=secret"))
                .contains("app.jar")
                .doesNotContain("secret");
    }

    @Test
    void saysWhenItIsSwitchedOff() {
        assertThat(diagnosis("state=off", "app.jar")).contains("switched off by scepsy.enabled=false");
    }

    @Test
    void saysWhenItCouldNotStart() {
        assertThat(diagnosis("state=failed\nproblem=java.lang.IllegalStateException: no jar", "app.jar"))
                .contains("could not start: java.lang.IllegalStateException: no jar");
    }

    @Test
    void saysWhenNoLangChain4jWasSeen() {
        assertThat(diagnosis("state=waiting\nversion=1.2", "app.jar")).contains("No LangChain4j class has been loaded");
    }

    @Test
    void saysWhenLangChain4jWasSeenAndNothingCountedYet() {
        assertThat(diagnosis("state=starting\nversion=1.2", "app.jar"))
                .contains("(1.2)", "has seen LangChain4j", "still starting")
                .doesNotContain("No LangChain4j class", "operation");
    }

    @Test
    void saysWhatWasInstrumentedAndWhenNothingWasCalled() {
        assertThat(diagnosis(WORKING, "app.jar"))
                .contains("instrumented 12 classes (agentic 3, chat 9)")
                .contains("No operation has ended yet");
    }

    @Test
    void saysHowManySpansItSawDroppedAndExported() {
        assertThat(diagnosis(WORKING + "seen=40\ndropped=7\nexported=30\nfailed=3\n", "app.jar"))
                .contains("saw 40 operations, dropped 7, exported 30 spans, failed to export 3")
                .contains("OTEL_BSP_MAX_QUEUE_SIZE")
                .contains("look for service research");
    }

    @Test
    void saysWhenTheSamplerLetsNothingThrough() {
        assertThat(diagnosis(WORKING.replace("always_on", "always_off") + "seen=4\nnotSampled=4\n", "app.jar"))
                .contains("The sampler (always_off) lets nothing through");
    }

    @Test
    void saysWhenAnotherOpenTelemetryExports() {
        assertThat(diagnosis(WORKING + "seen=4\njoined=4\n", "app.jar"))
                .contains("through the application's own OpenTelemetry");
    }

    @ParameterizedTest
    @CsvSource({"none, OTEL_TRACES_EXPORTER=none", "disabled, OTEL_SDK_DISABLED=true"})
    void saysWhenExportIsOff(String exporter, String reason) {
        assertThat(diagnosis(WORKING.replace("exporter=otlp", "exporter=" + exporter) + "seen=4\n", "app.jar"))
                .contains(reason);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "http://localhost:4318/v1/traces | java.net.ConnectException: Connection refused | Nothing listens at",
                "http://nowhere:4318/v1/traces | java.net.UnknownHostException: nowhere | is not known here",
                "http://localhost:4318/v1/traces | HTTP 404 | takes no OTLP under this path",
                "http://localhost:16686/v1/traces | HTTP 405 | Jaeger's pages are on 16686",
                "http://localhost:8080/v1/traces | web page | is a web page",
                "http://localhost:4317/v1/traces | java.net.SocketException: Unexpected end of file | is that of OTLP"
                        + " over gRPC",
                "http://localhost:9000/v1/traces | java.io.IOException: Invalid Http response | does not speak HTTP",
                "http://localhost:9000/v1/traces | no HTTP response | does not speak HTTP",
                "http://localhost:4318/v1/traces | HTTP 401 | wants credentials",
                "http://localhost:4318/v1/traces | HTTP 415 | does not understand http/protobuf",
                "http://localhost:4318/v1/traces | HTTP 503 | cannot take spans now",
                "http://localhost:4318/v1/traces | java.net.SocketTimeoutException: Read timed out | does not answer",
                "https://localhost:4318/v1/traces | javax.net.ssl.SSLException: Unsupported message | does not speak"
                        + " the TLS",
                "http://localhost:4318/v1/traces | java.lang.Error: odd | cannot be delivered"
            })
    void saysWhyExportFails(String endpoint, String problem, String words) {
        String facts = WORKING.replace("http://localhost:4318/v1/traces", endpoint) + "seen=4\n";

        assertThat(diagnosis(facts + "failed=4\nproblem=" + problem + "\n", "app.jar"))
                .as("after a failed export")
                .contains(words);
        answer = problem;
        assertThat(diagnosis(facts, "app.jar")).as("before the first export").contains(words);
    }

    @Test
    void beforeTheFirstExportSaysThatAReceiverAnswers() {
        assertThat(diagnosis(WORKING + "seen=4\n", "app.jar")).contains("the first spans are on their way");
    }

    @Test
    void saysThatGrpcIsNotBuiltInAndWhichModulesAreInTrouble() {
        assertThat(diagnosis(
                        WORKING.replace("http/protobuf", "grpc")
                                + "seen=4\nexported=4\ntrouble=chat off, 10 failures\n",
                        "app.jar"))
                .contains("grpc is not built in")
                .contains("Modules in trouble or switched off: chat off, 10 failures");
    }

    private String diagnosis(String status, String command) {
        Properties system = new Properties();
        system.setProperty("java.version", "17");
        system.setProperty("scepsy.agent.status", status);
        return String.join("\n", new Diagnosis(endpoint -> answer).of(new Patient(Facts.of(system), command, "")));
    }
}
