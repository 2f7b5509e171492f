package dev.scepsy.samples.demo;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.util.Optional;

/** A Jaeger, or any other OTLP backend, that may listen on the standard port. */
final class Jaeger {

    private static final int OTLP_HTTP_PORT = 4318;
    private static final int CONNECT_MILLIS = 200;

    private Jaeger() {}

    /** Its OTLP/HTTP endpoint, if something listens there. */
    static Optional<URI> listening() {
        try (Socket socket = new Socket()) {
            socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), OTLP_HTTP_PORT), CONNECT_MILLIS);
            return Optional.of(URI.create("http://127.0.0.1:" + OTLP_HTTP_PORT));
        } catch (IOException e) {
            return Optional.empty();
        }
    }

    /** Jaeger's page asks for nothing without a time to look back. */
    private static final String SEARCH =
            "http://localhost:16686/search?service=research-assistant&lookback=1h&limit=20";

    /** Where to look, or how to start one. */
    static String hint(Optional<URI> endpoint) {
        return endpoint.isPresent()
                ? "The same spans are in Jaeger, in real time: " + SEARCH
                : "To see the traces in Jaeger, start it and run the demo again:\n"
                        + "  docker compose -f samples/jaeger/compose.yaml up -d\n"
                        + "  ./mvnw -Pdemo, then http://localhost:16686";
    }
}
