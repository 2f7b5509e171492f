package dev.scepsy.javaagent;

import static org.assertj.core.api.Assertions.assertThat;

import dev.scepsy.javaagent.app.HandOverApp;
import dev.scepsy.javaagent.app.OwnFuturesApp;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/** Work that is handed over: the application sees its own objects, and every call hangs below the request whose work it is. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class HandOverIT {

    private String printed = "";
    private String plain = "";
    private List<String> trees = List.of();

    @BeforeAll
    void run() {
        try (SpanReceiver receiver = new SpanReceiver()) {
            ForkedJvm.Outcome without =
                    ForkedJvm.of(HandOverApp.class).with("scepsy-langchain4j").run();
            ForkedJvm.Outcome with = ForkedJvm.of(HandOverApp.class)
                    .with("scepsy-langchain4j")
                    .withAgent()
                    .exportingTo(receiver)
                    .run();
            assertThat(with.exitCode()).as(with.err()).isZero();
            assertThat(with.err()).doesNotContain("failed", "switched off");
            plain = without.out();
            printed = with.out();
            Trees all = new Trees(receiver.spans(span -> true));
            all.mustBeWhole();
            trees = all.rendered();
        }
    }

    @Test
    void executorsQueuesAndHandlersSeeTheApplicationsOwnTasks() {
        assertThat(printed.lines()).containsExactlyElementsOf(plain.lines().toList());
        assertThat(printed)
                .contains("hook: true null", "removal: true true []", "rejected: true", "stored: 2 true true");
    }

    @Test
    void aTaskIsBelowTheRequestThatHandedItOver() {
        assertThat(trees)
                .contains(
                        "workflow comparator(chat m, chat m, chat m)",
                        "workflow hook(chat m)",
                        "workflow removal",
                        "workflow own-future(chat m, chat m)",
                        "workflow rejected(chat m)",
                        "workflow cancelled",
                        "workflow on-caller(chat m, chat m)",
                        "workflow stored(chat m, chat m)",
                        "workflow shared-one(chat m)",
                        "workflow shared-two(chat m, chat m)");
    }

    @Test
    void everyWayOfHandingWorkOverKeepsItsPlace() {
        assertThat(trees)
                .contains(
                        "workflow timed(chat m, chat m)",
                        "workflow any(chat m)",
                        "workflow scheduled(chat m)",
                        "workflow reference(chat m)",
                        "workflow references(chat m)",
                        "workflow subclass(chat m)",
                        "workflow started-by-reference(chat m, chat m)",
                        "workflow stack-size(chat m)",
                        "workflow factory(chat m)",
                        "workflow timer(chat m)",
                        "workflow parallel(chat m, chat m, chat m, chat m, chat m, chat m)",
                        "workflow fork-join(chat m, chat m, chat m, chat m)",
                        "workflow completion(chat m)",
                        "workflow futures(chat m, chat m, chat m, chat m)");
    }

    @Test
    void aLoopThatARequestHappensToStartIsNotChargedToItForEver() {
        assertThat(trees.stream().filter(tree -> tree.startsWith("workflow ask")))
                .containsExactly("workflow ask", "workflow ask", "workflow ask(chat m)");
        assertThat(trees.stream().filter(tree -> tree.equals("chat m"))).hasSize(1 + 2 + 3);
        assertThat(trees).contains("workflow start-ticks(chat m)");
    }

    @Test
    void whatARequestLeavesToBeDoneLaterIsItsOwn() {
        assertThat(trees).contains("workflow leaves(chat m, chat m)");
    }

    @Test
    void futuresOfTheApplicationsOwnClassesKeepThePlaceUnlessTheyWouldSeeIt() {
        try (SpanReceiver receiver = new SpanReceiver()) {
            ForkedJvm.Outcome without =
                    ForkedJvm.of(OwnFuturesApp.class).with("scepsy-langchain4j").run();
            ForkedJvm.Outcome with = ForkedJvm.of(OwnFuturesApp.class)
                    .with("scepsy-langchain4j")
                    .withAgent()
                    .exportingTo(receiver)
                    .run();

            assertThat(with.exitCode()).as(with.err()).isZero();
            assertThat(with.out()).contains("of the futurere composedtrue", "one twotrue");
            assertThat(with.out()).isEqualTo(without.out());
            assertThat(new Trees(receiver.spans(span -> true)).rendered())
                    .containsExactly(
                            "workflow bulk(" + "chat m, ".repeat(7) + "chat m)",
                            "workflow discreet(chat m, chat m, chat m, chat m)",
                            "workflow looking");
        }
    }
}
