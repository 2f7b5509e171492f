package dev.scepsy.planner.browser;

import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.BrowserContext;
import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.options.AriaRole;
import java.net.URI;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import java.util.regex.Pattern;

/**
 * One person looking at the page, with cookies of their own. Whatever the page asks of another host, writes as an error, or breaks of its policy
 * is kept, and {@link #close} finds it.
 */
public final class Visit implements AutoCloseable {

    /** What a person is patient for, on a machine that does other things too. */
    private static final double PATIENCE_MILLIS = 30_000;

    /** The browser tells of every answer that is no success; whether it should be one is the test's to say. */
    private static final Pattern UNSUCCESSFUL = Pattern.compile("^Failed to load resource: .*");

    private final BrowserContext context;
    private final Page page;
    private final String url;
    private final List<String> wrong = new ArrayList<>();
    private final List<String> unsuccessful = new ArrayList<>();

    Visit(BrowserContext context, String url) {
        this.context = context;
        this.url = url;
        URI own = URI.create(url);
        context.setDefaultTimeout(PATIENCE_MILLIS);
        context.addInitScript(
                "addEventListener('securitypolicyviolation', e => console.error('POLICY ' + e.violatedDirective"
                        + " + ' ' + e.blockedURI));");
        context.onRequest(request -> {
            URI asked = URI.create(request.url().replaceAll("[|\\[\\]{}<>\\\\^` ]", "_"));
            if (!String.valueOf(asked.getHost()).equals(own.getHost()) || asked.getPort() != own.getPort()) {
                wrong.add("It asked another host: " + request.url());
            }
        });
        context.onConsoleMessage(message -> {
            if (UNSUCCESSFUL.matcher(message.text()).matches()) {
                unsuccessful.add(message.text());
            } else if (message.type().equals("error") || message.type().equals("warning")) {
                wrong.add(message.type() + ": " + message.text());
            }
        });
        context.onWebError(error -> wrong.add("It threw " + error.error()));
        context.onDialog(dialog -> {
            wrong.add("It said by a dialog of the browser's: " + dialog.message());
            dialog.dismiss();
        });
        page = context.newPage();
    }

    public BrowserContext context() {
        return context;
    }

    public Page page() {
        return page;
    }

    /** Goes to a view, such as {@code #/overview}. */
    public Visit open(String hash) {
        page.navigate(url + hash);
        return this;
    }

    /** Changes the view as a link of the page does. */
    public Visit go(String hash) {
        page.evaluate("hash => { location.hash = hash; }", hash);
        return this;
    }

    /** Waits for this heading, and until nothing says that it is being read. */
    public Visit awaitView(String heading) {
        page.getByRole(AriaRole.HEADING, new Page.GetByRoleOptions().setLevel(1).setName(heading))
                .first()
                .waitFor();
        page.waitForFunction("() => !document.querySelector('main .state.loading')");
        return this;
    }

    public Visit awaitText(String text) {
        page.getByText(text).first().waitFor();
        return this;
    }

    public Locator button(String name) {
        return page.getByRole(AriaRole.BUTTON, new Page.GetByRoleOptions().setName(name))
                .first();
    }

    /** The dialog that is open. */
    public Locator dialog() {
        return page.locator("dialog[open]");
    }

    /** Presses a button of the dialog that is open. */
    public void confirm(String name) {
        dialog().getByRole(
                        AriaRole.BUTTON,
                        new Locator.GetByRoleOptions().setName(name).setExact(true))
                .click();
    }

    /** Signs in with a token, once the page asks for it. */
    public Visit signIn(String token) {
        page.locator("#sign-in[open] input[name=token]").fill(token);
        page.locator("#sign-in[open] button[type=submit]").click();
        page.locator("#sign-in[open]")
                .waitFor(new Locator.WaitForOptions()
                        .setState(com.microsoft.playwright.options.WaitForSelectorState.HIDDEN));
        return this;
    }

    /** Answers that were no success, as the browser tells of them. */
    public List<String> unsuccessful() {
        return unsuccessful;
    }

    /** A picture of what is seen, or of all of the page. */
    public void picture(Path file, boolean whole) {
        page.screenshot(new Page.ScreenshotOptions()
                .setPath(file)
                .setFullPage(whole)
                .setAnimations(com.microsoft.playwright.options.ScreenshotAnimations.DISABLED));
    }

    /** Does something to the page that is not the page's own doing: nothing went wrong before, and what it says meanwhile is not counted. */
    public <T> T aside(Supplier<T> work) {
        assertClean();
        T result = work.get();
        page.evaluate("() => new Promise(done => requestAnimationFrame(() => setTimeout(done)))");
        wrong.clear();
        return result;
    }

    /** Nothing went wrong until now. */
    public void assertClean() {
        assertThat(wrong).as("what the page did wrong").isEmpty();
    }

    @Override
    public void close() {
        try {
            assertClean();
        } finally {
            context.close();
        }
    }
}
