package dev.scepsy.planner.serve.web;

import com.deque.html.axecore.playwright.AxeBuilder;
import com.deque.html.axecore.results.CheckedNode;
import com.deque.html.axecore.results.Rule;
import dev.scepsy.planner.browser.Visit;
import java.util.ArrayList;
import java.util.List;

/** What axe finds on a page. */
final class Accessibility {

    private static final int MOST_NODES = 5;

    private Accessibility() {}

    /** Serious and critical findings, a line each. */
    static List<String> findings(Visit visit, String where) {
        List<String> lines = new ArrayList<>();
        // one document without frames: nothing has to be put together in a page of its own. What axe does in the page
        // is not the page's doing
        for (Rule rule : visit.aside(
                        () -> new AxeBuilder(visit.page()).setLegacyMode(true).analyze())
                .getViolations()) {
            if ("serious".equals(rule.getImpact()) || "critical".equals(rule.getImpact())) {
                List<String> nodes = rule.getNodes().stream()
                        .limit(MOST_NODES)
                        .map(CheckedNode::getHtml)
                        .map(html -> html.length() > 200 ? html.substring(0, 200) : html)
                        .toList();
                lines.add(where + ": " + rule.getImpact() + " " + rule.getId() + ", "
                        + rule.getNodes().size() + " times: " + nodes);
            }
        }
        return lines;
    }
}
