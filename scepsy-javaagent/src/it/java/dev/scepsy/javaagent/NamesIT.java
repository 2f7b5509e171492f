package dev.scepsy.javaagent;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.scepsy.javaagent.app.UnnamedApp;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Agentic systems without a name: each has its own, in the spans and in the statistics. */
class NamesIT {

    @TempDir
    Path folder = Path.of("");

    @ParameterizedTest
    @ValueSource(strings = {"", "former", "oldest-agentic"})
    void whatNobodyNamedIsNamedByItsTypeOrByWhatItIsMadeOf(String version) throws IOException {
        try (SpanReceiver receiver = new SpanReceiver()) {
            ForkedJvm app = ForkedJvm.of(UnnamedApp.class);
            if (!version.isEmpty()) {
                app.langChain4j(version);
            }
            ForkedJvm.Outcome outcome = app.withAgent()
                    .exportingTo(receiver)
                    .env("SCEPSY_OUT", folder.toString())
                    .run();

            assertThat(outcome.exitCode()).as(outcome.err()).isZero();
            assertThat(outcome.err().lines().filter(line -> line.startsWith("[scepsy]")))
                    .as(outcome.err())
                    .hasSize(1);
            assertThat(new Trees(receiver.spans()).rendered())
                    .containsOnlyOnce(
                            "workflow given(agent Writer(chat big))",
                            "workflow Novel(agent Writer(chat big))",
                            "workflow Declared(agent Declaring(chat big))",
                            "workflow Parallel(Writer@big,Writer@small)(agent Writer(chat big), agent Writer(chat big),"
                                    + " agent Writer(chat small))",
                            "workflow ParallelMapper(Item@small)(agent Item(chat small), agent Item(chat small))",
                            "workflow Sequential(Writer@big,Loop(edit@small))(agent Writer(chat big),"
                                    + " workflow Loop(edit@small)(agent edit(chat small), agent edit(chat small)))",
                            "workflow Conditional(Writer@big)(agent Writer(chat big))",
                            "workflow Backwards(Writer@big)(agent Writer(chat big))",
                            "workflow Sequential(AgentAction,HumanInTheLoop)(agent AgentAction, agent HumanInTheLoop)",
                            "workflow Supervisor(Writer@big)(agent PlannerAgent(chat planner),"
                                    + " agent PlannerAgent(chat planner), agent Writer(chat big))",
                            "agent Writer(chat small)");
            assertThat(executions())
                    .containsEntry("Sequential(Writer@big)", 3)
                    .containsEntry("Sequential(Writer@small)", 3);
        }
    }

    /** By workflow, from the statistics. */
    private Map<String, Integer> executions() throws IOException {
        JsonNode file = new ObjectMapper().readTree(Files.readString(folder.resolve("workflows.json")));
        Map<String, Integer> executions = new TreeMap<>();
        file.get("workflows")
                .forEach(workflow -> executions.put(
                        workflow.get("name").asText(),
                        workflow.get("executions").asInt()));
        return executions;
    }
}
