package dev.scepsy.javaagent;

import static org.assertj.core.api.Assertions.assertThat;

import dev.scepsy.javaagent.app.ApplicationsApp;
import dev.scepsy.javaagent.app.LoadersApp;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Class loaders of every kind, and several applications in one JVM: what is one's own stays one's own. */
class LoadersIT {

    @Test
    void everyLoaderThatHasALangChain4jOfItsOwnIsTracedWhateverTheOthersDo() {
        try (SpanReceiver receiver = new SpanReceiver()) {
            ForkedJvm.Outcome outcome = ForkedJvm.of(LoadersApp.class)
                    .with("scepsy-langchain4j")
                    .with("jspecify")
                    .withAgent()
                    .exportingTo(receiver)
                    .run();

            assertThat(outcome.exitCode()).as(outcome.err()).isZero();
            assertThat(outcome.err().lines().filter(line -> line.contains("[scepsy]")))
                    .hasSize(1);
            Trees trees = new Trees(receiver.spans());
            trees.mustBeWhole();
            List<String> rendered = trees.rendered();
            for (String who : List.of(
                    "host",
                    "child-first",
                    "isolated",
                    "named-like-us",
                    "loader-per-jar",
                    "throwing-resources",
                    "error-in-resources",
                    "no-resources",
                    "recursing",
                    "throwing-for-unknown-classes",
                    "host-again")) {
                assertThat(countOf(rendered, who)).as("work of %s", who).isEqualTo(2);
            }
            assertThat(countOf(rendered, "script")).isEqualTo(40);
        }
    }

    @Test
    void everyApplicationsSpansGoToItsOwnSdkAndNothingKeepsAnApplicationThatIsGone() {
        try (SpanReceiver receiver = new SpanReceiver()) {
            ForkedJvm.Outcome outcome = ForkedJvm.of(ApplicationsApp.class)
                    .with("scepsy-langchain4j")
                    .with("/io/opentelemetry/opentelemetry-")
                    .withAgent()
                    .exportingTo(receiver)
                    .run();

            assertThat(outcome.exitCode()).as(outcome.err()).isZero();
            String each = "chat NAME below workflow, chat NAME below workflow, invoke_workflow work below request,"
                    + " request root";
            assertThat(outcome.out().lines())
                    .containsExactly(
                            "A " + each.replace("NAME", "A"),
                            "B " + each.replace("NAME", "B"),
                            "A " + each.replace("NAME", "A"),
                            "B is undeployed",
                            "A " + each.replace("NAME", "A"),
                            "nested: A and B have what is theirs, in one trace",
                            "none is kept");
            assertThat(new Trees(receiver.spans()).rendered())
                    .as("of the application without an SDK")
                    .containsExactly(work("C"), work("C"));
        }
    }

    /** A loader that asks a model itself does so inside the call for which it is asked. */
    private static long countOf(List<String> rendered, String who) {
        String start = work(who).replace("))", ")").replaceFirst("\\)$", "");
        return rendered.stream().filter(tree -> tree.startsWith(start)).count();
    }

    private static String work(String who) {
        return "workflow work(chat " + who + ", chat " + who + ")";
    }
}
