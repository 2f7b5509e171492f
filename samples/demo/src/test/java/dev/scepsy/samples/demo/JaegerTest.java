package dev.scepsy.samples.demo;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.URI;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class JaegerTest {

    /** Without a time to look back its page says 400 Bad Request. */
    @Test
    void theLinkSaysHowFarToLookBack() {
        assertThat(Jaeger.hint(Optional.of(URI.create("http://127.0.0.1:4318"))))
                .endsWith("/search?service=research-assistant&lookback=1h&limit=20");
    }
}
