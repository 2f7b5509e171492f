package dev.scepsy.javaagent;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** What must hold for every set of spans, whatever produced them. */
final class Trees {

    private final List<ReceivedSpan> spans;
    private final Map<String, ReceivedSpan> byId;

    Trees(List<ReceivedSpan> spans) {
        this.spans = spans;
        this.byId = spans.stream().collect(Collectors.toMap(ReceivedSpan::spanId, Function.identity()));
    }

    /** No span refers to a parent that never arrived, times nest, one execution per workflow root. */
    void mustBeWhole() {
        mustBeWhole(0);
    }

    /**
     * The same where two clocks time one trace: another SDK anchors its own ({@code AnchoredClock} reads the wall clock and
     * then the monotonic one), and is off by as long as its thread was put aside between the two.
     */
    void mustBeWhole(long clocksApartNanos) {
        for (ReceivedSpan span : spans) {
            if (span.parentSpanId().isEmpty()) {
                continue;
            }
            ReceivedSpan parent = byId.get(span.parentSpanId());
            assertThat(parent).as("parent of %s", span).isNotNull();
            assertThat(parent.traceId()).as("trace of %s", span).isEqualTo(span.traceId());
            assertThat(span.startNanos())
                    .as("start of %s below %s", span, parent)
                    .isGreaterThanOrEqualTo(parent.startNanos() - clocksApartNanos);
            assertThat(span.endNanos()).as("end of %s", span).isGreaterThanOrEqualTo(span.startNanos());
        }
    }

    /** Every span below a workflow names it and its execution. */
    void mustNameTheirExecution() {
        for (ReceivedSpan span : spans) {
            ReceivedSpan root = outermost(span);
            if (root == span || !root.isCalled("invoke_")) {
                continue;
            }
            assertThat(span.get("scepsy.workflow.execution.id")).as("%s", span).isEqualTo(root.spanId());
            if (!span.isCalled("invoke_workflow")) {
                Object name = root.get("gen_ai.workflow.name");
                assertThat(span.get("gen_ai.workflow.name"))
                        .as("%s", span)
                        .isEqualTo(name != null ? name : root.get("gen_ai.agent.name"));
            }
        }
    }

    @Nullable
    ReceivedSpan parentOf(ReceivedSpan span) {
        return byId.get(span.parentSpanId());
    }

    List<ReceivedSpan> childrenOf(ReceivedSpan span) {
        return spans.stream()
                .filter(child -> child.parentSpanId().equals(span.spanId()))
                .toList();
    }

    ReceivedSpan outermost(ReceivedSpan span) {
        ReceivedSpan at = span;
        for (ReceivedSpan above = parentOf(at); above != null; above = parentOf(at)) {
            at = above;
        }
        return at;
    }

    /** The tree below each root of this name, as {@code name(child, child(grandchild))}, children sorted by name. */
    List<String> rendered(String name) {
        return spans.stream()
                .filter(span -> span.parentSpanId().isEmpty() && span.name().equals(name))
                .map(this::rendered)
                .sorted()
                .toList();
    }

    /** All trees, sorted. */
    List<String> rendered() {
        return spans.stream()
                .filter(span -> span.parentSpanId().isEmpty())
                .map(this::rendered)
                .sorted()
                .toList();
    }

    private String rendered(ReceivedSpan span) {
        Object state = span.get("scepsy.stream.state");
        String children = childrenOf(span).stream().map(this::rendered).sorted().collect(Collectors.joining(", "));
        return span.name().replace("invoke_", "")
                + (state == null ? "" : " " + state)
                + (span.error() ? " ERROR" : "")
                + (children.isEmpty() ? "" : "(" + children + ")");
    }
}
