package dev.scepsy.javaagent;

import static org.assertj.core.api.Assertions.assertThat;

import dev.scepsy.javaagent.app.RandomProgramsApp;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Random programs see the same with the agent as without, and every call hangs below its own program. */
class RandomProgramsIT {

    private static final String SEED = "scepsy.seed";
    private static final boolean FULL = Boolean.getBoolean("scepsy.full");
    private static final int COUNT = FULL ? 3000 : 120;
    private static final long FIRST_SEED = 20261129;

    @Test
    void programsSeeNothingOfTheAgentAndKeepTheirCalls() {
        long seed = Long.getLong(SEED, FULL ? new Random().nextInt(1_000_000) : FIRST_SEED);
        try (SpanReceiver receiver = new SpanReceiver()) {
            ForkedJvm.Outcome plain = app(seed).run();
            ForkedJvm.Outcome traced = app(seed)
                    .withAgent()
                    .exportingTo(receiver)
                    .env("OTEL_BSP_MAX_QUEUE_SIZE", "500000")
                    .run();
            String again = "again with -D" + SEED + "=" + seed + ": ";

            assertThat(traced.exitCode()).as(again + traced.err()).isZero();
            assertThat(traced.err()).as(again).doesNotContain("failed", "switched off");
            assertThat(traced.out().lines())
                    .as(again)
                    .containsExactlyElementsOf(plain.out().lines().toList());
            mustHangWhereTheyBelong(again, receiver.spans(span -> true));
        }
    }

    private static ForkedJvm app(long seed) {
        return ForkedJvm.of(RandomProgramsApp.class)
                .with("scepsy-langchain4j")
                .argument("" + seed)
                .argument("" + COUNT);
    }

    private static void mustHangWhereTheyBelong(String again, List<ReceivedSpan> spans) {
        Trees trees = new Trees(spans);
        trees.mustBeWhole();
        Map<String, String> workflows = new HashMap<>();
        for (ReceivedSpan chat : calls(spans)) {
            String program = program(chat);
            String known = workflows.putIfAbsent(program, chat.parentSpanId());
            assertThat(chat.parentSpanId()).as(again + chat).isNotEmpty();
            assertThat(known == null ? chat.parentSpanId() : known)
                    .as(again + chat)
                    .isEqualTo(chat.parentSpanId());
        }
        assertThat(workflows).as(again).hasSize(COUNT);
        assertThat(workflows.values()).as(again).doesNotHaveDuplicates();
        assertThat(trees.rendered()).as(again).hasSize(COUNT).allMatch(tree -> tree.startsWith("workflow program("));
    }

    private static List<ReceivedSpan> calls(List<ReceivedSpan> spans) {
        return spans.stream()
                .filter(span -> span.name().equals("chat m") && span.get("gen_ai.response.id") != null)
                .toList();
    }

    private static String program(ReceivedSpan chat) {
        String id = String.valueOf(chat.get("gen_ai.response.id"));
        return id.substring(0, id.indexOf('/'));
    }
}
