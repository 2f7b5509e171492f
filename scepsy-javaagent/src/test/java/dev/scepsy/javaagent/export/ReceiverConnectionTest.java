package dev.scepsy.javaagent.export;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Against a server that says word by word what it is told to. */
class ReceiverConnectionTest {

    private static final byte[] BODY = "spans".getBytes(StandardCharsets.ISO_8859_1);
    private static final int PATIENCE_MILLIS = 60_000;

    private final List<String> requests = new CopyOnWriteArrayList<>();
    private final ServerSocket server;
    private ReceiverConnection connection;

    ReceiverConnectionTest() throws IOException {
        server = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        connection = connection(PATIENCE_MILLIS);
    }

    @AfterEach
    void close() throws IOException {
        connection.abort();
        server.close();
    }

    @Test
    void aRequestSaysWhatIsNeededAndNothingElse() throws IOException {
        serving(List.of("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"));

        ReceiverConnection.Response response = connection.post(Map.of("x-tenant", List.of("ours")), BODY);

        assertThat(response.status()).isEqualTo(200);
        assertThat(response.body()).isEqualTo("ok".getBytes(StandardCharsets.ISO_8859_1));
        assertThat(requests)
                .containsExactly("POST /v1/traces?a=b HTTP/1.1 | Host: 127.0.0.1:" + server.getLocalPort()
                        + " | Content-Length: 5 | x-tenant: ours | spans");
    }

    @Test
    void aKeptConnectionIsUsedAgainAndMadeAnewWhereTheReceiverHasClosedIt() throws IOException {
        serving(
                List.of(
                        "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n",
                        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n"),
                List.of("HTTP/1.1 202 Accepted\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"),
                List.of("HTTP/1.0 503 Busy\r\n\r\nlater"));

        assertThat(connection.post(Map.of(), BODY).status()).isEqualTo(200);
        assertThat(connection.post(Map.of(), BODY).body()).hasSize(3);
        assertThat(connection.post(Map.of(), BODY).status()).isEqualTo(202);
        assertThat(connection.post(Map.of(), BODY).status()).isEqualTo(503);
        assertThat(requests).hasSize(4);
    }

    @Test
    void anAnswerThatComesAfterAPreliminaryOneCounts() throws IOException {
        serving(List.of("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 401 No\r\nContent-Type: text/plain\r\n"
                + "Content-Length: 0\r\n\r\n"));

        assertThat(connection.post(Map.of(), BODY).status()).isEqualTo(401);
    }

    @Test
    void whatIsNotHttpIsToldFromARefusal() throws IOException {
        serving(List.of("\u0000\u0000\u0012\u0004\u0000\n"));

        assertThat(connection.post(Map.of(), BODY).status()).isNegative();
    }

    @Test
    void aReceiverThatSaysNothingEndsInTime() throws IOException {
        connection = connection(50);

        assertThatThrownBy(() -> connection.post(Map.of(), BODY)).isInstanceOf(SocketTimeoutException.class);
    }

    @Test
    void anEndlessAnswerEndsToo() throws IOException {
        serving(List.of("HTTP/1.1 200 OK\r\n\r\n" + "x".repeat(1_000_000)));

        assertThat(connection.post(Map.of(), BODY).body()).hasSizeLessThan(100_000);
    }

    @Test
    void aHeaderCannotSmuggleAnother() {
        assertThatThrownBy(() -> connection.post(Map.of("x-tenant", List.of("ours\r\nAuthorization: all")), BODY))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("line break");
        assertThat(requests).isEmpty();
    }

    private ReceiverConnection connection(int readMillis) {
        return new ReceiverConnection(
                URI.create("http://127.0.0.1:" + server.getLocalPort() + "/v1/traces?a=b"),
                PATIENCE_MILLIS,
                readMillis,
                null);
    }

    /** Connection by connection, answer by answer; each connection is closed after its last. */
    @SafeVarargs
    private void serving(List<String>... connections) {
        Thread thread = new Thread(() -> {
            for (List<String> answers : connections) {
                try (Socket socket = server.accept()) {
                    BufferedReader in = new BufferedReader(
                            new InputStreamReader(socket.getInputStream(), StandardCharsets.ISO_8859_1));
                    for (String answer : answers) {
                        requests.add(request(in));
                        socket.getOutputStream().write(answer.getBytes(StandardCharsets.ISO_8859_1));
                    }
                } catch (IOException closed) {
                    return;
                }
            }
        });
        thread.setDaemon(true);
        thread.start();
    }

    private static String request(BufferedReader in) throws IOException {
        StringBuilder request = new StringBuilder();
        for (String line = in.readLine(); line != null && !line.isEmpty(); line = in.readLine()) {
            request.append(line).append(" | ");
        }
        char[] body = new char[BODY.length];
        int read = in.read(body);
        return request.append(body, 0, Math.max(0, read)).toString();
    }
}
