package dev.scepsy.planner.serve;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetSocketAddress;
import org.junit.jupiter.api.Test;

class PortTakenTest {

    private static final String USED = "Address already in use";

    @Test
    void jaegersOwnPortsNameForwardAndHowToMoveJaeger() {
        assertThat(PortTaken.sentence("otlpGrpc", new InetSocketAddress("127.0.0.1", 4317), USED))
                .isEqualTo(
                        "listen.otlpGrpc: 127.0.0.1:4317 cannot be listened on (Address already in use): if Jaeger or a"
                                + " collector has it, move that (docker run -p 14317:4317 -p 14318:4318 ...) and pass all on to it by"
                                + " forward: [\"http://127.0.0.1:14318\"], or listen elsewhere (listen.otlpGrpc:"
                                + " \"127.0.0.1:14317\").");
        assertThat(PortTaken.sentence("otlpHttp", new InetSocketAddress("127.0.0.1", 4318), USED))
                .contains("forward: [", "listen.otlpHttp: \"127.0.0.1:14318\"");
    }

    @Test
    void anotherPortIsFreedOrLeft() {
        assertThat(PortTaken.sentence("web", new InetSocketAddress("127.0.0.1", 60_000), USED))
                .isEqualTo(
                        "listen.web: 127.0.0.1:60000 cannot be listened on (Address already in use): stop what has it, or"
                                + " listen elsewhere (listen.web: \"127.0.0.1:4464\").");
    }
}
