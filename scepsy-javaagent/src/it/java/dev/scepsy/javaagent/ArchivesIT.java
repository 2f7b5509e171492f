package dev.scepsy.javaagent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.scepsy.javaagent.scenario.Main;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Class data sharing goes on working: the agent appends nothing to the boot loader. And what comes from an archive is woven all
 * the same.
 */
class ArchivesIT {

    private static final int JDK_WITH_AOT_CACHE = 25;
    private static final int SPANS = 32 * Main.ROUNDS + 1; // And the passage that was stored before the first round.

    @TempDir
    Path folder = Path.of("");

    @Test
    void anArchiveOfTheApplicationsClassesIsUsedWithTheAgent() throws IOException {
        int jdk = Runtime.version().feature();
        try (Launches launches = new Launches()) {
            Path archive = folder.resolve("application.jsa");
            scenario(launches, jdk, 0, "-XX:ArchiveClassesAtExit=" + archive);
            Path loaded = folder.resolve("loaded");

            scenario(
                    launches,
                    jdk,
                    SPANS,
                    "-XX:SharedArchiveFile=" + archive,
                    "-Xlog:class+load:file=" + loaded,
                    agent());

            assertThat(fromArchive(loaded, "dev.langchain4j.")).isGreaterThan(100);
        }
    }

    @Test
    void anAheadOfTimeCacheTrainedWithTheAgentIsUsedWithIt() throws IOException {
        assumeTrue(Jdks.home(JDK_WITH_AOT_CACHE).isPresent(), "NOT RUN: no JDK " + JDK_WITH_AOT_CACHE + " found");
        try (Launches launches = new Launches()) {
            Path cache = folder.resolve("application.aot");
            scenario(launches, JDK_WITH_AOT_CACHE, SPANS, "-XX:AOTCacheOutput=" + cache, agent());
            Path loaded = folder.resolve("loaded");

            scenario(
                    launches,
                    JDK_WITH_AOT_CACHE,
                    SPANS,
                    "-XX:AOTCache=" + cache,
                    "-XX:AOTMode=on", // Refuses to start when the cache cannot be used.
                    "-Xlog:class+load:file=" + loaded,
                    agent());

            assertThat(fromArchive(loaded, "dev.langchain4j.")).isGreaterThan(100);
        }
    }

    private static String agent() {
        return "-javaagent:" + ForkedJvm.agentJar();
    }

    private static void scenario(Launches launches, int jdk, int spans, String... options) {
        try (SpanReceiver receiver = new SpanReceiver();
                ModelServer models = new ModelServer()) {
            List<String> command = new ArrayList<>();
            command.add(Jdks.home(jdk).orElseThrow().resolve("bin/java").toString());
            command.addAll(List.of("-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1"));
            command.addAll(Arrays.asList(options));
            command.addAll(List.of("-cp", launches.classPath(List.of()), Main.class.getName(), models.baseUrl()));
            Map<String, String> variables =
                    Map.of("OTEL_EXPORTER_OTLP_ENDPOINT", receiver.endpoint(), "SCEPSY_EXIT_FLUSH_MILLIS", "30000");
            try (Running running = new Running(command, variables)) {
                ForkedJvm.Outcome outcome = running.end();

                assertThat(outcome.exitCode()).as(outcome.err()).isZero();
                assertThat(outcome.err()).doesNotContain("Sharing is only supported");
                assertThat(receiver.spans()).hasSize(spans);
                new Trees(receiver.spans()).mustBeWhole();
            }
        }
    }

    private static long fromArchive(Path loaded, String prefix) throws IOException {
        try (var lines = Files.lines(loaded)) {
            return lines.filter(line -> line.contains(" " + prefix) && line.contains("source: shared objects file"))
                    .count();
        }
    }
}
