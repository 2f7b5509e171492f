package dev.scepsy.planner.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.scepsy.planner.file.MeasuredProfile;
import dev.scepsy.planner.file.ProfilesFile;
import dev.scepsy.planner.profile.Beside;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The profile verb's arguments, and imports. */
class ProfileCommandTest {

    @TempDir
    Path folder;

    private static Path resource(String name) {
        return Path.of("src/test/resources/dev/scepsy/planner/benchmark", name).toAbsolutePath();
    }

    @Test
    void everyMissingOrWrongArgumentIsReportedAtOnce() {
        CommandLineRun run = CommandLineRun.of(
                "profile",
                "--gpu-fraction",
                "1.5",
                "--max-duration",
                "soon",
                "--resolution",
                "0",
                "--out",
                folder.resolve("p.yaml"));

        assertThat(run.exitCode()).isEqualTo(2);
        assertThat(run.err())
                .contains("--model", "--gpu", "--gpu-fraction", "--endpoint", "--max-duration", "(soon)")
                .contains("Say in one way how long requests are");
        assertThat(folder).isEmptyDirectory();
    }

    @Test
    void lengthsComeFromOnePlaceAndFitTheModel() throws IOException {
        Path workflows = Files.writeString(
                folder.resolve("workflows.json"),
                "{\"workflows\": [{\"name\": \"w\", \"targetPerSecond\": 1, \"models\": [{\"model\": \"other\","
                        + " \"callsPerExecution\": 1}]}]}");

        assertThat(profile("--input-tokens", "5", "--workflows", workflows).err())
                .contains("Say in one way");
        assertThat(profile("--input-tokens", "5").err()).contains("--output-tokens");
        assertThat(profile("--workflows", workflows).err())
                .contains("No workflow reports inputTokens and outputTokens");
        assertThat(profile("--input-tokens", "5", "--output-tokens", "0").exitCode())
                .isEqualTo(2);
    }

    @Test
    void anEndpointThatIsNotThereIsBadInputAndLeavesNothing() {
        CommandLineRun run = profile("--input-tokens", "5", "--output-tokens", "5");

        assertThat(run.exitCode()).isEqualTo(2);
        assertThat(run.err()).contains("cannot be reached").doesNotContain("Exception");
        assertThat(folder).isEmptyDirectory();
    }

    @Test
    void aBrokenProfilesFileIsReportedBeforeAnythingIsMeasured() throws IOException {
        Files.writeString(folder.resolve("p.yaml"), "profiles:\n  - {model: a}\n");

        CommandLineRun run = profile("--input-tokens", "5", "--output-tokens", "5");

        assertThat(run.exitCode()).isEqualTo(2);
        assertThat(run.err()).contains("p.yaml:2").doesNotContain("cannot be reached");
    }

    private CommandLineRun profile(Object... more) {
        Object[] arguments = new Object[more.length + 9];
        List<Object> first = List.of(
                "profile",
                "--endpoint",
                "http://127.0.0.1:9",
                "--model",
                "m",
                "--gpu",
                "L4-24GB",
                "--out",
                folder.resolve("p.yaml"));
        for (int i = 0; i < arguments.length; i++) {
            arguments[i] = i < 9 ? first.get(i) : more[i - 9];
        }
        return CommandLineRun.of(arguments);
    }

    @Test
    void aNeighbourNeedsAShareAndAnAddress() {
        Object[] lengths = {"--input-tokens", "5", "--output-tokens", "5"};
        assertThat(profile(lengths[0], lengths[1], lengths[2], lengths[3], "--beside", "http://127.0.0.1:9")
                        .err())
                .contains("--beside: A replica with all of the card (gpuFraction 1) has no neighbour there.");
        CommandLineRun run = profile(
                lengths[0],
                lengths[1],
                lengths[2],
                lengths[3],
                "--gpu-fraction",
                "0.5",
                "--beside",
                "ftp://x",
                "--beside-requests",
                "0",
                "--beside-output-tokens",
                "3");
        assertThat(run.exitCode()).isEqualTo(2);
        assertThat(run.err()).contains("--beside-requests", "--beside-input-tokens");
        assertThat(profile(lengths[0], lengths[1], lengths[2], lengths[3], "--beside-model", "n")
                        .err())
                .contains("its settings need --beside");
    }

    @Test
    void anImportSaysWhatElseWasOnTheCard() throws IOException {
        Path out = folder.resolve("p.yaml");
        assertThat(importing(out, "generator", resource("guidellm.json"), "--gpu-fraction", "0.5", "--beside", "alone")
                        .exitCode())
                .isZero();
        assertThat(importing(out, "critic", resource("guidellm.json")).exitCode())
                .isZero();
        assertThat(ProfilesFile.read(out).legalValue().orElseThrow())
                .extracting(MeasuredProfile::beside)
                .containsExactly(Optional.of(Beside.ALONE), Optional.empty());
        CommandLineRun wrong = importing(out, "writer", resource("guidellm.json"), "--beside", "nobody");
        assertThat(wrong.exitCode()).isEqualTo(2);
        assertThat(wrong.err()).contains("--beside: The value (nobody) must be one of alone, shared.");
    }

    @Test
    void resultsOfOtherToolsBecomeProfilesBesideEachOther() throws IOException {
        Path out = folder.resolve("p.yaml");
        CommandLineRun vllm = importing(
                out,
                "generator",
                resource("vllm-rate-1.json"),
                resource("vllm-rate-8.json"),
                resource("vllm-rate-16.json"));
        CommandLineRun guide = importing(out, "critic", resource("guidellm.json"));
        CommandLineRun json = importing(out, "writer", resource("aiperf.json"), "--json");
        CommandLineRun csv = importing(out, "planner", resource("curve.csv"), "--saturation", "5");

        assertThat(vllm.exitCode()).as(vllm.err()).isZero();
        assertThat(vllm.out()).contains("generator on L4-24GB: 2 points up to 8.000 requests/s");
        assertThat(vllm.err()).contains("left out of the curve");
        assertThat(guide.exitCode()).as(guide.err()).isZero();
        assertThat(csv.exitCode()).as(csv.err()).isZero();
        JsonNode said = new ObjectMapper().readTree(json.out());
        assertThat(said.path("saturationIsLowerBound").asBoolean()).isTrue();
        List<MeasuredProfile> profiles = ProfilesFile.read(out).legalValue().orElseThrow();
        assertThat(profiles)
                .extracting(profile -> profile.key().model())
                .containsExactly("generator", "critic", "writer", "planner");
        assertThat(profiles.get(0).load().measuredBy()).hasValue("vllm bench serve");
        assertThat(profiles.get(0).load().inputTokens()).hasValue(512);
        assertThat(profiles.get(3).saturationRequestsPerSecond()).hasValue(5);
        assertThat(profiles.get(3).saturationIsLowerBound()).isFalse();
    }

    @Test
    void whatCannotBeImportedIsSaidWithItsPlaceAndNothingIsWritten() throws IOException {
        Path odd = Files.writeString(folder.resolve("odd.json"), "{\"request_throughput\": 0, \"completed\": 3}");
        Path out = folder.resolve("p.yaml");

        CommandLineRun run = importing(out, "generator", odd, folder.resolve("none.csv"));

        assertThat(run.exitCode()).isEqualTo(2);
        assertThat(run.err()).contains("odd.json: request_throughput", "none.csv: There is no such file");
        assertThat(out).doesNotExist();
        assertThat(importing(out, "generator", resource("vllm-rate-16.json")).err())
                .contains("kept up with none of its loads", "Measure lower rates");
    }

    private static CommandLineRun importing(Path out, String model, Object... more) {
        Object[] arguments = new Object[more.length + 8];
        List<Object> first = List.of("profile", "import", "--model", model, "--gpu", "L4-24GB", "--out", out);
        for (int i = 0; i < arguments.length; i++) {
            arguments[i] = i < 8 ? first.get(i) : more[i - 8];
        }
        return CommandLineRun.of(arguments);
    }
}
