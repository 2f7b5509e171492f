package dev.scepsy.planner.serve.web;

import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.Page;
import com.microsoft.playwright.Route;
import com.microsoft.playwright.options.AriaRole;
import dev.scepsy.planner.browser.Chromium;
import dev.scepsy.planner.browser.Chromium.Look;
import dev.scepsy.planner.browser.Visit;
import dev.scepsy.planner.serve.journal.ProposalState;
import dev.scepsy.planner.serve.log.ServiceLog;
import dev.scepsy.planner.serve.settings.Actor;
import dev.scepsy.planner.serve.settings.Role;
import dev.scepsy.planner.serve.view.FolderView;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The page in a real browser, over the real web room and a made-up service. Each visit ends with an error where the page asked another host, broke its
 * policy, or wrote an error to the console ({@link Visit}). Against a cluster: {@code PageEndToEndIT} of the emulated cluster.
 */
class PageIT {

    private static final Path PICTURES = Path.of("target/page");

    /** Script, an override of the direction of writing, and quotes for attributes. */
    private static final String HOSTILE =
            "<script>window.pwned=1</script><img src=x onerror=window.pwned=2>\"'\u202e\u2066&lt;{{7*7}}${pwned} ";

    private static Chromium chromium;

    @BeforeAll
    static void start() throws IOException {
        chromium = Chromium.start();
        Files.createDirectories(PICTURES);
    }

    @AfterAll
    static void stop() {
        if (chromium != null) {
            chromium.close();
        }
    }

    private static MadeUp small(String prefix) {
        return new MadeUp(24, 5, 3, prefix);
    }

    /** Every view by the heading that it has, in the order in which a person goes through them. */
    static Map<String, String> views(MadeUp made) {
        Map<String, String> views = new LinkedHashMap<>();
        views.put("#/overview", "Overview");
        views.put("#/executions", "Executions");
        views.put(
                "#/executions/"
                        + made.executions(made.workflow(0), 1, java.util.Optional.empty())
                                .get(0)
                                .path("id")
                                .asText(),
                "Execution");
        views.put("#/cluster", "Cluster");
        views.put("#/proposals", "Proposals");
        views.put("#/proposals/p-2", "Proposal");
        views.put("#/whatif", "What if");
        views.put("#/history", "History");
        views.put("#/history/e-2", "Plan");
        return views;
    }

    @Test
    void everyViewIsDrawnAndIsAccessible() throws IOException {
        boolean full = Boolean.getBoolean("scepsy.full");
        List<String> findings = new ArrayList<>();
        int looked = 0;
        try (ShownService service = ShownService.open(small(""))) {
            for (Look look : full ? Look.all() : List.of(Look.DESK)) {
                try (Visit visit = chromium.visit(service.url(), look)) {
                    visit.open("");
                    for (Map.Entry<String, String> view : views(service.made).entrySet()) {
                        visit.go(view.getKey()).awaitView(view.getValue());
                        visit.picture(PICTURES.resolve(view.getValue().replace(' ', '-') + "-" + look + ".png"), true);
                        findings.addAll(Accessibility.findings(visit, view.getValue() + " " + look));
                        looked++;
                    }
                }
            }
        }
        System.out.println("axe: " + looked + " views, " + findings.size() + " serious or critical findings");
        assertThat(findings).isEmpty();
    }

    @Test
    void aDialogIsAccessibleAndGivesTheFocusBack() throws IOException {
        try (ShownService service = ShownService.open(small(""));
                Visit visit = chromium.visit(service.url(), Look.DESK)) {
            visit.open("#/proposals/p-2").awaitView("Proposal");
            visit.button("Approve…").focus();
            visit.page().keyboard().press("Enter");
            visit.dialog().waitFor();
            assertThat(Accessibility.findings(visit, "dialog")).isEmpty();
            visit.page().keyboard().press("Escape");
            visit.page().waitForFunction("() => document.activeElement.textContent.startsWith('Approve')");
        }
    }

    @Test
    void whatIsNamedAsScriptIsTextEverywhere() throws IOException {
        try (ShownService service = ShownService.open(small(HOSTILE));
                Visit visit = chromium.visit(service.url(), Look.DESK)) {
            visit.open("");
            for (Map.Entry<String, String> view : views(service.made).entrySet()) {
                visit.go(view.getKey()).awaitView(view.getValue());
                assertThat(visit.page().locator("main").innerText())
                        .as(view.getKey())
                        .doesNotContain("\u202e", "\u2066")
                        .contains("<script>");
                assertThat(visit.page()
                                .locator("main script, main img, main iframe")
                                .count())
                        .as(view.getKey())
                        .isZero();
                assertThat(visit.page()
                                .evaluate("() => window.pwned === undefined && !document.title.includes('\u202e')"))
                        .as(view.getKey())
                        .isEqualTo(true);
                // also not in what is read out or shown on hovering
                assertThat(
                                visit.page()
                                        .evaluate(
                                                "() => [...document.querySelectorAll('main [title], main [aria-label]')].filter(e =>"
                                                        + " /[\\u202a-\\u202e\\u2066-\\u2069]/.test((e.title ?? '') + (e.getAttribute('aria-label') ?? ''))).length"))
                        .as(view.getKey())
                        .isEqualTo(0);
            }
            visit.go("#/proposals/p-2").awaitView("Proposal");
            visit.button("Approve…").click();
            assertThat(visit.dialog().innerText()).doesNotContain("\u202e");
        }
    }

    @Test
    void aMegabyteOfNameIsCutAndTheRestIsShown() throws IOException {
        try (ShownService service = ShownService.open(new MadeUp(8, 2, 1, "m".repeat(1 << 20)));
                Visit visit = chromium.visit(service.url(), Look.DESK)) {
            visit.open("");
            for (String[] view :
                    new String[][] {{"#/overview", "Overview"}, {"#/cluster", "Cluster"}, {"#/proposals", "Proposals"}
                    }) {
                visit.go(view[0]).awaitView(view[1]);
                assertThat(visit.page().locator("main").innerText().length())
                        .as(view[0])
                        .isLessThan(100_000);
                assertThat(((Number) visit.page().evaluate("() => document.documentElement.scrollWidth")).intValue())
                        .as(view[0])
                        .isLessThanOrEqualTo(1280);
            }
        }
    }

    @Test
    void aLostConnectionIsSaidAndItsReturnToo() throws IOException {
        try (ShownService service = ShownService.open(small(""));
                Visit visit = chromium.visit(service.url(), Look.DESK)) {
            visit.open("").awaitView("Overview");
            visit.page()
                    .getByText("live", new Page.GetByTextOptions().setExact(true))
                    .waitFor();
            visit.context().setOffline(true);
            // what is open stays open when a network goes: the next request finds out
            visit.go("#/history");
            visit.awaitText("The connection to the service is lost.");
            visit.context().setOffline(false);
            visit.page()
                    .getByText("live", new Page.GetByTextOptions().setExact(true))
                    .waitFor();
            visit.awaitView("History").awaitText("the first");
            assertThat(visit.page().locator("#notice").innerText()).isBlank();
        }
    }

    @Test
    void anExpiredSessionIsAskedForAgainAndTheViewGoesOn() throws IOException {
        try (ShownService service = ShownService.guarded(small(""));
                Visit visit = chromium.visit(service.url(), Look.DESK)) {
            visit.open("#/cluster").signIn("viewer-token").awaitView("Cluster");
            service.now.set(MadeUp.NOW.plus(Duration.ofHours(13)));
            visit.go("#/proposals");
            visit.awaitText("The session has ended");
            visit.signIn("operator-token").awaitView("Proposals");
            assertThat(visit.page().locator("header").innerText()).contains("ann");
        }
    }

    @Test
    void aTokenThatIsNobodysIsSaidToBe() throws IOException {
        try (ShownService service = ShownService.guarded(small(""));
                Visit visit = chromium.visit(service.url(), Look.DESK)) {
            visit.open("");
            visit.page().locator("#sign-in input[name=token]").fill("nobodys");
            visit.page().locator("#sign-in button[type=submit]").click();
            visit.awaitText("The service knows no such token.");
        }
    }

    @Test
    void whoMayOnlyLookCannotPressAndIsToldWhenRefused() throws IOException {
        try (ShownService service = ShownService.guarded(small(""));
                Visit visit = chromium.visit(service.url(), Look.DESK)) {
            visit.open("#/proposals/p-2").signIn("viewer-token").awaitView("Proposal");
            assertThat(visit.button("Approve…").isDisabled()).isTrue();
            visit.awaitText("Needs the role operator; yours is viewer.");
        }
        try (ShownService service = ShownService.guarded(small(""));
                Visit visit = chromium.visit(service.url(), Look.DESK)) {
            visit.open("#/proposals/p-2").signIn("operator-token").awaitView("Proposal");
            visit.button("Approve…").click();
            // taken away meanwhile: the page cannot know
            service.tokens.put("operator-token", new Actor("ann", Role.VIEWER));
            visit.confirm("Approve");
            visit.dialog().getByRole(AriaRole.ALERT).first().waitFor();
            assertThat(visit.dialog().innerText()).contains("operator");
            assertThat(service.journal.proposal("p-2").orElseThrow().state()).isEqualTo(ProposalState.OPEN);
        }
    }

    @Test
    void whatWasDecidedElsewhereIsShown() throws IOException {
        try (ShownService service = ShownService.open(small(""));
                Visit visit = chromium.visit(service.url(), Look.DESK)) {
            visit.open("#/proposals/p-2").awaitView("Proposal");
            visit.button("Approve…").click();
            service.operations.becomes(
                    "p-2", ProposalState.REJECTED, "carl"); // without an event: the page hears of it by the 409
            visit.confirm("Approve");
            visit.dialog().getByText("rejected").first().waitFor();
            assertThat(visit.unsuccessful()).anyMatch(said -> said.contains("409"));
            visit.page().keyboard().press("Escape");
            visit.page().locator("main").getByText("carl").first().waitFor();
        }
    }

    @Test
    void aDecisionCarriesItsReasonAndIsShown() throws IOException {
        try (ShownService service = ShownService.guarded(small(""));
                Visit visit = chromium.visit(service.url(), Look.DESK)) {
            visit.open("#/proposals/p-2").signIn("operator-token").awaitView("Proposal");
            visit.button("Reject…").click();
            visit.dialog().locator("textarea").fill("after the release " + HOSTILE);
            visit.confirm("Reject");
            visit.page().locator("main").getByText("after the release").first().waitFor();
            var decision =
                    service.journal.proposal("p-2").orElseThrow().decisions().get(0);
            assertThat(decision.by()).isEqualTo("ann");
            assertThat(decision.reason()).startsWith("after the release <script>");
            assertThat(visit.page().locator("main").innerText()).doesNotContain("\u202e");
        }
    }

    @Test
    void thePageWorksBelowAPathPrefix() throws IOException {
        try (ShownService service = ShownService.open(small(""));
                Visit visit = chromium.visit(service.url() + "scepsy/", Look.DESK)) {
            List<String> outside = new ArrayList<>();
            visit.context().route("**/*", route -> {
                String asked = route.request().url();
                if (!asked.startsWith(service.url() + "scepsy/")) {
                    outside.add(asked);
                    route.abort();
                } else {
                    // what a proxy in front does
                    route.resume(new Route.ResumeOptions().setUrl(asked.replace("/scepsy/", "/")));
                }
            });
            visit.open("").awaitView("Overview").awaitText("workflow-01");
            visit.page()
                    .getByText("live", new Page.GetByTextOptions().setExact(true))
                    .waitFor();
            visit.page()
                    .getByRole(AriaRole.LINK, new Page.GetByRoleOptions().setName("Cluster"))
                    .click();
            visit.awaitView("Cluster").awaitText("node-001");
            assertThat(outside).isEmpty();
        }
    }

    @Test
    void filesAreShownByTheSamePageAndWhatIsMissingIsSaid(@TempDir Path folder) throws Exception {
        Files.writeString(folder.resolve("workflows.json"), """
                {"workflows": [{"name": "rag", "targetPerSecond": 1.5, "executions": 40,
                  "endToEndSeconds": {"mean": 6.1, "p50": 5.0, "p95": 14.2, "p99": 20.9},
                  "models": [{"model": "generator", "callsPerExecution": 3.2}]}]}
                """);
        ServiceLog log = new ServiceLog(System.err, false, Instant::now);
        try (FolderView view = FolderView.open(folder, 0, log, line -> {});
                Visit visit =
                        chromium.visit("http://127.0.0.1:" + view.address().getPort() + "/", Look.DESK)) {
            visit.open("").awaitView("Overview").awaitText("rag");
            visit.go("#/cluster").awaitView("Cluster").awaitText("not in this folder: cluster.yaml");
            visit.go("#/proposals").awaitView("Proposals").awaitText("not in this folder: proposals.json");
            visit.go("#/history").awaitView("History").awaitText("not in this folder: plan.json");
            visit.go("#/executions").awaitView("Executions").awaitText("not in this folder: traces");
        }
    }
}
