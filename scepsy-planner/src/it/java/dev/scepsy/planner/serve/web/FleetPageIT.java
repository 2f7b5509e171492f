package dev.scepsy.planner.serve.web;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.scepsy.planner.browser.Chromium;
import dev.scepsy.planner.browser.Chromium.Look;
import dev.scepsy.planner.browser.Visit;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** The page of a whole fleet: 1,000 GPUs, 100 models, 50 workflows. Prints figures, which docs/benchmarks.md holds; without {@code -Pfull} it is only drawn. */
class FleetPageIT {

    private static final int GPUS = 1_000;
    private static final int MODELS = 100;
    private static final int WORKFLOWS = 50;
    private static final int VISITS = 5;
    private static final int EVENTS_PER_SECOND = 5;
    private static final int SECONDS = 60;

    private static MadeUp fleet() {
        return new MadeUp(GPUS, MODELS, WORKFLOWS, "");
    }

    @Test
    void aWholeFleetIsDrawn() throws IOException {
        try (Chromium chromium = Chromium.start();
                ShownService service = ShownService.open(fleet());
                Visit visit = chromium.visit(service.url(), Look.DESK)) {
            visit.open("").awaitView("Overview").awaitText("workflow-49");
            visit.go("#/cluster").awaitView("Cluster").awaitText("node-124");
            visit.go("#/proposals/p-2").awaitView("Proposal").awaitText("model-000");
        }
    }

    @Test
    void figuresOfAFleet() throws Exception {
        assumeTrue(Boolean.getBoolean("scepsy.full"), "NOT RUN: -Pfull measures the page of a fleet");
        try (Chromium chromium = Chromium.start();
                ShownService service = ShownService.open(fleet())) {
            List<Double> millis = new ArrayList<>();
            for (int i = 0; i <= VISITS; i++) {
                try (Visit visit = chromium.visit(service.url(), Look.DESK)) {
                    visit.open("");
                    visit.page().waitForFunction("() => performance.getEntriesByName('overview-rows').length > 0");
                    if (i > 0) { // the first one warms the service
                        millis.add(((Number) visit.page()
                                        .evaluate("() => performance.getEntriesByName('overview-rows')[0].startTime"))
                                .doubleValue());
                    }
                }
            }
            Collections.sort(millis);
            System.out.printf(
                    Locale.ROOT,
                    "page of a fleet (Chromium %s): overview rows after %.0f ms, median of %d (%.0f to %.0f)%n",
                    chromium.version(),
                    millis.get(VISITS / 2),
                    VISITS,
                    millis.get(0),
                    millis.get(VISITS - 1));
            for (String[] view : new String[][] {{"#/overview", "Overview"}, {"#/cluster", "Cluster"}}) {
                events(chromium, service, view[0], view[1]);
            }
        }
    }

    private static void events(Chromium chromium, ShownService service, String hash, String heading) throws Exception {
        ScheduledExecutorService clock = Executors.newSingleThreadScheduledExecutor();
        try (Visit visit = chromium.visit(service.url(), Look.DESK)) {
            visit.open(hash).awaitView(heading);
            visit.page()
                    .evaluate(
                            "() => { window.longTasks = []; new PerformanceObserver(list => list.getEntries().forEach("
                                    + "each => window.longTasks.push(each.duration))).observe({type: 'longtask'}); }");
            AtomicInteger number = new AtomicInteger();
            clock.scheduleAtFixedRate(
                    () -> {
                        int n = number.incrementAndGet();
                        service.made.grow();
                        service.event(
                                n % 3 == 0 ? "trigger" : n % 3 == 1 ? "step" : "proposal",
                                Map.of("id", "p-2", "kind", "rate", "workflow", "workflow-01", "text", "event " + n));
                    },
                    0,
                    1_000 / EVENTS_PER_SECOND,
                    TimeUnit.MILLISECONDS);
            visit.page().waitForTimeout(SECONDS * 1_000.0);
            @SuppressWarnings("unchecked")
            List<Number> tasks = (List<Number>) visit.page().evaluate("() => window.longTasks");
            System.out.printf(
                    Locale.ROOT,
                    "page of a fleet: %s, %d events in %d s: %d tasks above 50 ms, the longest %.0f ms%n",
                    heading,
                    number.get(),
                    SECONDS,
                    tasks.size(),
                    tasks.stream().mapToDouble(Number::doubleValue).max().orElse(0));
            assertThat(number.get()).isGreaterThan(SECONDS);
        } finally {
            clock.shutdownNow();
        }
    }
}
