package dev.scepsy.samples.quarkus;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** JVM mode: listeners as beans see what runs in a Quarkus application. */
class QuarkusIT {

    private static final String ANSWER = """
        {"id": "cmpl-1", "object": "chat.completion", "created": 1, "model": "gpt-0613",
         "choices": [{"index": 0, "message": {"role": "assistant", "content": "well"}, "finish_reason": "stop"}],
         "usage": {"prompt_tokens": 21, "completion_tokens": 5, "total_tokens": 26}}
        """;

    private final List<String> exported = new CopyOnWriteArrayList<>();

    @Test
    void listenersSeeAWorkflowItsServiceAndItsCallsInAQuarkusApplication() throws Exception {
        HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/v1/chat/completions", exchange -> {
            exchange.getRequestBody().readAllBytes();
            exchange.getResponseHeaders().add("Content-Type", "application/json");
            byte[] answer = ANSWER.getBytes(StandardCharsets.UTF_8);
            exchange.sendResponseHeaders(200, answer.length);
            exchange.getResponseBody().write(answer);
            exchange.close();
        });
        server.createContext("/v1/traces", exchange -> {
            exported.add(new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.ISO_8859_1));
            exchange.sendResponseHeaders(200, -1);
            exchange.close();
        });
        server.start();
        try {
            String url = "http://127.0.0.1:" + server.getAddress().getPort();

            assertThat(run(url)).contains("well, well");
            assertThat(String.join("", exported)) // Names stand in protobuf as they are.
                    .contains("invoke_workflow quarkus", "invoke_agent Assistant", "chat gpt", "gpt-0613");
        } finally {
            server.stop(0);
        }
    }

    private static String run(String url) throws IOException, InterruptedException {
        Process process = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Dmodels.url=" + url + "/v1",
                        "-Dotel.exporter.otlp.protocol=http/protobuf",
                        "-Dotel.exporter.otlp.endpoint=" + url,
                        "-Dotel.metrics.exporter=none",
                        "-Dotel.logs.exporter=none",
                        "-jar",
                        Path.of("target", "quarkus-app", "quarkus-run.jar").toString())
                .redirectErrorStream(true)
                .start();
        String out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
        assertThat(process.exitValue()).as(out).isZero();
        return out;
    }
}
