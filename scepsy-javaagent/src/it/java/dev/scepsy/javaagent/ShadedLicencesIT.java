package dev.scepsy.javaagent;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.jar.JarFile;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Every class that a jar ships is ours, or of somebody whose licence THIRD-PARTY.txt names and who allows it; the jar says so too. */
class ShadedLicencesIT {

    private static final Path ROOT = Path.of(System.getProperty("scepsy.root"));
    /** MPL-2.0 binds those who change its own files, which nobody does here; its source is named. */
    private static final Set<String> ALLOWED =
            Set.of("Apache-2.0", "MIT", "MIT-0", "MPL-2.0", "BSD-2-Clause", "BSD-3-Clause");

    /** Below it the page's files of others lie. */
    private static final String PAGE = "page/assets/lib/";

    /** Where relocated packages come from. */
    private static final Map<String, String> MOVED = Map.of(
            "dev/scepsy/shaded/cluster/jackson", "com/fasterxml/jackson",
            "dev/scepsy/shaded/cluster/snakeyaml", "org/snakeyaml",
            "dev/scepsy/shaded/cluster/slf4j", "org/slf4j",
            "dev/scepsy/shaded/opentelemetry", "io/opentelemetry",
            "dev/scepsy/shaded/bytebuddy", "net/bytebuddy");

    @ParameterizedTest
    @ValueSource(
            strings = {
                "scepsy-planner/target/scepsy-cli.jar",
                "scepsy-planner/target/scepsy-cluster-client.jar",
                "scepsy-javaagent/target/scepsy-javaagent.jar",
                "scepsy-javaagent/target/scepsy-otel-extension.jar"
            })
    void whatAJarHoldsOfOthersIsNamedWithAnAllowedLicence(String jar) throws IOException {
        Map<String, String> licences = licences();
        Set<String> unnamed = new TreeSet<>();
        try (JarFile file = new JarFile(ROOT.resolve(jar).toFile())) {
            file.stream()
                    .map(entry -> entry.getName()
                            .replaceFirst("^META-INF/versions/[0-9]+/", "")
                            .replaceFirst("^inst/", ""))
                    .filter(name -> name.endsWith(".class") || name.endsWith(".classdata") || name.contains(PAGE))
                    .map(ShadedLicencesIT::original)
                    .filter(name -> !name.endsWith("/"))
                    .filter(name -> !name.matches("dev/scepsy/(planner|langchain4j|javaagent)/.*")
                            && !name.startsWith("module-info"))
                    .filter(name -> licences.keySet().stream().noneMatch(prefix -> name.startsWith(prefix + "/")))
                    .forEach(unnamed::add);
            assertThat(file.getEntry("META-INF/LICENSE"))
                    .as("LICENSE in %s", jar)
                    .isNotNull();
            assertThat(file.getEntry("META-INF/NOTICE")).as("NOTICE in %s", jar).isNotNull();
            var named = file.getEntry("META-INF/NOTICE-THIRD-PARTY.txt");
            assertThat(named).as("THIRD-PARTY in %s", jar).isNotNull();
            assertThat(new String(file.getInputStream(named).readAllBytes(), StandardCharsets.UTF_8))
                    .isEqualTo(Files.readString(ROOT.resolve("THIRD-PARTY.txt")));
        }
        assertThat(unnamed)
                .as("classes of %s that THIRD-PARTY.txt does not name", jar)
                .isEmpty();
        assertThat(licences.values()).allMatch(ALLOWED::contains);
    }

    private static String original(String name) {
        if (name.contains(PAGE)) {
            return name.substring(name.indexOf(PAGE));
        }
        return MOVED.entrySet().stream()
                .filter(moved -> name.startsWith(moved.getKey() + "/"))
                .map(moved -> moved.getValue() + name.substring(moved.getKey().length()))
                .findFirst()
                .orElse(name);
    }

    /** By package. */
    private static Map<String, String> licences() throws IOException {
        Map<String, String> licences = new TreeMap<>();
        boolean table = false;
        for (String line : Files.readAllLines(ROOT.resolve("THIRD-PARTY.txt"))) {
            String[] words = line.split(" {2,}");
            if (line.startsWith("package ")) {
                table = true;
            } else if (table && words.length == 3) {
                licences.put(words[0], words[1]);
            } else {
                table = false;
            }
        }
        assertThat(licences).hasSizeGreaterThan(10);
        return licences;
    }
}
