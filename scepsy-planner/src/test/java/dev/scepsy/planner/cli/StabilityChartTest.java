package dev.scepsy.planner.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.scepsy.planner.share.Stability;
import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.OptionalLong;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.w3c.dom.Document;

class StabilityChartTest {

    private static final String HOSTILE = "</text><script>alert(1)</script>\u202e\u0000&\ud800\"'";

    private final Stability stability = new Stability(
            HOSTILE,
            2,
            2,
            0.02,
            0.5,
            OptionalDouble.of(3),
            OptionalInt.of(1),
            OptionalLong.of(1_000),
            OptionalLong.of(7),
            List.of(new Stability.Model(HOSTILE, 0.6, 0.1, 1, 0.1), new Stability.Model("b", 0.4, 0.1, 1, 0.1)),
            List.of(
                    new Stability.Point(
                            1,
                            1_000,
                            List.of(0.5, 0.5),
                            List.of(Double.POSITIVE_INFINITY, Double.POSITIVE_INFINITY),
                            List.of(0.4, 0.4),
                            0.2),
                    new Stability.Point(2, 2_000, List.of(0.6, 0.4), List.of(0.1, 0.1), List.of(0.5, 0.3), 0.2)));

    @Test
    void namesAreTextWhateverTheySay() throws Exception {
        Document chart = DocumentBuilderFactory.newInstance()
                .newDocumentBuilder()
                .parse(new ByteArrayInputStream(StabilityChart.of(stability).getBytes(StandardCharsets.UTF_8)));

        assertThat(chart.getElementsByTagName("script").getLength()).isZero();
        assertThat(chart.getElementsByTagName("polyline").getLength()).isEqualTo(2);
        assertThat(chart.getDocumentElement().getTextContent()).contains("</text><script>", "stable since 1");
    }

    @Test
    void jsonHoldsEveryPointAndLeavesOutBandsThatAreNotKnown() throws Exception {
        JsonNode workflow = new ObjectMapper()
                .readTree(StabilityJson.of(List.of(stability)))
                .get("workflows")
                .get(0);

        assertThat(workflow.get("stableSinceExecution").asInt()).isEqualTo(1);
        assertThat(workflow.get("moreExecutions").asInt()).isEqualTo(7);
        JsonNode first = workflow.get("points").get(0);
        assertThat(first.get("halfWidths95")).isEmpty();
        assertThat(first.get("parts").get("b").asDouble()
                        + first.get("parts").get(HOSTILE).asDouble()
                        + first.get("otherPart").asDouble())
                .isEqualTo(1);
    }
}
