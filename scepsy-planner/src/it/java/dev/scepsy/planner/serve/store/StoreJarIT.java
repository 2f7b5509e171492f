package dev.scepsy.planner.serve.store;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The packaged jar has all that a store needs: drivers, tables, what libraries find by name; and nothing of it writes to standard error. */
class StoreJarIT {

    private static final Path JAR = Path.of("target/scepsy-cli.jar").toAbsolutePath();
    private static final String PROGRAM = """
            import dev.scepsy.planner.serve.journal.*;
            import dev.scepsy.planner.serve.log.ServiceLog;
            import dev.scepsy.planner.serve.settings.*;
            import dev.scepsy.planner.serve.store.*;
            import java.util.Optional;

            class Probe {
                public static void main(String[] url) throws Exception {
                    ServeSettings.StoreSettings settings = new ServeSettings.StoreSettings(url[0], Optional.empty());
                    try (Store store = Stores.open(
                            settings,
                            Stores.credentials(settings, System.getenv()),
                            "probe",
                            ServiceTime.WALL,
                            new ServiceLog(System.out, false, ServiceTime.WALL))) {
                        store.journal().write(new Change().note("n", "1").event(ServiceTime.WALL.instant(), "step", "x"));
                        System.out.println("leads=" + store.leads() + " n=" + store.journal().note("n").get());
                    }
                }
            }
            """;

    @Test
    void aStoreInAFile(@TempDir Path folder) throws Exception {
        assertThat(probe(folder, "jdbc:h2:file:" + folder.resolve("data/scepsy")))
                .contains("leads=true n=1");
        assertThat(folder.resolve("data")).isDirectoryContaining("glob:**/scepsy.mv.db");
        assertThat(Files.list(folder.resolve("data"))).hasSize(2);
    }

    @Test
    void aStoreInPostgres(@TempDir Path folder) throws Exception {
        StoreUrl.Postgres url = RunningPostgres.orNotRun().database();
        assertThat(probe(folder, url.url())).contains("leads=true n=1");
    }

    private static String probe(Path folder, String url) throws IOException, InterruptedException {
        Path program = folder.resolve("Probe.java");
        Files.writeString(program, PROGRAM);
        Path out = folder.resolve("out");
        Path err = folder.resolve("err");
        ProcessBuilder builder = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-XX:TieredStopAtLevel=1",
                        "-cp",
                        JAR.toString(),
                        program.toString(),
                        url)
                .redirectOutput(out.toFile())
                .redirectError(err.toFile());
        builder.environment().put("SCEPSY_STORE_USER", "postgres");
        Process process = builder.start();
        assertThat(process.waitFor(2, TimeUnit.MINUTES)).isTrue();
        assertThat(Files.readString(err, StandardCharsets.UTF_8)).isEmpty();
        assertThat(process.exitValue()).isZero();
        return Files.readString(out, StandardCharsets.UTF_8);
    }
}
