package dev.scepsy.planner.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What {@code shares} says of a folder of several programs, one of which has no span around its calls. */
class SharesNotesTest {

    @TempDir
    Path folder;

    @TempDir
    Path out;

    @BeforeEach
    void twoPrograms() throws IOException {
        SpanLines rooted = new SpanLines("rooted");
        for (int run = 0; run < 20; run++) {
            double slow = run == 0 ? 60 : 1;
            int root = rooted.span(0, 0, slow + 1, "invoke_workflow", SpanLines.also("gen_ai.workflow.name", "w"));
            rooted.span(root, 0, slow, "chat", SpanLines.call("m", 100, 10));
            rooted.span(root, slow, slow + 1, "chat", SpanLines.call("n", 100, 10));
            rooted.next();
        }
        rooted.to(folder.resolve("rooted.jsonl"));
        SpanLines lone = new SpanLines("lone");
        for (int run = 0; run < 10; run++) {
            lone.span(0, 0, 1, "chat", SpanLines.call("m", 100, 10));
            lone.next();
        }
        lone.to(folder.resolve("lone.jsonl"));
    }

    @Test
    void aProgramOfSingleCallsIsNamedBesideOneThatHasSpansOfItsOwn() {
        assertThat(shares().err()).contains("note: 10 of 10 executions of lone are single calls with nothing above");
    }

    @Test
    void callsThatNoRootHoldsAreSaidWithTheRemedy() {
        assertThat(shares("--root", "topmost").err())
                .contains(
                        "10 of 50 model calls lie outside any root (--root topmost) and are not used. Calls with no span"
                                + " of the application above are in none: put a span around what belongs together")
                .contains("  Java:    Span run = ");
    }

    @Test
    void aColdStartIsNotSaidWhereItIsLeftOut() {
        assertThat(shares().err()).contains("one execution carries 76 % of the time of m (the first of its process");
        assertThat(shares("--skip-first", "1").err()).doesNotContain("one execution carries");
    }

    private CommandLineRun shares(String... options) {
        Object[] arguments = new Object[4 + options.length];
        arguments[0] = "shares";
        arguments[1] = folder;
        arguments[2] = "--out";
        arguments[3] = out.resolve("w.json");
        System.arraycopy(options, 0, arguments, 4, options.length);
        CommandLineRun run = CommandLineRun.of(arguments);
        assertThat(run.exitCode()).as(run.err()).isZero();
        return run;
    }
}
