package dev.scepsy.samples.demo;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * What the build tells the demo, as system properties.
 *
 * @param folder where the demo writes ({@code demo.folder})
 * @param agentJar the agent ({@code demo.agent})
 * @param applicationJar the sample application ({@code demo.application})
 * @param cliJar the command line ({@code demo.cli}), which the day's service runs from
 * @param timeScale emulated seconds per real second ({@code demo.timeScale}), in [1, 30]
 * @param routing how a request finds an engine ({@code scepsy.demo.routing})
 */
record DemoSettings(Path folder, Path agentJar, Path applicationJar, Path cliJar, double timeScale, Routing routing) {

    private static final String DEFAULT_TIME_SCALE = "10";
    private static final String TIME_SCALE_OF_DAY = "12";

    static DemoSettings fromSystemProperties() {
        boolean day = DemoMain.DAY.equals(System.getProperty("scepsy.demo"));
        DemoSettings settings = new DemoSettings(
                Path.of(System.getProperty("demo.folder", day ? "target/demo-day" : "target/demo")),
                Path.of(System.getProperty("demo.agent", "scepsy-javaagent/target/scepsy-javaagent.jar")),
                Path.of(System.getProperty(
                        "demo.application", "samples/research-assistant/target/research-assistant.jar")),
                Path.of(System.getProperty("demo.cli", "scepsy-planner/target/scepsy-cli.jar")),
                Double.parseDouble(System.getProperty("demo.timeScale", day ? TIME_SCALE_OF_DAY : DEFAULT_TIME_SCALE)),
                Routing.of(System.getProperty("scepsy.demo.routing", Routing.ROUTER.toString())));
        List<String> missing = new ArrayList<>();
        for (Path jar : List.of(settings.agentJar, settings.applicationJar, settings.cliJar)) {
            if (!Files.isRegularFile(jar)) {
                missing.add(jar.toString());
            }
        }
        if (!missing.isEmpty()) {
            throw new DemoFailure("Not built yet: " + String.join(", ", missing) + ". Run ./mvnw -Pdemo.");
        }
        return settings;
    }
}
