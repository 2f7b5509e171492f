package dev.scepsy.planner.execution;

import static org.assertj.core.api.Assertions.assertThat;

import dev.scepsy.planner.execution.Execution.Complete;
import dev.scepsy.planner.execution.Execution.Incomplete;
import dev.scepsy.planner.share.CriticalPath;
import dev.scepsy.planner.span.GenAi;
import dev.scepsy.planner.span.Operation;
import dev.scepsy.planner.span.Span;
import dev.scepsy.planner.span.TraceId;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

/** The rules once more, in the plainest form, against traces that are as odd as chance makes them. */
class RandomTraceTest {

    private static final TraceId TRACE = new TraceId(0, 1);
    private static final int TRACES = Boolean.getBoolean("scepsy.full") ? 300_000 : 30_000;

    @Test
    void executionsAreThoseOfTheRulesReadWordForWord() {
        Random random = new Random(20261121);
        int complete = 0;
        int incomplete = 0;
        for (int i = 0; i < TRACES; i++) {
            List<Span> spans = randomTrace(random);
            Map<Long, String> expected = new PlainRules(spans).describe();
            Collections.shuffle(spans, random);
            Map<Long, String> actual = new TreeMap<>();
            for (ExecutionAssembler.Assembled assembled : ExecutionAssembler.assemble(spans)) {
                actual.put(assembled.execution().id().rootSpanId(), describe(assembled.execution()));
                if (assembled.execution() instanceof Complete whole) {
                    complete++;
                    CriticalPath path = CriticalPath.of(whole);
                    long onPath = path.nanosByModel().values().stream()
                            .mapToLong(Long::longValue)
                            .sum();
                    assertThat(onPath + path.otherNanos()).isEqualTo(whole.durationNanos());
                } else {
                    incomplete++;
                }
            }
            assertThat(actual)
                    .as(() ->
                            String.join("\n", spans.stream().map(Span::toString).toList()))
                    .isEqualTo(expected);
        }
        assertThat(complete).isGreaterThan(TRACES / 2);
        assertThat(incomplete).isGreaterThan(TRACES / 10);
    }

    private static String describe(Execution execution) {
        if (execution instanceof Incomplete incomplete) {
            return incomplete.reason().key();
        }
        Complete complete = (Complete) execution;
        Set<Long> calls = new TreeSet<>();
        complete.calls().forEach(call -> calls.add(call.spanId()));
        return complete.workflow() + calls;
    }

    private static List<Span> randomTrace(Random random) {
        int size = 1 + random.nextInt(9);
        List<Span> spans = new ArrayList<>();
        for (int id = 1; id <= size; id++) {
            // parents may be none, seen, or lost (ids beyond the size)
            long parent = random.nextInt(8) == 0 ? 50 + random.nextInt(3) : random.nextInt(id);
            GenAi.Builder genAi = GenAi.builder();
            switch (random.nextInt(9)) {
                case 0, 1 -> genAi.operation(Operation.WORKFLOW).workflow("w" + id);
                case 2, 3 -> genAi.operation(Operation.AGENT).agent("a" + id);
                case 4 -> genAi.operation(random.nextBoolean() ? Operation.TOOL : Operation.RETRIEVAL);
                case 5, 6, 7 -> genAi.operation(Operation.MODEL).model("m");
                default -> {}
            }
            if (random.nextInt(6) == 0) {
                genAi.executionId(1 + random.nextInt(size + 1));
            }
            long start = random.nextInt(20);
            long end = random.nextInt(25) == 0 ? random.nextInt(20) : start + random.nextInt(20) + 1;
            spans.add(Span.builder(TRACE, id)
                    .parent(parent)
                    .parentRemote(random.nextInt(10) == 0)
                    .name("s" + id)
                    .kind(random.nextInt(6) == 0 ? Span.Kind.SERVER : Span.Kind.CLIENT)
                    .startEpochNanos(start)
                    .endEpochNanos(end)
                    .genAi(genAi.build())
                    .build());
        }
        return spans;
    }

    private static final class PlainRules {
        private final List<Span> spans;
        private final Map<Long, Span> byId = new HashMap<>();

        PlainRules(List<Span> spans) {
            this.spans = spans;
            spans.forEach(span -> byId.put(span.spanId(), span));
        }

        Map<Long, String> describe() {
            Map<Long, Set<Span>> members = new TreeMap<>();
            Set<Long> certain = new HashSet<>();
            List<Span> undecided = new ArrayList<>();
            for (Span span : spans) {
                long named = named(span);
                Span workflow = outermost(span, Operation.WORKFLOW);
                Span agent = outermost(span, Operation.AGENT);
                if (named != 0) {
                    members.computeIfAbsent(named, id -> new HashSet<>()).add(span);
                    certain.add(named);
                } else if (workflow != null) {
                    members.computeIfAbsent(workflow.spanId(), id -> new HashSet<>())
                            .add(span);
                    certain.add(workflow.spanId());
                } else {
                    undecided.add(span);
                    if (agent != null) {
                        certain.add(agent.spanId());
                    }
                }
            }
            boolean orphans = false;
            for (Span span : undecided) {
                Span agent = outermost(span, Operation.AGENT);
                Span root = agent != null ? agent : top(span);
                boolean above = certain.stream().anyMatch(id -> isAbove(root, byId.get(id)));
                if (agent == null && lost(root) && !above) {
                    orphans = true;
                } else if (ownsModelCall(root, undecided) || (agent != null && !above)) {
                    members.computeIfAbsent(root.spanId(), id -> new HashSet<>())
                            .add(span);
                }
            }
            if (members.isEmpty()) {
                return orphans ? Map.of(0L, "rootMissing") : Map.of();
            }
            Map<Long, String> described = new TreeMap<>();
            for (Map.Entry<Long, Set<Span>> entry : members.entrySet()) {
                boolean spoiled = orphans && members.size() == 1;
                described.put(entry.getKey(), describe(byId.get(entry.getKey()), entry.getValue(), spoiled));
            }
            return described;
        }

        private String describe(Span root, Set<Span> members, boolean spoiled) {
            if (root == null) {
                return "rootMissing";
            }
            members.add(root);
            if (root.endEpochNanos() == 0) {
                return "timedOut";
            }
            for (Span member : members) {
                if (named(member) != 0 && !chain(member).contains(root) && lost(top(member))) {
                    spoiled = true;
                }
            }
            if (spoiled) {
                return "spansDropped";
            }
            if (members.stream().anyMatch(span -> span.endEpochNanos() < span.startEpochNanos())) {
                return "clockBackwards";
            }
            Set<Long> calls = new TreeSet<>();
            for (Span member : members) {
                Operation operation = member.genAi().operation();
                boolean leaf = isCall(member) || operation == Operation.TOOL || operation == Operation.RETRIEVAL;
                if (leaf && spans.stream().noneMatch(other -> isCall(other) && isAbove(member, other))) {
                    calls.add(member.spanId());
                }
            }
            GenAi genAi = root.genAi();
            String agent = genAi.agent() != null ? genAi.agent() : root.name();
            return (genAi.workflow() != null ? genAi.workflow() : agent) + calls;
        }

        private boolean ownsModelCall(Span root, List<Span> undecided) {
            return undecided.stream().anyMatch(span -> {
                Span agent = outermost(span, Operation.AGENT);
                return isCall(span) && (agent != null ? agent : top(span)) == root;
            });
        }

        private static boolean isCall(Span span) {
            return span.genAi().operation() == Operation.MODEL
                    && span.kind() != Span.Kind.SERVER
                    && span.kind() != Span.Kind.CONSUMER;
        }

        private List<Span> chain(Span span) {
            List<Span> chain = new ArrayList<>();
            for (Span at = span; at != null; at = byId.get(at.parentSpanId())) {
                chain.add(at);
            }
            return chain;
        }

        private Span top(Span span) {
            List<Span> chain = chain(span);
            return chain.get(chain.size() - 1);
        }

        private static boolean lost(Span top) {
            return top.parentSpanId() != 0
                    && !top.parentRemote()
                    && top.kind() != Span.Kind.SERVER
                    && top.kind() != Span.Kind.CONSUMER;
        }

        private long named(Span span) {
            for (Span at : chain(span)) {
                if (at.genAi().executionId() != 0) {
                    return at.genAi().executionId();
                }
            }
            return 0;
        }

        private Span outermost(Span span, Operation operation) {
            Span outermost = null;
            for (Span at : chain(span)) {
                if (at.genAi().operation() == operation) {
                    outermost = at;
                }
            }
            return outermost;
        }

        private boolean isAbove(Span upper, Span lower) {
            return lower != null && lower != upper && chain(lower).contains(upper);
        }
    }
}
