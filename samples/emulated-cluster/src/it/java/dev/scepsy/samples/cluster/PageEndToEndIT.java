package dev.scepsy.samples.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.scepsy.planner.browser.Chromium;
import dev.scepsy.planner.browser.Chromium.Look;
import dev.scepsy.planner.browser.Visit;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A person at the page of a service that plans an emulated cluster: looks at what applications do, approves a plan, asks for another, goes back. Its
 * pictures lie in {@code target/page}; with {@code -Dscepsy.screenshots=update} those of the guide are made anew, and looked at by a person.
 */
class PageEndToEndIT {

    private static final Path PICTURES = Path.of("target/page");
    private static final int MOST_PICTURE_BYTES = 150_000;

    @TempDir
    Path folder;

    private Chromium chromium;
    private EmulatedCluster cluster;
    private ServiceProcess service;

    @BeforeEach
    void start() throws Exception {
        Chromium.assumeInstalled();
        cluster = TestClusters.start();
        ServiceFolder.write(folder);
        service = new ServiceProcess(
                folder,
                cluster.apiServerUrl(),
                ServiceFolder.yaml("propose") + "web: {traceLink: \"http://127.0.0.1:16686/trace/{traceId}\"}\n");
        service.start();
        chromium = Chromium.start();
        Files.createDirectories(PICTURES);
    }

    @AfterEach
    void stop() {
        if (service != null) {
            service.close();
        }
        if (cluster != null) {
            cluster.close();
        }
        if (chromium != null) {
            chromium.close();
        }
    }

    @Test
    void aPersonApprovesAPlanAsksForAnotherAndGoesBack() throws Exception {
        try (TraceLoad traces = TraceLoad.start(service, 20, 7);
                Visit visit = chromium.visit(service.url() + "/", Look.DESK)) {
            traces.awaitAcknowledged(40);
            Engines.await("statistics", () -> executions() >= 60);
            visit.open("").awaitView("Overview").awaitText("research").awaitText("generator");

            planNow(visit, "a first plan");
            String first = visit.page().url().replaceFirst(".*/", "");
            visit.awaitView("Proposal").awaitText("Asked for by local");
            decide(visit, "Approve", "looks right");
            JsonNode kept = service.awaitProposal(first, "kept", "failed", "rolledBack");
            assertThat(kept.path("state").asText()).as(kept.toPrettyString()).isEqualTo("kept");
            assertThat(kept.path("decisions").toString()).contains("looks right");
            visit.page().locator("main .state-kept").first().waitFor();

            try (RequestLoad load = RequestLoad.start(cluster.openAiBaseUrl(), List.of("generator", "critic"))) {
                load.awaitAnswers(4);
                assertThat(service.change("PUT", "/api/v1/pins/critic", "{\"replicas\": 2, \"reason\": \"enough\"}")
                                .status())
                        .isEqualTo(200);
                picture(visit, "#/overview", "Overview", "page-overview");
                visit.go("#/executions").awaitView("Executions");
                visit.page().locator("main tbody tr th a").first().click();
                visit.awaitText("Waterfall");
                picture(visit, null, null, "page-execution");
                assertThat(visit.page()
                                .locator("main a[href^='http://127.0.0.1:16686/trace/']")
                                .count())
                        .isPositive();
                picture(visit, "#/cluster", "Cluster", "page-cluster");
                planNow(visit, "two critics are enough");
                String second = visit.page().url().replaceFirst(".*/", "");
                visit.awaitView("Proposal").awaitText("What moves");
                picture(visit, null, null, "page-proposal");
                picture(visit, "#/whatif", "What if", "page-whatif");
                visit.go("#/proposals/" + second).awaitView("Proposal");
                decide(visit, "Approve", "");
                assertThat(service.awaitProposal(second, "kept", "failed", "rolledBack")
                                .path("state")
                                .asText())
                        .isEqualTo("kept");
                load.awaitAnswers(4);
                assertThat(load.failures()).isEmpty();
            }

            visit.go("#/history").awaitView("History");
            visit.page().locator("main .state-kept").first().waitFor();
            picture(visit, null, null, "page-history");
            visit.button("Go back to the plan before…").click();
            visit.dialog().locator("textarea").fill("enough");
            visit.confirm("Go back");
            Engines.await("the first plan serves again", () -> critics() == replicas(kept.path("plan"), "critic"));
            visit.go("#/history").awaitView("History").awaitText("enough");
        }
        assertThat(Files.readString(folder.resolve("serve-1.log"))).doesNotContain("Exception");
    }

    private void planNow(Visit visit, String reason) {
        visit.go("#/proposals").awaitView("Proposals");
        visit.button("Plan now…").click();
        visit.dialog().locator("textarea").fill(reason);
        visit.confirm("Plan now");
        visit.page().waitForURL(Pattern.compile(".*#/proposals/.+"));
    }

    private static void decide(Visit visit, String what, String reason) {
        visit.button(what + "…").click();
        visit.dialog().locator("textarea").fill(reason);
        visit.confirm(what);
        visit.dialog()
                .waitFor(new com.microsoft.playwright.Locator.WaitForOptions()
                        .setState(com.microsoft.playwright.options.WaitForSelectorState.DETACHED));
    }

    private long executions() {
        return service.get("/api/v1/statistics")
                .json()
                .path("workflows")
                .path(0)
                .path("executions")
                .asLong();
    }

    private long critics() {
        long critics = 0;
        for (JsonNode engine : service.get("/api/v1/cluster").json().path("engines")) {
            critics += engine.path("model").asText().equals("critic") ? 1 : 0;
        }
        return critics;
    }

    private static int replicas(JsonNode plan, String model) {
        for (JsonNode allocation : plan.path("allocations")) {
            if (allocation.path("model").asText().equals(model)) {
                return allocation.path("replicas").asInt();
            }
        }
        return 0;
    }

    /** A picture of a view, or of what is seen. */
    private static void picture(Visit visit, String hash, String heading, String name) throws IOException {
        if (hash != null) {
            visit.go(hash).awaitView(heading);
        }
        Path picture = PICTURES.resolve(name + ".png");
        visit.picture(picture, false);
        if (System.getProperty("scepsy.screenshots", "keep").equals("update")) {
            assertThat(Files.size(picture)).as("bytes of " + picture).isLessThan(MOST_PICTURE_BYTES);
            Path images = Path.of(System.getProperty("scepsy.root"), "docs/images");
            Files.createDirectories(images);
            Files.copy(picture, images.resolve(name + ".png"), StandardCopyOption.REPLACE_EXISTING);
        }
    }
}
