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
            ReceivedSpan workflow = chat;
            for (String expected : below(chat)) {
                workflow = trees.parentOf(workflow);
                assertThat(workflow).as("%s%s below %s", again, chat, expected).isNotNull();
                assertThat(workflow.name()).as("%s%s", again, chat).startsWith(expected);
            }
            String known = workflows.putIfAbsent(program(chat), workflow.spanId());
            assertThat(known == null ? workflow.spanId() : known)
                    .as("%s%s", again, chat)
                    .isEqualTo(workflow.spanId());
            String what = what(chat);
            if (what.startsWith("attempts-")) {
                assertThat(chat.get("scepsy.call.attempts"))
                        .as("%s%s", again, chat)
                        .isEqualTo(what.endsWith("-1") ? null : Long.valueOf(what.substring(9)));
            }
        }
        assertThat(workflows).as(again).hasSize(COUNT);
        assertThat(workflows.values()).as(again).doesNotHaveDuplicates();
        assertThat(trees.rendered()).as(again).hasSize(COUNT).allMatch(tree -> tree.startsWith("workflow program("));
    }

    /** The names of the spans that a call belongs below, from the nearest on. */
    private static List<String> below(ReceivedSpan chat) {
        String what = what(chat);
        return what.startsWith("service-")
                ? List.of("invoke_agent ", "invoke_workflow program")
                : what.startsWith("tool-")
                        ? List.of("execute_tool look", "invoke_agent Helper", "invoke_workflow program")
                        : List.of("invoke_workflow program");
    }

    private static String what(ReceivedSpan chat) {
        String id = String.valueOf(chat.get("gen_ai.response.id"));
        return id.substring(id.indexOf('/') + 1);
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
