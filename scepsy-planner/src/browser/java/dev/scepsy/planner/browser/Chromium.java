package dev.scepsy.planner.browser;

import com.microsoft.playwright.Browser;
import com.microsoft.playwright.BrowserContext;
import com.microsoft.playwright.BrowserType;
import com.microsoft.playwright.Playwright;
import com.microsoft.playwright.options.ColorScheme;
import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Assumptions;

/**
 * An installed Chromium, driven by Playwright, which never downloads one: what {@code SCEPSY_CHROMIUM} names, else what lies on the path. Its sandbox is
 * left off only for root, whom Chromium has none for.
 */
public final class Chromium implements AutoCloseable {

    private static final List<String> NAMES =
            List.of("chromium", "chromium-browser", "google-chrome-stable", "google-chrome");
    private static final int HEIGHT = 900;

    private final Playwright playwright;
    private final Browser browser;

    private Chromium(Playwright playwright, Browser browser) {
        this.playwright = playwright;
        this.browser = browser;
    }

    /** How a page is looked at. @param width in CSS pixels */
    public record Look(int width, boolean dark) {
        public static final Look DESK = new Look(1280, false);

        /** Both themes at both widths. */
        public static List<Look> all() {
            return List.of(DESK, new Look(1280, true), new Look(390, false), new Look(390, true));
        }

        @Override
        public String toString() {
            return width + (dark ? "-dark" : "-light");
        }
    }

    /** Says that the tests were not run and why, where there is none. */
    public static void assumeInstalled() {
        if (executable().isEmpty()) {
            String sentence =
                    "NOT RUN: no Chromium on the path, and SCEPSY_CHROMIUM names none: the page was not looked at.";
            System.out.println(sentence);
            Assumptions.abort(sentence);
        }
    }

    /** Starts it, or says that the tests were not run and why. */
    public static Chromium start() {
        assumeInstalled();
        Path executable = executable().orElseThrow();
        Playwright playwright = Playwright.create(
                new Playwright.CreateOptions().setEnv(Map.of("PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD", "1")));
        try {
            List<String> arguments = new ArrayList<>(List.of("--disable-dev-shm-usage", "--disable-gpu"));
            return new Chromium(
                    playwright,
                    playwright
                            .chromium()
                            .launch(new BrowserType.LaunchOptions()
                                    .setExecutablePath(executable)
                                    .setChromiumSandbox(!isRoot())
                                    .setHeadless(true)
                                    .setArgs(arguments)));
        } catch (RuntimeException e) {
            playwright.close();
            throw e;
        }
    }

    private static boolean isRoot() {
        return "root".equals(System.getProperty("user.name"));
    }

    private static Optional<Path> executable() {
        String named = System.getenv("SCEPSY_CHROMIUM");
        if (named != null && !named.isBlank()) {
            Path path = Path.of(named);
            if (!Files.isExecutable(path)) {
                throw new AssertionError("SCEPSY_CHROMIUM (" + named + ") names no program.");
            }
            return Optional.of(path);
        }
        for (String folder : System.getenv().getOrDefault("PATH", "").split(File.pathSeparator)) {
            for (String name : NAMES) {
                Path path = Path.of(folder.isEmpty() ? "." : folder, name);
                if (Files.isExecutable(path)) {
                    return Optional.of(path);
                }
            }
        }
        return Optional.empty();
    }

    /**
     * Opens a page that nobody has opened before.
     *
     * @param url where the page is, with the slash at its end
     */
    public Visit visit(String url, Look look) {
        BrowserContext context = browser.newContext(new Browser.NewContextOptions()
                .setViewportSize(look.width(), HEIGHT)
                .setColorScheme(look.dark() ? ColorScheme.DARK : ColorScheme.LIGHT)
                .setLocale("en-GB")
                .setTimezoneId("UTC"));
        return new Visit(context, url);
    }

    public String version() {
        return browser.version();
    }

    @Override
    public void close() {
        browser.close();
        playwright.close();
    }
}
