package dev.scepsy.planner.serve.metrics;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import dev.scepsy.planner.receive.Forwarder;
import dev.scepsy.planner.receive.Notices;
import dev.scepsy.planner.serve.journal.ProposalState;
import dev.scepsy.planner.serve.journal.ServiceEvent;
import dev.scepsy.planner.serve.observe.Observations.Bin;
import dev.scepsy.planner.serve.observe.Observations.Counts;
import dev.scepsy.planner.serve.settings.ServiceTime;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

class ServiceMetricsTest {

    private static final ServiceTime TIME = new ServiceTime() {
        @Override
        public Instant instant() {
            return FakeService.NOW;
        }

        @Override
        public Duration real(Duration serviceTime) {
            return serviceTime;
        }
    };

    private final FakeService service = new FakeService();

    /** A scrape of its own: what is cached for a second is another test's. */
    private String scrape() throws Exception {
        try (ServiceMetrics metrics = new ServiceMetrics(service.sources(), TIME)) {
            return metrics.scrape();
        }
    }

    @Test
    void whatTheRoomsKnowIsExposedWithUnitsAndLabels() throws Exception {
        assertThat(scrape().lines())
                .contains(
                        "# TYPE scepsy_spans_received_total counter",
                        "# HELP scepsy_spans_received_total Spans of accepted requests.",
                        "scepsy_spans_received_total 1000.0",
                        "scepsy_spans_refused_total 20.0",
                        "scepsy_spans_dropped_total 3.0",
                        "scepsy_executions_total{outcome=\"complete\"} 90.0",
                        "scepsy_executions_total{outcome=\"timedOut\"} 2.0",
                        "scepsy_open_executions 7.0",
                        "scepsy_workflow_executions_per_second{workflow=\"rag\"} 0.75",
                        "scepsy_workflow_predicted_latency_seconds{workflow=\"rag\"} 4.5",
                        "scepsy_workflow_measured_latency_seconds{workflow=\"rag\"} 5.25",
                        "scepsy_stage_duration_seconds_count{stage=\"detect\"} 4",
                        "scepsy_stage_duration_seconds_sum{stage=\"detect\"} 0.5",
                        "scepsy_otlp_requests_total{outcome=\"accepted\",signal=\"traces\"} 0.0",
                        "scepsy_otlp_requests_total{outcome=\"deferred\",signal=\"any\"} 0.0",
                        "scepsy_model_waiting_requests{model=\"critic\"} 1.0",
                        "scepsy_model_measured_utilisation_ratio{model=\"critic\"} 0.6",
                        "scepsy_model_predicted_utilisation_ratio{model=\"critic\"} 0.7",
                        "scepsy_proposals{state=\"open\"} 1.0",
                        "scepsy_proposals{state=\"kept\"} 2.0",
                        "scepsy_proposals{state=\"rolledBack\"} 0.0",
                        "scepsy_webhook_events_total{outcome=\"delivered\"} 11.0",
                        "scepsy_mode{mode=\"propose\"} 1.0",
                        "scepsy_leads 1.0",
                        "scepsy_store_usable 1.0",
                        "scepsy_metrics_failures_total 0.0");
    }

    @Test
    void aRoomThatCannotAnswerIsCountedAndTheOthersAreExposed() throws Exception {
        service.broken = true;
        service.leads = false;

        assertThat(scrape().lines())
                .contains(
                        "scepsy_spans_received_total 1000.0",
                        "scepsy_store_usable 0.0",
                        "scepsy_leads 0.0",
                        "scepsy_metrics_failures_total 2.0",
                        "scepsy_model_engines{model=\"critic\"} 2.0");
    }

    @Test
    void namesOfWorkflowsThatSendersMakeUpAreOneLabel() throws Exception {
        service.rates = new TreeMap<>();
        for (int i = 0; i < 60; i++) {
            service.rates.put(String.format("made-up-%02d", i), List.of(new Bin(FakeService.NOW, 60)));
        }
        String text = scrape();

        assertThat(text.lines().filter(line -> line.startsWith("scepsy_workflow_executions_per_second{")))
                .hasSize(51)
                .contains("scepsy_workflow_executions_per_second{workflow=\"other\"} 10.0");
    }

    @Test
    void nothingIsAskedTwiceWithinASecondAndProposalsOnlyWhenTheyChanged() throws Exception {
        try (ServiceMetrics metrics = new ServiceMetrics(service.sources(), TIME)) {
            String first = metrics.scrape();
            assertThat(first).contains("scepsy_open_spans 70.0");
            service.counts = new Counts(1, 1, 1, Map.of(), Map.of(), 1, 1, 1);
            service.states.add(ProposalState.OPEN);
            assertThat(service.proposalReads).isEqualTo(1);
            awaitLine(metrics, "scepsy_open_spans 1.0");
            assertThat(service.proposalReads).isEqualTo(1);
            service.listener.accept(
                    new ServiceEvent(1, FakeService.NOW, "proposal", JsonNodeFactory.instance.objectNode()));
            awaitLine(metrics, "scepsy_proposals{state=\"open\"} 2.0");
            assertThat(service.proposalReads).isEqualTo(2);
        }
    }

    private static void awaitLine(ServiceMetrics metrics, String line) {
        long deadline = System.nanoTime() + Duration.ofSeconds(20).toNanos();
        while (metrics.scrape().lines().noneMatch(line::equals)) {
            assertThat(System.nanoTime()).as(line).isLessThan(deadline);
            java.util.concurrent.locks.LockSupport.parkNanos(20_000_000);
        }
    }

    @Test
    void thePageListsWhatIsExposedAndNothingElse() throws Exception {
        try (Forwarder forwarder = new Forwarder(
                URI.create("http://user:secret@127.0.0.1:9/?key=hidden"),
                1000,
                Forwarder.Patience.ofOtlp(),
                new Notices(sentence -> {}))) {
            service.forwarders = List.of(forwarder);
            String text = scrape();
            assertThat(text)
                    .contains("scepsy_forward_requests_total{endpoint=\"http://127.0.0.1:9\",outcome=\"sent\"} 0.0")
                    .doesNotContain("secret", "hidden");
            Set<String> exposed = new TreeSet<>();
            Pattern.compile("(?m)^# TYPE (\\S+) ")
                    .matcher(text)
                    .results()
                    .forEach(found -> exposed.add(found.group(1)));
            Set<String> onPage = new TreeSet<>();
            Pattern.compile("(?m)^\\| `([a-z_0-9]+)(?:\\{[^}]*})?` \\|")
                    .matcher(Files.readString(Path.of("../docs/reference/service/metrics.md")))
                    .results()
                    .forEach(found -> onPage.add(found.group(1)));
            assertThat(onPage).isEqualTo(exposed);
        }
    }
}
