package dev.scepsy.planner.serve.web;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.linecorp.armeria.common.TlsKeyPair;
import dev.scepsy.planner.receive.Notices;
import dev.scepsy.planner.receive.OtlpServer;
import dev.scepsy.planner.receive.Outcome;
import dev.scepsy.planner.receive.ReceiverLimits;
import dev.scepsy.planner.serve.settings.ServeSettings;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.Certificate;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.BooleanSupplier;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509ExtendedTrustManager;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** TLS, its certificates read again under way, for the API and for the receivers of OTLP. */
class TlsTest {

    private static final TlsKeyPair FIRST = TlsKeyPair.ofSelfSigned("localhost");
    private static final TlsKeyPair SECOND = TlsKeyPair.ofSelfSigned("localhost");

    @TempDir
    Path folder;

    private ServeSettings.Tls files;

    @BeforeEach
    void write() throws IOException {
        files = new ServeSettings.Tls(folder.resolve("cert.pem"), folder.resolve("key.pem"));
        put(FIRST);
    }

    private void put(TlsKeyPair pair) throws IOException {
        putCertificate(pair);
        Files.writeString(files.key(), pem("PRIVATE KEY", pair.privateKey().getEncoded()));
    }

    private void putCertificate(TlsKeyPair pair) throws IOException {
        try {
            Files.writeString(
                    files.certificate(),
                    "a comment\n"
                            + pem("CERTIFICATE", pair.certificateChain().get(0).getEncoded()));
        } catch (java.security.cert.CertificateEncodingException e) {
            throw new IOException(e);
        }
    }

    private static String pem(String kind, byte[] bytes) {
        return "-----BEGIN " + kind + "-----\n"
                + Base64.getMimeEncoder(64, "\n".getBytes(StandardCharsets.US_ASCII))
                        .encodeToString(bytes) + "\n-----END "
                + kind + "-----\n";
    }

    @Test
    void aNewCertificateIsForNewConnectionsAndABrokenOneKeepsTheOld() throws Exception {
        try (Running plain = Running.guarded();
                Certificates certificates = Certificates.open(files, plain.log, Duration.ofMillis(20));
                Running running = Running.guarded(certificates.provider());
                Socket open = clientContext()
                        .getSocketFactory()
                        .createSocket(
                                running.server.address().getAddress(),
                                running.server.address().getPort())) {
            assertThat(served(running)).isEqualTo(FIRST.certificateChain().get(0));
            assertThat(ask(open)).isEqualTo('H');

            Files.writeString(files.key(), "-----BEGIN PRIVATE KEY-----\nQUJD\n-----END PRIVATE KEY-----\n");
            poll(() -> plain.logText().contains("stays in use"));
            assertThat(served(running)).isEqualTo(FIRST.certificateChain().get(0));
            assertThat(plain.logText()).containsOnlyOnce("stays in use").doesNotContain("QUJD");

            put(SECOND);
            poll(() -> served(running).equals(SECOND.certificateChain().get(0)));
            assertThat(plain.logText()).containsOnlyOnce("read again");
            assertThat(ask(open)).isEqualTo('H');
        }
    }

    @Test
    void aCookieIsSecureAndTheOwnPageIsOfHttps() throws Exception {
        try (Running plain = Running.guarded();
                Certificates certificates = Certificates.open(files, plain.log);
                Running running = Running.guarded(certificates.provider())) {
            HttpClient client =
                    HttpClient.newBuilder().sslContext(clientContext()).build();
            String own = "localhost:" + running.server.address().getPort();
            for (String scheme : List.of("https://", "http://")) {
                HttpResponse<String> answer = client.send(
                        HttpRequest.newBuilder(URI.create("https://127.0.0.1:"
                                        + running.server.address().getPort() + "/api/v1/session"))
                                .headers(
                                        "Content-Type",
                                        "application/json",
                                        "X-Scepsy-Request",
                                        "1",
                                        "Origin",
                                        scheme + own.replace("localhost", "127.0.0.1"))
                                .POST(HttpRequest.BodyPublishers.ofString("{\"token\":\"viewer-token\"}"))
                                .build(),
                        HttpResponse.BodyHandlers.ofString());
                assertThat(answer.statusCode()).isEqualTo(scheme.equals("https://") ? 200 : 403);
                if (answer.statusCode() == 200) {
                    assertThat(answer.headers().firstValue("set-cookie").orElseThrow())
                            .endsWith("; Secure");
                    assertThat(answer.version()).isEqualTo(HttpClient.Version.HTTP_2);
                }
            }
        }
    }

    @Test
    void whatIsWrongWithTheFilesIsSaidWithTheRemedy() throws IOException {
        putCertificate(SECOND);
        refused("not that of the file's first certificate");
        Files.writeString(files.certificate(), "nothing");
        refused("no -----BEGIN CERTIFICATE-----");
        put(FIRST);
        Files.writeString(files.key(), pem("RSA PRIVATE KEY", new byte[] {1}));
        refused("openssl pkcs8 -topk8");
        Files.writeString(files.key(), pem("PRIVATE KEY", new byte[] {1}));
        refused("damaged");
        Files.delete(files.key());
        refused("There is no such file");
    }

    private void refused(String why) {
        assertThatThrownBy(() -> Certificates.open(
                        files, new dev.scepsy.planner.serve.log.ServiceLog(System.err, false, java.time.Instant::now)))
                .isInstanceOf(IOException.class)
                .hasMessageStartingWith("access.tls: ")
                .hasMessageContaining("key.pem")
                .hasMessageContaining(why);
    }

    @Test
    void receiversUseTheSameCertificateAndAskForATokenWithTheRoleSender() throws Exception {
        List<String> told = new CopyOnWriteArrayList<>();
        try (Running plain = Running.guarded();
                Certificates certificates = Certificates.open(files, plain.log);
                OtlpServer receiver = OtlpServer.start(
                        List.of(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0)),
                        request -> Outcome.ACCEPTED,
                        ReceiverLimits.defaults(),
                        new Notices(told::add),
                        new SenderGate(
                                Optional.of(token -> Optional.ofNullable(plain.tokens.get(token))),
                                plain.journal::leads),
                        Optional.of(certificates.provider()))) {
            assertThat(export(receiver, null).statusCode()).isEqualTo(401);
            assertThat(export(receiver, "Bearer nobody").headers().firstValue("www-authenticate"))
                    .hasValue("Bearer realm=\"scepsy\"");
            assertThat(export(receiver, "Bearer operator-token").statusCode()).isEqualTo(403);
            assertThat(export(receiver, "Bearer sender-token").statusCode()).isEqualTo(200);
            assertThat(grpc(receiver, null)).isEqualTo("16");
            assertThat(grpc(receiver, "Bearer viewer-token")).isEqualTo("7");
            assertThat(grpc(receiver, "Bearer sender-token")).isEmpty();
            plain.journal.leader = "host-2";
            assertThat(export(receiver, "Bearer sender-token").statusCode()).isEqualTo(503);
            assertThat(grpc(receiver, "Bearer sender-token")).isEqualTo("14");
            assertThat(told).hasSize(2);
            assertThat(told.get(0)).contains("OTEL_EXPORTER_OTLP_HEADERS");
            assertThat(receiver.counts().refused()).isEqualTo(5);
        }
    }

    private static HttpResponse<String> export(OtlpServer receiver, String authorization) throws Exception {
        return send(receiver, "/v1/traces", "application/json", authorization, "{}".getBytes(StandardCharsets.UTF_8));
    }

    /** Of an answer without a message the status is a header; a whole one has it as a trailer, which this client does not show. */
    private static String grpc(OtlpServer receiver, String authorization) throws Exception {
        return send(
                        receiver,
                        "/opentelemetry.proto.collector.trace.v1.TraceService/Export",
                        "application/grpc",
                        authorization,
                        new byte[5])
                .headers()
                .firstValue("grpc-status")
                .orElse("");
    }

    private static HttpResponse<String> send(
            OtlpServer receiver, String path, String type, String authorization, byte[] body) throws Exception {
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(
                        "https://127.0.0.1:" + receiver.addresses().get(0).getPort() + path))
                .header("Content-Type", type)
                .POST(HttpRequest.BodyPublishers.ofByteArray(body));
        if (authorization != null) {
            request.header("Authorization", authorization);
        }
        return HttpClient.newBuilder()
                .sslContext(clientContext())
                .build()
                .send(request.build(), HttpResponse.BodyHandlers.ofString());
    }

    private static int ask(Socket socket) throws IOException {
        socket.setSoTimeout(20_000);
        socket.getOutputStream()
                .write("GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
        int first = socket.getInputStream().read();
        String rest = "";
        while (!rest.endsWith("}")) {
            rest += (char) socket.getInputStream().read();
        }
        return first;
    }

    private static Certificate served(Running running) {
        try {
            HttpResponse<String> answer = HttpClient.newBuilder()
                    .sslContext(clientContext())
                    .build()
                    .send(
                            HttpRequest.newBuilder(URI.create("https://127.0.0.1:"
                                            + running.server.address().getPort() + "/healthz"))
                                    .build(),
                            HttpResponse.BodyHandlers.ofString());
            return answer.sslSession().orElseThrow().getPeerCertificates()[0];
        } catch (Exception e) {
            throw new AssertionError(e);
        }
    }

    private static void poll(BooleanSupplier until) {
        long deadline = System.nanoTime() + Duration.ofSeconds(20).toNanos();
        while (!until.getAsBoolean()) {
            assertThat(System.nanoTime()).isLessThan(deadline);
            Thread.onSpinWait();
        }
    }

    private static SSLContext clientContext() throws Exception {
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(null, new TrustManager[] {new Trusting()}, null);
        return context;
    }

    /** The certificate that is served is what these tests look at. */
    private static final class Trusting extends X509ExtendedTrustManager {
        @Override
        public void checkClientTrusted(X509Certificate[] chain, String type, Socket socket) {}

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String type, Socket socket) {}

        @Override
        public void checkClientTrusted(X509Certificate[] chain, String type, SSLEngine engine) {}

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String type, SSLEngine engine) {}

        @Override
        public void checkClientTrusted(X509Certificate[] chain, String type) {}

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String type) {}

        @Override
        public X509Certificate[] getAcceptedIssuers() {
            return new X509Certificate[0];
        }
    }
}
