package dev.scepsy.planner.serve.engines;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PrometheusTextTest {

    private static List<MetricSample> read(String text) throws MalformedMetricsException {
        return PrometheusText.read(text.getBytes(StandardCharsets.UTF_8), name -> true);
    }

    @Test
    void aSampleIsNameLabelsAndValue() throws Exception {
        assertThat(read("""
                # HELP a:b What it is.
                # TYPE a:b gauge
                a:b 1.5
                plain{x="1",y="two words",} 3e2 1700000000000
                  indented 7

                inf{le="+Inf"} +Inf
                low -Inf
                """))
                .containsExactly(
                        new MetricSample("a:b", Map.of(), 1.5),
                        new MetricSample("plain", Map.of("x", "1", "y", "two words"), 300),
                        new MetricSample("indented", Map.of(), 7),
                        new MetricSample("inf", Map.of("le", "+Inf"), Double.POSITIVE_INFINITY),
                        new MetricSample("low", Map.of(), Double.NEGATIVE_INFINITY));
        assertThat(read("nan NaN\n").get(0).value()).isNaN();
        assertThat(read("")).isEmpty();
    }

    @Test
    void labelsMayHoldAnythingThatIsEscaped() throws Exception {
        assertThat(read("m{path=\"C:\\\\a\",said=\"\\\"no\\\"\\nand } , left\",ü=\"x\"} 1\n".replace("ü", "u")))
                .containsExactly(
                        new MetricSample("m", Map.of("path", "C:\\a", "said", "\"no\"\nand } , left", "u", "x"), 1));
    }

    @Test
    void openMetricsWithExemplarsTimestampsAndEndIsReadToo() throws Exception {
        assertThat(read("""
                # TYPE requests counter
                # UNIT requests requests
                requests_total{engine="0"} 17.0 1520879607.789 # {trace_id="KOO5S4vxi0o"} 0.67
                requests_bucket{le="1.0"} 8 # {} 0.67 1520879607
                # EOF
                """)).extracting(MetricSample::value).containsExactly(17.0, 8.0);
    }

    @Test
    void quotedNamesOfPrometheus3AreNames() throws Exception {
        assertThat(read("{\"my.metric\",\"a.label\"=\"x\"} 1\n{\"alone\"} 2\n"))
                .containsExactly(
                        new MetricSample("my.metric", Map.of("a.label", "x"), 1),
                        new MetricSample("alone", Map.of(), 2));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "<!doctype html>",
                "{\"error\": \"not found\"}",
                "name",
                "name one",
                "name 1d",
                "name 0x1p3",
                "name 1 2 3",
                "name 1 tomorrow",
                "name{a=1} 1",
                "name{a=\"1\" b=\"2\"} 1",
                "name{a=\"1\"",
                "name{a=\"1\",a=\"2\"} 1",
                "name{a=\"\\t\"} 1",
                "name{\"other\"} 1",
                "{a=\"x\"} 1",
                "9name 1",
                "name 1 # exemplar",
                "# EOF\nname 1"
            })
    void whatIsNoLineOfTheFormatIsRefusedWithItsNumber(String text) {
        assertThatThrownBy(() -> read("ok 1\n" + text + "\n"))
                .isInstanceOf(MalformedMetricsException.class)
                .hasMessageMatching("Its line [23] is none of Prometheus' format: .*\\.");
    }

    @Test
    void whatIsNoUtf8IsRefused() {
        assertThatThrownBy(() -> PrometheusText.read(new byte[] {'a', ' ', (byte) 0xff}, name -> true))
                .hasMessage("It is no UTF-8.");
    }

    @Test
    void noBytesMakeItDoAnythingButReadOrRefuse() {
        byte[] page = "# TYPE a gauge\nvllm:x{a=\"b\\n\",c=\"\"} 1.5e3 12\n{\"q\",l=\"1\"} NaN # {x=\"y\"} 1\n# EOF\n"
                .getBytes(StandardCharsets.UTF_8);
        Random random = new Random(7);
        int refused = 0;
        for (int i = 0; i < 20_000; i++) {
            byte[] changed = page.clone();
            for (int j = random.nextInt(4); j >= 0; j--) {
                changed[random.nextInt(changed.length)] = (byte) random.nextInt(128);
            }
            try {
                PrometheusText.read(changed, name -> true);
            } catch (MalformedMetricsException e) {
                refused++;
            }
        }
        assertThat(refused).isPositive();
    }

    @Test
    void moreSamplesThanAnEngineHasAreRefused() {
        String many = "a 1\n".repeat(PrometheusText.MOST_SAMPLES + 1);

        assertThatThrownBy(() -> read(many)).hasMessageContaining("more than 200000 samples");
    }
}
