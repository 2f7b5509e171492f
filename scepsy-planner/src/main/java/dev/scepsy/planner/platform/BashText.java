package dev.scepsy.planner.platform;

import dev.scepsy.planner.cluster.EngineLaunch;
import java.util.List;
import java.util.stream.Collectors;

/** Words of Bash, and what both scripts that Scepsy writes know of engines. */
final class BashText {

    private BashText() {}

    /** {@code text} as one word that Bash takes as it is. */
    static String word(String text) {
        return text.matches("[A-Za-z0-9_./:=@%+-]+") ? text : "'" + text.replace("'", "'\\''") + "'";
    }

    static String words(List<String> texts) {
        return texts.stream().map(BashText::word).collect(Collectors.joining(" "));
    }

    /** What {@code probes.sh} has to know, before it. */
    static String probes() {
        return "METRICS=(" + words(EngineLaunch.metricsPaths()) + ")\n"
                + "# Lines of an engine's metrics that count the requests inside it.\n"
                + "GAUGES=" + word(EngineLaunch.requestLines()) + "\n\n"
                + Resources.text("probes.sh");
    }
}
