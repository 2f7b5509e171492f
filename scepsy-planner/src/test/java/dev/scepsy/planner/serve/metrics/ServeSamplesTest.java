package dev.scepsy.planner.serve.metrics;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;

/** What stands in {@code samples/serve} names metrics and labels that the service has. */
class ServeSamplesTest {

    private static final Path FOLDER = Path.of("../samples/serve");
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Pattern NAME = Pattern.compile("\\b(?:scepsy|jvm|process|system)_[a-z0-9_]+");
    private static final Pattern SELECTOR = Pattern.compile("\\b([a-z0-9_]+)\\{([^}]*)}");
    private static final Set<String> OF_PROMETHEUS = Set.of("job", "instance");

    private static JsonNode yaml(String file) throws IOException {
        return JSON.valueToTree(
                new Load(LoadSettings.builder().build()).loadFromString(Files.readString(FOLDER.resolve(file))));
    }

    /** Metrics of the page, which {@link ServiceMetricsTest} holds against what is exposed, with their labels. */
    private static Map<String, Set<String>> onPage() throws IOException {
        Map<String, Set<String>> metrics = new TreeMap<>();
        Pattern.compile("(?m)^\\| `([a-z_0-9]+)(?:\\{([^}]*)})?` \\| (\\w+)")
                .matcher(Files.readString(Path.of("../docs/reference/service/metrics.md")))
                .results()
                .forEach(row -> {
                    Set<String> labels = new HashSet<>(OF_PROMETHEUS);
                    if (row.group(2) != null) {
                        labels.addAll(Arrays.asList(row.group(2).split(",")));
                    }
                    Stream<String> names = row.group(3).equals("summary")
                            ? Stream.of("_sum", "_count", "_max").map(suffix -> row.group(1) + suffix)
                            : Stream.of(row.group(1));
                    names.forEach(name -> metrics.put(name, labels));
                });
        return metrics;
    }

    private static List<String> expressions() throws IOException {
        List<String> expressions = new ArrayList<>();
        yaml("alerts.yaml")
                .at("/groups/0/rules")
                .forEach(rule -> expressions.add(rule.path("expr").asText()));
        JsonNode dashboard = JSON.readTree(FOLDER.resolve("dashboard.json").toFile());
        dashboard
                .path("panels")
                .forEach(panel -> panel.path("targets")
                        .forEach(target -> expressions.add(target.path("expr").asText())));
        dashboard.at("/templating/list").forEach(variable -> {
            if (variable.path("type").asText().equals("query")) {
                expressions.add(variable.at("/query/query").asText());
            }
        });
        return expressions;
    }

    @Test
    void everyMetricAndLabelThatIsNamedExists() throws Exception {
        Map<String, Set<String>> known = onPage();
        assertThat(expressions()).hasSizeGreaterThan(40);
        Set<String> named = new TreeSet<>();
        for (String expression : expressions()) {
            NAME.matcher(expression).results().map(MatchResult::group).forEach(named::add);
            SELECTOR.matcher(expression).results().forEach(selector -> {
                for (String matcher : selector.group(2).split(",")) {
                    String label = matcher.split("[=!~]")[0].strip();
                    assertThat(known.getOrDefault(selector.group(1), OF_PROMETHEUS))
                            .as(expression)
                            .contains(label);
                }
            });
        }
        assertThat(named).isSubsetOf(known.keySet());
    }

    @Test
    void bracketsOfEveryExpressionMatch() throws Exception {
        for (String expression : expressions()) {
            int depth = 0;
            for (char c : expression.replaceAll("\"[^\"]*\"", "").toCharArray()) {
                depth += "({[".indexOf(c) >= 0 ? 1 : ")}]".indexOf(c) >= 0 ? -1 : 0;
                assertThat(depth).as(expression).isNotNegative();
            }
            assertThat(depth).as(expression).isZero();
        }
    }

    @Test
    void everyAlertSaysWhatToDo() throws Exception {
        JsonNode rules = yaml("alerts.yaml").at("/groups/0/rules");
        Set<String> names = new HashSet<>();
        for (JsonNode rule : rules) {
            assertThat(names.add(rule.path("alert").asText())).isTrue();
            assertThat(rule.at("/labels/severity").asText()).isIn("critical", "warning", "info");
            assertThat(rule.at("/annotations/summary").asText()).isNotBlank();
            assertThat(rule.at("/annotations/description").asText()).isNotBlank();
        }
        assertThat(rules).hasSizeGreaterThan(8);
    }

    @Test
    void theDashboardIsOneThatGrafanaImports() throws Exception {
        JsonNode dashboard = JSON.readTree(FOLDER.resolve("dashboard.json").toFile());
        assertThat(dashboard.path("schemaVersion").asInt()).isGreaterThanOrEqualTo(36);
        assertThat(dashboard.path("title").asText()).isNotBlank();
        assertThat(dashboard.path("uid").asText()).matches("[a-zA-Z0-9_-]{1,40}");
        Set<Integer> ids = new HashSet<>();
        Set<String> places = new HashSet<>();
        for (JsonNode panel : dashboard.path("panels")) {
            assertThat(ids.add(panel.path("id").asInt())).isTrue();
            assertThat(panel.path("type").asText()).isIn("timeseries", "stat");
            assertThat(panel.at("/datasource/uid").asText()).isEqualTo("${datasource}");
            JsonNode place = panel.path("gridPos");
            assertThat(place.path("x").asInt() + place.path("w").asInt()).isBetween(1, 24);
            for (int x = 0; x < place.path("w").asInt(); x++) {
                for (int y = 0; y < place.path("h").asInt(); y++) {
                    assertThat(places.add((place.path("x").asInt() + x) + " "
                                    + (place.path("y").asInt() + y)))
                            .as("%s overlaps another panel", panel.path("title"))
                            .isTrue();
                }
            }
            Set<String> references = new HashSet<>();
            panel.path("targets")
                    .forEach(target -> assertThat(
                                    references.add(target.path("refId").asText()))
                            .isTrue());
            assertThat(references).isNotEmpty();
        }
        for (MatchResult variable : Pattern.compile("\\$\\{?([a-z]+)\\b")
                .matcher(dashboard.toString())
                .results()
                .toList()) {
            assertThat(dashboard.at("/templating/list"))
                    .extracting(each -> each.path("name").asText())
                    .contains(variable.group(1));
        }
    }

    @Test
    void theOtherFilesNameThePortsOfTheDefaults() throws Exception {
        assertThat(yaml("prometheus.yaml")
                        .at("/scrape_configs/0/static_configs/0/targets/0")
                        .asText())
                .isEqualTo("127.0.0.1:8844");
        assertThat(yaml("prometheus.yaml").at("/rule_files/0").asText()).isEqualTo("alerts.yaml");
        JsonNode collector = yaml("collector.yaml");
        assertThat(collector.at("/exporters/otlp~1scepsy/endpoint").asText()).isEqualTo("127.0.0.1:4317");
        collector
                .at("/service/pipelines")
                .forEach(pipeline -> pipeline.path("exporters")
                        .forEach(exporter -> assertThat(
                                        collector.path("exporters").has(exporter.asText()))
                                .isTrue()));
    }

    @Test
    void promtoolTakesTheRules() throws Exception {
        Optional<Path> promtool = Stream.concat(
                        Stream.ofNullable(System.getenv("SCEPSY_PROMTOOL")).map(Path::of),
                        Arrays.stream(System.getenv().getOrDefault("PATH", "").split(File.pathSeparator))
                                .map(folder -> Path.of(folder, "promtool")))
                .filter(Files::isExecutable)
                .findFirst();
        if (promtool.isEmpty()) {
            System.out.println(
                    "NOT RUN: promtool check rules, because there is no promtool on the PATH or in SCEPSY_PROMTOOL");
            return;
        }
        for (List<String> check :
                List.of(List.of("check", "rules", "alerts.yaml"), List.of("check", "config", "prometheus.yaml"))) {
            List<String> command = new ArrayList<>(List.of(promtool.get().toString()));
            command.addAll(check);
            Process process = new ProcessBuilder(command)
                    .directory(FOLDER.toFile())
                    .redirectErrorStream(true)
                    .start();
            String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            assertThat(process.waitFor(30, TimeUnit.SECONDS)).isTrue();
            assertThat(process.exitValue()).as(said).isZero();
        }
    }
}
