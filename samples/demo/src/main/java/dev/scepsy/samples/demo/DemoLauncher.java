package dev.scepsy.samples.demo;

import java.io.File;
import java.io.IOException;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Properties;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;

/**
 * Runs the demo out of Maven's JVM in one of its own. Where the demo fails Maven is ended with it: what the demo says last is then the
 * last line, not a report of a build that had no fault.
 */
public final class DemoLauncher {

    private static final int PATIENCE_SECONDS = 40;

    private DemoLauncher() {}

    public static void main(String[] arguments) throws IOException, InterruptedException {
        ClassLoader loader = DemoLauncher.class.getClassLoader();
        String classPath = loader instanceof URLClassLoader urls
                ? Arrays.stream(urls.getURLs()).map(DemoLauncher::file).collect(Collectors.joining(File.pathSeparator))
                : System.getProperty("java.class.path", "");
        Process demo = new ProcessBuilder(command(classPath, System.getProperties()))
                .directory(new File(System.getProperty("maven.multiModuleProjectDirectory", ".")))
                .inheritIO()
                .start();
        Runtime.getRuntime().addShutdownHook(new Thread(() -> end(demo), "end-demo"));
        int code = demo.waitFor();
        if (code != 0) {
            System.out.flush();
            System.exit(code);
        }
    }

    /** Where Maven is interrupted the demo ends with it, and has the time that it needs for that. */
    private static void end(Process demo) {
        demo.destroy();
        try {
            if (!demo.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
                demo.destroyForcibly();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** What is started; properties of the demo are handed on. */
    static List<String> command(String classPath, Properties properties) {
        List<String> command = new ArrayList<>(List.of(
                Path.of(properties.getProperty("java.home", "."), "bin", "java").toString(),
                "-Xmx1g",
                "-XX:+UseSerialGC",
                "-classpath",
                classPath));
        properties.stringPropertyNames().stream()
                .filter(name ->
                        name.startsWith("demo.") || name.startsWith("scepsy.demo") || name.equals("scepsy.full"))
                .sorted()
                .forEach(name -> command.add("-D" + name + "=" + properties.getProperty(name)));
        command.add(DemoMain.class.getName());
        return command;
    }

    private static String file(URL url) {
        try {
            URI uri = url.toURI();
            return Path.of(uri).toString();
        } catch (URISyntaxException e) {
            throw new IllegalStateException("No file: " + url, e);
        }
    }
}
