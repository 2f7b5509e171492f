package dev.scepsy.planner.file;

import static org.assertj.core.api.Assertions.assertThat;

import dev.scepsy.planner.allocation.GpuFraction;
import dev.scepsy.planner.profile.Beside;
import dev.scepsy.planner.profile.MeasuredPoint;
import dev.scepsy.planner.profile.ProfileKey;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Profiles go into a file without disturbing what stands there. */
class ProfilesTextTest {

    @TempDir
    Path folder;

    private static final String WRITTEN = """
        # measured by hand
        version: 1
        profiles:
          - model: generator   # the big one
            gpu: H100-SXM-80GB
            tensorParallel: 2
            x-note: "do not touch: 1.0"
            curve:
              - {requestsPerSecond: 0.5, meanLatencySeconds: 1.20}
          # second
          - {model: critic, gpu: L4-24GB, curve: [{requestsPerSecond: 1, meanLatencySeconds: 2}]}
        """;

    static MeasuredProfile profile(String model, String gpu, int tensorParallel, double latency) {
        return new MeasuredProfile(
                new ProfileKey(model, gpu, tensorParallel, GpuFraction.of(0.5)),
                OptionalDouble.empty(),
                OptionalDouble.of(3.25),
                true,
                new MeasuredProfile.Load(
                        OptionalDouble.of(900),
                        OptionalDouble.of(180.5),
                        Optional.of("vllm"),
                        Optional.of("scepsy profile: yes, 2026-11-21")),
                List.of(
                        MeasuredPoint.of(0, latency),
                        new MeasuredPoint(
                                3.0000004,
                                2 * latency,
                                OptionalDouble.of(7.1),
                                OptionalDouble.of(0.1),
                                OptionalDouble.of(0.0123456789),
                                OptionalDouble.of(3),
                                OptionalDouble.of(4),
                                OptionalLong.of(200),
                                OptionalDouble.of(0))),
                "");
    }

    @Test
    void whatElseWasOnTheCardIsReadWrittenAndKept() throws IOException {
        Path file = Files.writeString(folder.resolve("p.yaml"), """
            profiles:
              - model: generator
                gpu: L4-24GB
                gpuFraction: 0.5
                beside: alone
                curve: [{requestsPerSecond: 1, meanLatencySeconds: 2}]
            """);
        MeasuredProfile known = read(file).get(0);
        assertThat(known.beside()).hasValue(Beside.ALONE);

        ProfilesText.put(List.of(profile("critic", "L4-24GB", 1, 1.5), known), file);

        assertThat(read(file))
                .extracting(MeasuredProfile::beside)
                .containsExactly(Optional.of(Beside.ALONE), Optional.empty());
        assertThat(Files.readString(file)).contains("    beside: alone\n");
    }

    @Test
    void anUnknownNeighbourIsAProblemWithItsPlace() {
        assertThat(ProfilesFile.parse(
                                "profiles.yaml",
                                "profiles:\n  - {model: a, gpu: G, gpuFraction: 0.5, beside: crowded,\n"
                                        + "     curve: [{requestsPerSecond: 1, meanLatencySeconds: 2}]}\n")
                        .whyMalformed())
                .extracting(Object::toString)
                .singleElement()
                .asString()
                .contains("profiles.yaml:2", "profiles[0].beside", "(crowded) must be one of alone, shared");
    }

    @Test
    void aNewFileReadsBackAsItWasWritten() throws IOException {
        for (String name : List.of("profiles.yaml", "profiles.json")) {
            Path file = folder.resolve(name);

            assertThat(ProfilesText.put(List.of(profile("generator", "L4-24GB", 1, 1.5)), file))
                    .isEmpty();

            MeasuredProfile read = read(file).get(0);
            MeasuredProfile written = profile("generator", "L4-24GB", 1, 1.5);
            assertThat(read.key()).isEqualTo(written.key());
            assertThat(read.load()).isEqualTo(written.load());
            assertThat(read.saturationIsLowerBound()).isTrue();
            assertThat(read.measured().get(0)).isEqualTo(written.measured().get(0));
            assertThat(read.measured().get(1).requestsPerSecond()).isEqualTo(3.0);
            assertThat(read.measured().get(1).meanPerTokenSeconds()).hasValue(0.0123457);
            assertThat(read.measured().get(1).requests()).hasValue(200);
        }
        assertThat(Files.readString(folder.resolve("profiles.json"))).startsWith("{");
    }

    @Test
    void otherEntriesTheirCommentsAndTheirXKeysStay() throws IOException {
        Path file = Files.writeString(folder.resolve("profiles.yaml"), WRITTEN);

        assertThat(ProfilesText.put(List.of(profile("generator", "L4-24GB", 1, 1.5)), file))
                .isEmpty();

        assertThat(Files.readString(file))
                .contains("# measured by hand", "# the big one", "# second", "x-note: \"do not touch: 1.0\"", "1.20");
        assertThat(read(file))
                .extracting(profile -> profile.key().model())
                .containsExactly("generator", "critic", "generator");
    }

    @Test
    void anEntryOfTheSameReplicaIsReplacedWhereItStands() throws IOException {
        Path file = Files.writeString(folder.resolve("profiles.yaml"), WRITTEN);
        assertThat(ProfilesText.put(List.of(profile("critic", "L4-24GB", 1, 1.5)), file))
                .isEmpty();

        assertThat(ProfilesText.put(
                        List.of(profile("critic", "L4-24GB", 1, 9), profile("other", "L4-24GB", 1, 1)), file))
                .isEmpty();

        assertThat(read(file))
                .extracting(profile ->
                        profile.key().model() + " " + profile.measured().get(0).meanLatencySeconds())
                .containsExactly("generator 1.2", "critic 2.0", "critic 9.0", "other 1.0");
        assertThat(ProfilesFile.read(file).warnings()).isEmpty();
    }

    @Test
    void everyLineOfTheOthersStaysAsItIs() throws IOException {
        String umlauts = WRITTEN.replace("by hand", "von Hand, ü \uD83D\uDE00").stripTrailing();
        Path file = Files.writeString(folder.resolve("profiles.yaml"), umlauts);

        assertThat(ProfilesText.put(List.of(profile("a", "L4-24GB", 1, 1.5), profile("b", "L4-24GB", 1, 1)), file))
                .isEmpty();

        assertThat(Files.readString(file)).startsWith(umlauts + "\n  - model: a\n    gpu: L4-24GB\n");
        assertThat(read(file)).hasSize(4);
    }

    @Test
    void aJsonFileStaysJson() throws IOException {
        Path file = Files.writeString(
                folder.resolve("profiles.json"),
                "{\"profiles\": [{\"model\": \"critic\", \"gpu\": \"L4-24GB\", \"x-why\": [1, null, true],"
                        + " \"curve\": [{\"requestsPerSecond\": 1, \"meanLatencySeconds\": 2}]}]}");

        assertThat(ProfilesText.put(List.of(profile("generator", "L4-24GB", 1, 1.5)), file))
                .isEmpty();

        assertThat(new com.fasterxml.jackson.databind.ObjectMapper()
                        .readTree(file.toFile())
                        .path("profiles"))
                .hasSize(2);
        assertThat(Files.readString(file)).contains("\"x-why\": [1, null, true]");
    }

    @Test
    void aFileWithProblemsIsNotTouched() throws IOException {
        String broken = "profiles:\n  - {model: a, gpu: b, curve: []}\n";
        Path file = Files.writeString(folder.resolve("profiles.yaml"), broken);

        assertThat(ProfilesText.put(List.of(profile("generator", "L4-24GB", 1, 1.5)), file))
                .isNotEmpty();

        assertThat(Files.readString(file)).isEqualTo(broken);
    }

    @Test
    void anEmptyFileAndOneWithoutProfilesYetAreLegalStarts() throws IOException {
        for (String start : List.of("", "\n", "profiles: []\n", "version: 1\nprofiles: [] # none yet\n")) {
            Path file = Files.writeString(folder.resolve("profiles.yaml"), start);

            assertThat(ProfilesText.put(List.of(profile("generator", "L4-24GB", 1, 1.5)), file))
                    .as(start)
                    .isEmpty();

            assertThat(read(file)).hasSize(1);
        }
    }

    private static List<MeasuredProfile> read(Path file) {
        Reading<List<MeasuredProfile>> reading = ProfilesFile.read(file);
        assertThat(reading.whyMalformed()).isEmpty();
        return reading.legalValue().orElseThrow();
    }
}
