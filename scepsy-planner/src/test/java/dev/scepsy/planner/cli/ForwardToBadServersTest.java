package dev.scepsy.planner.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.scepsy.planner.otlp.OtlpDecoder.Form;
import dev.scepsy.planner.receive.Forwarder;
import dev.scepsy.planner.receive.Notices;
import dev.scepsy.planner.receive.ReceivedRequest;
import dev.scepsy.planner.receive.Signal;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import org.assertj.core.api.SoftAssertions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * A forwarder in front of every kind of server that does not answer as it should: it takes requests without waiting, ends by its own
 * limits, counts what became of each request, and says each kind of trouble once.
 */
class ForwardToBadServersTest {

    private static final int REQUESTS = 40;
    private static final Forwarder.Patience SHORT = new Forwarder.Patience(
            Duration.ofMillis(500),
            Duration.ofMillis(5),
            Duration.ofMillis(20),
            Duration.ofSeconds(1),
            Duration.ofMillis(500));

    /** What an OTLP endpoint may answer, and answers of which only the status is read. */
    private static final List<String> TAKEN = List.of(
            "login page as JSON", "empty", "no content", "null", "empty object", "list", "text", "wrong kinds", "deep");

    private record Tried(String behaviour, Forwarder forwarder, List<String> told) {}

    @Test
    @Timeout(120)
    void itNeverWaitsCountsEveryRequestAndSaysEachTroubleOnce() throws Exception {
        Map<String, String> urls = new LinkedHashMap<>();
        List<BadServer> servers = new ArrayList<>();
        try {
            for (Map.Entry<String, BadServer.Script> behaviour : BadServer.SCRIPTS.entrySet()) {
                BadServer server = new BadServer(behaviour.getValue());
                servers.add(server);
                urls.put(behaviour.getKey(), server.url());
            }
            urls.put("refused", refused());
            List<Tried> all = new ArrayList<>();
            urls.forEach((behaviour, url) -> {
                List<String> told = new CopyOnWriteArrayList<>();
                Forwarder forwarder = new Forwarder(URI.create(url), 1 << 20, SHORT, new Notices(told::add));
                for (int i = 0; i < REQUESTS; i++) {
                    forwarder.pass(new ReceivedRequest(Signal.TRACES, Form.JSON, new byte[100], false, new byte[100]));
                }
                all.add(new Tried(behaviour, forwarder, told));
            });
            Forwarder.startClosing(all.stream().map(Tried::forwarder).toList());
            all.forEach(tried -> tried.forwarder().close());

            SoftAssertions soft = new SoftAssertions();
            for (Tried tried : all) {
                Forwarder forwarder = tried.forwarder();
                soft.assertThat(forwarder.sent() + forwarder.dropped())
                        .as(tried.behaviour())
                        .isEqualTo(REQUESTS);
                if (!TAKEN.contains(tried.behaviour())) {
                    soft.assertThat(forwarder.sent()).as(tried.behaviour()).isZero();
                    soft.assertThat(tried.told())
                            .as(tried.behaviour())
                            .hasSizeBetween(1, 2)
                            .doesNotHaveDuplicates()
                            .allMatch(said -> said.contains(forwarder.endpoint().toString()))
                            .noneMatch(said -> said.matches("(?s).*(Exception|java\\.|null|Unresolved).*"));
                }
            }
            soft.assertAll();
        } finally {
            servers.forEach(BadServer::close);
        }
    }

    private static String refused() throws IOException {
        try (ServerSocket closed = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return "http://127.0.0.1:" + closed.getLocalPort();
        }
    }

    @Test
    void aTroubleThatComesAndGoesIsNotToldAllTheTime() {
        List<String> told = new ArrayList<>();
        Notices notices = new Notices(told::add);
        for (int i = 0; i < 100; i++) {
            notices.once(Notices.Kind.FORWARD_RETRY, "away");
            notices.over(Notices.Kind.FORWARD_RETRY, "back");
        }
        assertThat(told).hasSize(10).last().asString().contains("Further changes are not listed");
    }
}
