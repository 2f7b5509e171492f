package dev.scepsy.javaagent;

import static org.assertj.core.api.Assertions.assertThat;

import dev.scepsy.javaagent.app.CoverageApp;
import dev.scepsy.javaagent.app.StreamsApp;
import org.junit.jupiter.api.Test;

/** The rarer models, lambdas, work that goes on elsewhere, and every end that a stream can take. */
class CoverageIT {

    @Test
    void rareModelsLambdasAndHandedOverWorkAreSeenWhereTheyBelong() {
        try (SpanReceiver receiver = new SpanReceiver()) {
            ForkedJvm.Outcome outcome = ForkedJvm.of(CoverageApp.class)
                    .with("scepsy-langchain4j")
                    .withAgent()
                    .exportingTo(receiver)
                    .run();

            assertThat(outcome.exitCode()).as(outcome.err()).isZero();
            assertThat(outcome.err()).doesNotContain("[scepsy] module");
            Trees trees = new Trees(receiver.spans());
            trees.mustBeWhole();
            assertThat(trees.rendered())
                    .contains(
                            "workflow future(chat echo, chat echo, chat echo, chat echo, chat echo)",
                            "workflow handed-over(chat echo, chat echo, chat echo, chat echo, chat echo, chat echo,"
                                    + " chat echo)",
                            "workflow lambdas(embeddings CoverageApp, generate_content CoverageApp, rerank CoverageApp,"
                                    + " rerank CoverageApp, retrieval CoverageApp)",
                            "workflow left(chat Waiting)",
                            "workflow rare-models(generate_content painter, moderation Careful, text_completion"
                                    + " completer, text_completion teller, transcription Listener)",
                            "workflow right(chat Waiting)");
        }
    }

    @Test
    void everyStreamEndsOnceWithItsState() {
        try (SpanReceiver receiver = new SpanReceiver()) {
            ForkedJvm.Outcome outcome = ForkedJvm.of(StreamsApp.class)
                    .with("scepsy-langchain4j")
                    .withAgent()
                    .exportingTo(receiver)
                    .run();

            assertThat(outcome.exitCode()).as(outcome.err()).isZero();
            assertThat(outcome.err()).doesNotContain("[scepsy] module");
            Trees trees = new Trees(receiver.spans());
            trees.mustBeWhole();
            assertThat(trees.rendered())
                    .containsExactly(
                            "workflow cancelled-future cancelled",
                            "workflow cancelled-inside(agent Narrator cancelled(chat speaker cancelled))",
                            "workflow cancelled-outside(chat speaker cancelled)",
                            "workflow complete(agent Narrator(chat speaker))",
                            "workflow failing ERROR(agent Narrator ERROR(chat speaker ERROR))",
                            "workflow never-started abandoned(agent Narrator abandoned)",
                            "workflow never-subscribed abandoned",
                            "workflow published(chat echo, chat echo, chat echo)",
                            "workflow silent timedOut(agent Narrator timedOut(chat speaker timedOut))",
                            "workflow unsubscribed cancelled(chat echo)");
        }
    }
}
