package dev.scepsy.javaagent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What is seen, and under what: the rarer models, lambdas, work that goes on elsewhere, every end a stream can take. */
class CoverageIT {

    private static final String FIVE = "chat echo, chat echo, chat echo, chat echo, chat echo";

    static Stream<Everything> versions() {
        return Stream.of(Everything.traced(), Everything.newest(), Everything.former());
    }

    @ParameterizedTest
    @MethodSource("versions")
    void rareModelsLambdasAndHandedOverWorkAreSeenWhereTheyBelong(Everything everything) {
        everything.mustBeUndisturbed();
        assertThat(new Trees(everything.spans()).rendered())
                .contains(
                        "workflow declared-on-interface(chat echo)",
                        "workflow future(" + FIVE + ")",
                        "workflow handed-over(" + FIVE + ", chat echo, chat echo)",
                        "workflow lambdas(embeddings Embedder, generate_content CoverageApp, rerank CoverageApp,"
                                + " rerank CoverageApp, retrieval CoverageApp)",
                        "workflow rare-models(generate_content painter, moderation Careful, text_completion completer,"
                                + " text_completion teller, transcription Listener)");
    }

    @ParameterizedTest
    @MethodSource("versions")
    void twoEqualRequestsInFlightNeverMix(Everything everything) {
        assertThat(new Trees(everything.spans()).rendered())
                .containsOnlyOnce("workflow left(chat Waiting)", "workflow right(chat Waiting)");
    }

    @ParameterizedTest
    @MethodSource("versions")
    void everyStreamEndsOnceWithItsState(Everything everything) {
        assertThat(new Trees(everything.spans()).rendered())
                .containsOnlyOnce(
                        "workflow cancelled-future cancelled",
                        "workflow cancelled-inside(agent Narrator cancelled(chat speaker cancelled))",
                        "workflow cancelled-outside(chat speaker cancelled)",
                        "workflow complete(agent Narrator(chat speaker))",
                        "workflow failing ERROR(agent Narrator ERROR(chat speaker ERROR))",
                        "workflow never-started abandoned(agent Narrator abandoned)",
                        "workflow never-subscribed abandoned",
                        "workflow published(chat echo, chat echo, chat echo)",
                        "workflow silent openAtExit(agent Narrator openAtExit(chat speaker openAtExit))",
                        "workflow unsubscribed cancelled(chat echo)");
    }

    @ParameterizedTest
    @MethodSource("versions")
    void noSpanIsAnOrphan(Everything everything) {
        Trees trees = new Trees(everything.spans());
        trees.mustBeWhole();
        trees.mustNameTheirExecution();
    }

    @Test
    void theNewestCoresFuturesAndPublishersEndWithTheirWork() {
        Everything newest = Everything.newest();

        assertThat(newest.printedBy("NewestApp").lines())
                .containsExactly(
                        "async: well",
                        "async failing: true",
                        "async cancelled: true",
                        "wrapped: well",
                        "reactive: all well.",
                        "reactive cancelled: all",
                        "twice: all well. and all well.",
                        "others: 6 0.5 1 file:/spoken.wav");
        assertThat(new Trees(newest.spans()).rendered())
                .containsOnlyOnce(
                        "workflow async(chat async, chat async)",
                        "workflow async-cancelled cancelled(chat async cancelled)",
                        "workflow async-failing ERROR(chat async ERROR)",
                        "workflow others(embeddings asked-for, embeddings asked-for, embeddings embedder,"
                                + " rerank Scorer, retrieval Finder, speech Voice)",
                        "workflow reactive(chat reactive)",
                        "workflow reactive-cancelled cancelled(chat reactive cancelled)",
                        "workflow twice(chat reactive, chat reactive)",
                        "workflow wrapped(chat async)");
        assertThat(newest.spans("embeddings asked-for").get(0).attributes())
                .containsEntry("gen_ai.response.model", "embedder-2026")
                .containsEntry("gen_ai.usage.input_tokens", 4L)
                .containsEntry("gen_ai.embeddings.dimension.count", 2L);
        assertThat(newest.spans("chat reactive").get(0).attributes())
                .containsEntry("gen_ai.usage.input_tokens", 5L)
                .containsEntry("gen_ai.request.stream", true)
                .containsKey("gen_ai.response.time_to_first_chunk");
    }

    @Test
    void theOldestSupportedVersionSeesModelsServicesToolsAndRetrieval() {
        Everything oldest = Everything.oldest();

        oldest.mustBeUndisturbed();
        mustSeeModels(oldest);
    }

    @Test
    void theOldestSupportedAgenticModuleSeesWorkflowsAndAgents() {
        assumeTrue(Boolean.getBoolean("scepsy.full"), "NOT RUN: -Pfull runs the oldest agentic module");
        Everything oldest = Everything.oldestAgentic();

        oldest.mustBeUndisturbed();
        mustSeeModels(oldest);
        Trees trees = new Trees(oldest.spans());
        trees.mustBeWhole();
        assertThat(trees.rendered("invoke_workflow everything"))
                .hasSize(101)
                .allSatisfy(tree -> assertThat(tree)
                        .contains("agent background(chat echo)", "workflow branches(", "workflow mapped(agent item("));
    }

    private static void mustSeeModels(Everything everything) {
        List<String> trees = new Trees(everything.spans()).rendered();
        assertThat(trees)
                .contains(
                        "agent Assistant(chat gpt, chat gpt, execute_tool temperature, execute_tool wind ERROR)",
                        "agent Assistant(chat gpt, rerank reranker, retrieval library(embeddings embedder))",
                        "agent Narrator ERROR(chat stream ERROR)",
                        "chat stream",
                        "embeddings embedder",
                        "workflow promised(chat gpt, chat gpt)");
        assertThat(trees.stream().filter(tree -> tree.startsWith("chat gpt"))).hasSize(4);
    }
}
