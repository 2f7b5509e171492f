package dev.scepsy.javaagent;

import static org.assertj.core.api.Assertions.assertThat;

import dev.scepsy.javaagent.app.OddApp;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Null requests, answers, messages and names: no hook fails of them, and what comes after is seen. */
class OddInputIT {

    @Test
    void whatIsNullIsNoFailureAndSwitchesNothingOff() {
        ForkedJvm.Outcome plain =
                ForkedJvm.of(OddApp.class).with("scepsy-langchain4j").run();
        try (SpanReceiver receiver = new SpanReceiver()) {
            ForkedJvm.Outcome traced = ForkedJvm.of(OddApp.class)
                    .with("scepsy-langchain4j")
                    .withAgent()
                    .exportingTo(receiver)
                    .env("SCEPSY_CAPTURE_CONTENT", "true")
                    .run();

            assertThat(plain.exitCode()).as(plain.err()).isZero();
            assertThat(traced.out()).isEqualTo(plain.out());
            assertThat(traced.err().lines().filter(line -> line.startsWith("[scepsy]")))
                    .as(traced.err())
                    .hasSize(1);
            List<ReceivedSpan> nameless = receiver.spans(span -> span.name().equals("execute_tool"));
            assertThat(nameless)
                    .hasSize(36)
                    .allSatisfy(span -> assertThat(span.attributes()).doesNotContainKey("gen_ai.tool.name"));
            assertThat(receiver.spans().stream().map(ReceivedSpan::name)).noneMatch(name -> name.contains("null"));
            assertThat(new Trees(receiver.spans()).rendered())
                    .containsOnlyOnce("agent Bot(chat OddApp$2, chat OddApp$2, execute_tool add)");
        }
    }
}
