package dev.scepsy.javaagent;

import static org.assertj.core.api.Assertions.assertThat;

import dev.scepsy.javaagent.app.HandlersApp;
import org.junit.jupiter.api.Test;

/** What a model is handed is the application's own handler, whatever it does with it. */
class HandlersIT {

    @Test
    void handlersAreTheApplicationsOwnAndEveryStreamEndsOnce() {
        try (SpanReceiver receiver = new SpanReceiver()) {
            ForkedJvm.Outcome plain = ForkedJvm.of(HandlersApp.class).run();
            ForkedJvm.Outcome traced = ForkedJvm.of(HandlersApp.class)
                    .withAgent()
                    .exportingTo(receiver)
                    .run();

            assertThat(traced.exitCode()).as(traced.err()).isZero();
            assertThat(traced.out()).isEqualTo(plain.out()).contains("the same true true", "progress 50");
            Trees trees = new Trees(receiver.spans());
            trees.mustBeWhole();
            assertThat(trees.rendered())
                    .containsExactly(
                            "workflow dynamic-proxy(chat proxied)",
                            "workflow inherited(chat inherited)",
                            "workflow language(text_completion Teller)",
                            "workflow listeners-throw(chat Heard)",
                            "workflow never-answered(chat silent openAtExit)",
                            "workflow own-class(chat looks)",
                            "workflow refused(chat refuses ERROR)",
                            "workflow shared(chat left, chat left, chat right, chat right ERROR)",
                            "workflow sneaky(chat sneaked-at ERROR)",
                            "workflow throwing(chat thrown-at)");
            assertThat(receiver.spans(span -> span.name().equals("chat looks"))
                            .get(0)
                            .get("scepsy.stream.chunks"))
                    .isEqualTo(2L);
        }
    }
}
