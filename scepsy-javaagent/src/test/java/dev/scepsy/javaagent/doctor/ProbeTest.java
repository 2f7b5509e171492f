package dev.scepsy.javaagent.doctor;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import org.junit.jupiter.api.Test;

class ProbeTest {

    @Test
    void tellsReceiversFromWhatIsNone() throws IOException {
        HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        answer(server, "/v1/traces", 200, "application/x-protobuf");
        answer(server, "/pages", 200, "text/html; charset=utf-8");
        answer(server, "/locked", 401, "text/plain");
        server.start();
        String base = "http://127.0.0.1:" + server.getAddress().getPort();
        try {
            assertThat(Probe.ask(base + "/v1/traces")).isEmpty();
            assertThat(Probe.ask(base + "/pages")).isEqualTo("web page");
            assertThat(Probe.ask(base + "/locked")).isEqualTo("HTTP 401");
            assertThat(Probe.ask(base + "/elsewhere")).isEqualTo("HTTP 404");
        } finally {
            server.stop(0);
        }
        assertThat(Probe.ask(base + "/v1/traces")).contains("ConnectException");
        assertThat(Probe.ask("no address")).contains("IllegalArgumentException");
    }

    @Test
    void tellsWhatDoesNotSpeakHttp() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            Thread other = new Thread(() -> greetInBinary(socket));
            other.setDaemon(true);
            other.start();

            assertThat(Probe.ask("http://127.0.0.1:" + socket.getLocalPort() + "/v1/traces"))
                    .matches("no HTTP response|.*(SocketException|Invalid Http).*");
        }
    }

    private static void answer(HttpServer server, String path, int status, String type) {
        server.createContext(path, exchange -> {
            exchange.getRequestBody().readAllBytes();
            exchange.getResponseHeaders().add("Content-Type", type);
            exchange.sendResponseHeaders(status, -1);
            exchange.close();
        });
    }

    /** As an HTTP/2 server would: a settings frame. */
    private static void greetInBinary(ServerSocket socket) {
        try {
            while (true) {
                try (Socket caller = socket.accept()) {
                    caller.getOutputStream().write(new byte[] {0, 0, 0, 4, 0, 0, 0, 0, 0, '\n', '\n'});
                }
            }
        } catch (IOException closed) {
            // That ends it.
        }
    }
}
