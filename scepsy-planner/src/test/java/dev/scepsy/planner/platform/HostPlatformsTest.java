package dev.scepsy.planner.platform;

import static dev.scepsy.planner.platform.PlacedPlans.files;
import static dev.scepsy.planner.platform.PlacedPlans.refused;
import static org.assertj.core.api.Assertions.assertThat;

import dev.scepsy.planner.topology.Sharing;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Scripts and units: what they start, in which order, and what they refuse. */
class HostPlatformsTest {

    private static final List<String> ODD = List.of("--seed", "7", "--chat-template", "it's 100% \"$HOME\" \\ `x`");

    @TempDir
    private Path folder;

    private static PlacedPlan shared() {
        return PlacedPlans.onMps()
                .arguments("critic", ODD.toArray(String[]::new))
                .with("critic", 0.5, "node-1:0", "node-1:1")
                .with("judge", 0.3, "node-1:0")
                .with("large", 1, "node-1:2,3")
                .placed();
    }

    private record Ended(int code, String out) {}

    private Ended run(String... command) throws IOException, InterruptedException {
        Path out = folder.resolve("out");
        Process process = new ProcessBuilder(command)
                .directory(folder.toFile())
                .redirectErrorStream(true)
                .redirectOutput(out.toFile())
                .start();
        assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
        return new Ended(process.exitValue(), Files.readString(out));
    }

    private static boolean isThere(String program) {
        for (String place : System.getenv("PATH").split(":")) {
            if (Files.isExecutable(Path.of(place, program))) {
                return true;
            }
        }
        System.out.println("NOT RUN: what " + program + " says of the scripts and units (it is not in PATH)");
        return false;
    }

    /** What a script gives the program that it becomes, word for word, and its variables. */
    private List<String> startedBy(String script, String engine) throws IOException, InterruptedException {
        Path bin = Files.createDirectories(folder.resolve("bin"));
        Path vllm = bin.resolve("vllm");
        Files.writeString(vllm, """
                #!/bin/sh
                for word in "$@"; do printf '%s\\n' "$word"; done
                env | grep -E '^(CUDA|HF_HOME)' | sort
                """);
        assertThat(vllm.toFile().setExecutable(true)).isTrue();
        Path file = folder.resolve("node.sh");
        Files.writeString(file, script);
        Ended ended = run(
                "env",
                "PATH=" + bin + ":" + System.getenv("PATH"),
                "SCEPSY_HOST=10.0.0.1",
                "bash",
                file.toString(),
                "run",
                engine);
        assertThat(ended.code).as(ended.out).isZero();
        return ended.out.lines().toList();
    }

    @Test
    void theScriptStartsWhatKubernetesWouldStart() throws Exception {
        PlacedPlan plan = shared();
        String script = files(new ShellPlatform().render(plan)).files().get("node-1.sh");
        PlannedEngine engine = plan.byModel().get("critic").get(1);

        List<String> expected = new ArrayList<>(List.of("serve"));
        expected.addAll(engine.argumentsWith("--port", "8001"));
        expected.set(expected.indexOf("--host") + 1, "10.0.0.1");
        assertThat(startedBy(script, "critic-1"))
                .containsSequence(expected)
                .containsSequence(ODD)
                .contains(
                        "CUDA_DEVICE_ORDER=PCI_BUS_ID",
                        "CUDA_VISIBLE_DEVICES=1",
                        "CUDA_MPS_ACTIVE_THREAD_PERCENTAGE=50",
                        "CUDA_MPS_PINNED_DEVICE_MEM_LIMIT=0=40960M",
                        "CUDA_MPS_PIPE_DIRECTORY=/tmp/nvidia-mps",
                        "HF_HOME=/var/lib/scepsy/models");
        assertThat(startedBy(script, "large-0"))
                .contains("CUDA_VISIBLE_DEVICES=2,3")
                .noneMatch(line -> line.startsWith("CUDA_MPS_PIPE") || line.startsWith("CUDA_MPS_ACTIVE"));
        assertThat(script).contains("WAVES=(\"critic-0 critic-1 large-0\" \"judge-0\")");
    }

    @Test
    void shellcheckFindsNothing() throws Exception {
        if (isThere("shellcheck")) {
            Files.writeString(
                    folder.resolve("node-1.sh"),
                    files(new ShellPlatform().render(shared())).files().get("node-1.sh"));
            Files.writeString(
                    folder.resolve("engine.sh"),
                    files(new SystemdPlatform().render(shared())).files().get("engine.sh"));
            Ended ended = run("shellcheck", "node-1.sh", "engine.sh");
            assertThat(ended.code).as(ended.out).isZero();
        }
    }

    /** The words of a unit's command line, as {@code systemd.service(5)} reads them. */
    private static List<String> words(String unit) {
        Matcher line = Pattern.compile("^ExecStart=/usr/bin/env (.*)$", Pattern.MULTILINE)
                .matcher(unit);
        assertThat(line.find()).isTrue();
        List<String> words = new ArrayList<>();
        Matcher word = Pattern.compile("\"((?:\\\\.|[^\"\\\\])*)\"|(\\S+)").matcher(line.group(1));
        while (word.find()) {
            String text = word.group(1) != null ? word.group(1).replaceAll("\\\\(.)", "$1") : word.group(2);
            words.add(text.replace("%%", "%").replace("$$", "$"));
        }
        return words;
    }

    @Test
    void unitsStartTheSameInTheSameOrder() {
        PlacedPlan plan = shared();
        Map<String, String> units = files(new SystemdPlatform().render(plan)).files();
        assertThat(units)
                .containsOnlyKeys(
                        "scepsy.target",
                        "engines.env",
                        "engine.sh",
                        "scepsy-mps.service",
                        "scepsy-critic-0.service",
                        "scepsy-critic-1.service",
                        "scepsy-judge-0.service",
                        "scepsy-large-0.service");
        List<String> expected = new ArrayList<>(List.of("vllm", "serve"));
        expected.addAll(plan.byModel().get("critic").get(1).argumentsWith("--port", "8001"));
        expected.set(expected.indexOf("--host") + 1, "${SCEPSY_HOST}");
        assertThat(words(units.get("scepsy-critic-1.service"))).isEqualTo(expected);
        assertThat(units.get("scepsy-judge-0.service"))
                .contains("After=network-online.target scepsy-mps.service scepsy-critic-0.service\n")
                .contains("Requires=scepsy-mps.service")
                .contains("CUDA_MPS_ACTIVE_THREAD_PERCENTAGE=30");
        assertThat(units.get("scepsy-large-0.service"))
                .contains("After=network-online.target\n")
                .doesNotContain("MPS");
    }

    @Test
    void systemdReadsTheUnits() throws Exception {
        if (isThere("systemd-analyze")) {
            Path units = Files.createDirectories(folder.resolve("units"));
            for (Map.Entry<String, String> file :
                    files(new SystemdPlatform().render(shared())).files().entrySet()) {
                Files.writeString(units.resolve(file.getKey()), file.getValue(), StandardCharsets.UTF_8);
            }
            Ended ended = run("sh", "-c", "systemd-analyze --man=no verify units/*.service units/scepsy.target");
            assertThat(ended.out
                            .lines()
                            .filter(line -> !line.contains("/usr/local/lib/scepsy/engine.sh is not executable")))
                    .isEmpty();
        }
    }

    @ParameterizedTest
    @EnumSource(
            value = Sharing.Mode.class,
            names = {"HAMI", "KAI", "DRA"})
    void sharesThatKubernetesAloneEnforcesAreRefusedWithEachEngine(Sharing.Mode mode) {
        PlacedPlan plan = new PlacedPlans()
                .node("node-1", PlacedPlans.grid(mode))
                .with("critic", 0.5, "node-1:0")
                .with("judge", 0.5, "node-1:0")
                .with("large", 1, "node-1:2")
                .placed();
        for (Platform platform : List.of(new ShellPlatform(), new SystemdPlatform())) {
            assertThat(refused(platform.render(plan)).reasons())
                    .hasSize(2)
                    .allSatisfy(reason -> assertThat(reason)
                            .contains(
                                    "node (node-1)",
                                    "sharing (" + mode.name().toLowerCase(java.util.Locale.ROOT) + ")"))
                    .noneMatch(reason -> reason.contains("large"));
        }
    }

    @Test
    void claimsAreRefusedAndFoldersTaken() {
        PlacedPlans plans = PlacedPlans.onMps().with("critic", 0.5, "node-1:0");
        assertThat(refused(new ShellPlatform()
                                .render(plans.options(options -> options.withModelCache("claim:weights"))
                                        .placed()))
                        .reasons())
                .singleElement()
                .asString()
                .contains("claim:weights");
        assertThat(files(new ShellPlatform()
                                .render(plans.options(options -> options.withModelCache("node:/data/my models"))
                                        .placed()))
                        .files()
                        .get("node-1.sh"))
                .contains("export HF_HOME=\"${HF_HOME:-/data/my models}\"");
    }

    @Test
    void timeSlicesLimitNothingAndSaySo() {
        PlacedPlan plan = new PlacedPlans()
                .node("node-1", PlacedPlans.grid(Sharing.Mode.TIME_SLICING))
                .with("critic", 0.5, "node-1:0", "node-1:0")
                .placed();
        Rendering.Files rendered = files(new ShellPlatform().render(plan));
        assertThat(rendered.files().get("node-1.sh"))
                .contains("\nMPS=0\n", "WAVES=(\"critic-0\" \"critic-1\")")
                .doesNotContain("export CUDA_MPS");
        assertThat(rendered.notes())
                .containsExactly(
                        "node-1 f=0.5: placement=gpu; compute=none, time slices; memory=none, the engine's own limit");
    }

    @Test
    void everyNodeHasItsOwnFiles() {
        PlacedPlan plan = PlacedPlans.onMps()
                .node("node-2", PlacedPlans.MPS)
                .with("critic", 1, "node-1:0", "node-2:0")
                .placed();
        assertThat(files(new ShellPlatform().render(plan)).files()).containsOnlyKeys("node-1.sh", "node-2.sh");
        assertThat(files(new SystemdPlatform().render(plan)).files())
                .containsKeys("node-1/scepsy-critic-0.service", "node-2/scepsy-critic-1.service")
                .doesNotContainKey("node-1/scepsy-critic-1.service");
        assertThat(files(new ShellPlatform().render(plan.on("node-2"))).files()).containsOnlyKeys("node-2.sh");
    }
}
