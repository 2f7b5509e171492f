package dev.scepsy.javaagent;

import static org.assertj.core.api.Assertions.assertThat;

import dev.scepsy.javaagent.app.NestingApp;
import org.junit.jupiter.api.Test;

/** Models that call models: every call of a served model is counted once, and a wrapper never. */
class NestingIT {

    @Test
    void aWrapperIsKnownByWhatItHandsOnAndAModelThatOnlyUsesAnotherStays() {
        try (SpanReceiver receiver = new SpanReceiver()) {
            ForkedJvm.Outcome outcome = ForkedJvm.of(NestingApp.class)
                    .withAgent()
                    .exportingTo(receiver)
                    .run();

            assertThat(outcome.exitCode()).as(outcome.err()).isZero();
            assertThat(outcome.out()).isEqualTo("all went well\n");
            Trees trees = new Trees(receiver.spans());
            trees.mustBeWhole();
            assertThat(trees.rendered())
                    .containsExactly(
                            "workflow cached(chat echo, chat echo)",
                            "workflow embedded-in-parts(embeddings Embedder, embeddings Embedder)",
                            "workflow ensemble(chat echo, chat judge)",
                            "workflow fallback(chat down ERROR, chat echo)",
                            "workflow judged-by-listener(chat Judged, chat judge)",
                            "workflow judged-by-listener-of-stream(chat JudgedStream, chat judge)",
                            "workflow judged-inside(chat SelfJudged, chat judge)",
                            "workflow moderated(chat Rewriting, moderation Careful)",
                            "workflow recovered(chat Recovering, chat Recovering, chat echo)",
                            "workflow retrievers(retrieval Expanding("
                                    + "retrieval Finding(embeddings Embedder), retrieval Finding(embeddings Embedder)),"
                                    + " retrieval Finding(embeddings Embedder))",
                            "workflow rewriting(chat echo)",
                            "workflow routed(chat classifier, chat echo)",
                            "workflow streamed(chat JudgedStream)");
        }
    }
}
