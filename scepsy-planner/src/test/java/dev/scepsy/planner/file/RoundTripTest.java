package dev.scepsy.planner.file;

import static org.assertj.core.api.Assertions.assertThat;

import dev.scepsy.planner.allocation.Goal;
import dev.scepsy.planner.allocation.GpuFraction;
import dev.scepsy.planner.allocation.LlmAllocation;
import dev.scepsy.planner.allocation.Objective;
import dev.scepsy.planner.allocation.Plan;
import dev.scepsy.planner.allocation.ReplicaPlacement;
import dev.scepsy.planner.allocation.WorkflowPrediction;
import dev.scepsy.planner.profile.MeasuredPoint;
import dev.scepsy.planner.profile.ProfileKey;
import dev.scepsy.planner.share.CallClass;
import dev.scepsy.planner.share.Demand;
import dev.scepsy.planner.share.EngineSeconds;
import dev.scepsy.planner.share.Interval95;
import dev.scepsy.planner.share.ModelStatistics;
import dev.scepsy.planner.share.TokenStatistics;
import dev.scepsy.planner.share.WorkflowStatistics;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is written is read again as what it was, over random values and names that no example has. */
class RoundTripTest {

    private static final int VALUES = Boolean.getBoolean("scepsy.full") ? 5_000 : 300;
    private static final String[] NAMES = {
        "generator",
        "org/model-v2",
        "a b",
        "a: b # c",
        "- x",
        "\"quoted\"",
        "it's",
        "null",
        "true",
        "1e5",
        "0x1F",
        "~",
        "{a}",
        "[b]",
        "&a",
        "*a",
        "!!int 1",
        "%YAML",
        "| x",
        "> y",
        "a\tb",
        "a\nb",
        "a\r\nb",
        "\u0085x",
        "x\u2028y",
        "Ünïcödé",
        "\ud83d\ude00",
        "e\u0301",
        "\u202eabc",
        "\uFEFFx",
        " lead",
        "trail ",
        "back\\slash",
        "a\u0000b",
        "\u001b[31m",
        "@at",
        "`tick`",
        "?",
        "<<",
        "=",
        "2026-11-29",
        "x".repeat(300)
    };

    @TempDir
    Path folder;

    private final Random random = new Random(4);

    private String name(int number) {
        String name = NAMES[random.nextInt(NAMES.length)];
        return number == 0 ? name : name + number;
    }

    /** From tiny to huge, and whole numbers. */
    private double number() {
        return switch (random.nextInt(5)) {
            case 0 -> random.nextInt(100);
            case 1 -> 0;
            case 2 -> random.nextDouble() * Math.pow(10, random.nextInt(14) - 10);
            default -> random.nextDouble() * 10;
        };
    }

    private double positive() {
        return Math.max(1e-9, number());
    }

    private OptionalDouble perhaps(double value) {
        return random.nextBoolean() ? OptionalDouble.of(value) : OptionalDouble.empty();
    }

    @Test
    void statisticsOfWorkflows() throws IOException {
        for (int i = 0; i < VALUES; i++) {
            List<WorkflowStatistics> workflows = new ArrayList<>();
            for (int w = 0; w <= random.nextInt(3); w++) {
                workflows.add(workflow(w));
            }
            Map<String, Long> incomplete = new LinkedHashMap<>();
            incomplete.put("rootMissing", (long) random.nextInt(10));
            Path file = folder.resolve("workflows.json");

            WorkflowsFile.write(workflows, incomplete, file);
            Reading<List<WorkflowStatistics>> reading = WorkflowsFile.read(file);

            assertThat(reading.whyMalformed()).as(() -> text(file)).isEmpty();
            assertThat(reading.legalValue().orElseThrow()).isEqualTo(workflows);
        }
    }

    private WorkflowStatistics workflow(int number) {
        List<ModelStatistics> models = new ArrayList<>();
        int count = random.nextInt(4);
        for (int m = 0; m < count; m++) {
            double calls = number();
            double parallelism = 1 + random.nextDouble() * 3;
            double sequentialCalls = calls * random.nextDouble();
            OptionalDouble seconds = perhaps(number());
            Optional<TokenStatistics> tokens = random.nextBoolean()
                    ? Optional.of(new TokenStatistics(number(), perhaps(number())))
                    : Optional.empty();
            models.add(new ModelStatistics(
                    name(m),
                    calls,
                    parallelism,
                    sequentialCalls,
                    perhaps(random.nextDouble() / 4),
                    seconds,
                    perhaps(1 + random.nextDouble()),
                    tokens,
                    Optional.empty(),
                    random.nextBoolean()
                            ? Optional.of(new EngineSeconds(1 + random.nextInt(9), number(), number(), number()))
                            : Optional.empty(),
                    random.nextBoolean()
                            ? Optional.of(new ModelStatistics.Intervals(
                                    interval(), interval(), Optional.empty(), Optional.empty()))
                            : Optional.empty(),
                    random.nextBoolean() ? List.of() : classes(calls, sequentialCalls, seconds, tokens),
                    random.nextBoolean()
                            ? Optional.of(new Demand(
                                    number(),
                                    random.nextDouble() / 4,
                                    Demand.Source.values()[random.nextInt(Demand.Source.values().length)]))
                            : Optional.empty()));
        }
        double p50 = number();
        double p95 = p50 * (1 + random.nextDouble());
        return new WorkflowStatistics(
                name(number),
                random.nextBoolean() ? OptionalLong.of(random.nextInt(1000)) : OptionalLong.empty(),
                perhaps(number()),
                number(),
                number(),
                random.nextBoolean()
                        ? Optional.of(new WorkflowStatistics.EndToEnd(p50, p50, p95, p95 * (1 + random.nextDouble())))
                        : Optional.empty(),
                models,
                random.nextBoolean(),
                OptionalInt.of(1 + random.nextInt(50)),
                perhaps(positive()),
                random.nextBoolean() ? name(0) : null,
                random.nextInt(5),
                random.nextInt(5));
    }

    /** Two roles that add up to their model. */
    private List<CallClass> classes(
            double calls, double sequentialCalls, OptionalDouble seconds, Optional<TokenStatistics> tokens) {
        double part = random.nextDouble();
        List<CallClass> classes = new ArrayList<>();
        for (int c = 0; c < 2; c++) {
            double own = c == 0 ? part : 1 - part;
            classes.add(new CallClass(
                    name(c),
                    calls * own,
                    1 + random.nextDouble(),
                    sequentialCalls * own,
                    perhaps(random.nextDouble()),
                    seconds,
                    perhaps(1 + random.nextDouble()),
                    tokens,
                    random.nextBoolean()
                            ? Optional.of(new TokenStatistics(number(), perhaps(number())))
                            : Optional.empty()));
        }
        return classes;
    }

    private Optional<Interval95> interval() {
        double low = number();
        return Optional.of(new Interval95(low, low + number()));
    }

    @Test
    void plans() throws IOException {
        for (int i = 0; i < VALUES; i++) {
            List<LlmAllocation> allocations = new ArrayList<>();
            List<ReplicaPlacement> placements = new ArrayList<>();
            List<WorkflowPrediction> predictions = new ArrayList<>();
            for (int m = 0; m <= random.nextInt(3); m++) {
                String model = name(m);
                int degree = 1 + random.nextInt(3);
                allocations.add(new LlmAllocation(
                        model,
                        name(0),
                        random.nextBoolean() ? GpuFraction.whole() : GpuFraction.oneOf(1 + random.nextInt(7)),
                        degree,
                        1 + random.nextInt(5),
                        positive()));
                List<Integer> gpus = new ArrayList<>();
                for (int gpu = 0; gpu < degree; gpu++) {
                    gpus.add(gpu);
                }
                placements.add(new ReplicaPlacement(model, 0, name(0), gpus));
                predictions.add(new WorkflowPrediction(
                        name(m),
                        number(),
                        perhaps(number()),
                        perhaps(number() - number()),
                        random.nextBoolean() ? model : null));
            }
            Plan plan = new Plan(
                    number(),
                    number(),
                    random.nextDouble(),
                    allocations,
                    placements,
                    predictions,
                    number(),
                    random.nextInt(9),
                    random.nextBoolean()
                            ? Optional.of(new Goal(Objective.GPUS, number(), number(), random.nextDouble()))
                            : Optional.empty());
            Path file = folder.resolve("plan.json");

            PlanFile.write(plan, file);
            Reading<Plan> reading = PlanFile.read(file);

            assertThat(reading.whyMalformed()).as(() -> text(file)).isEmpty();
            assertThat(reading.legalValue().orElseThrow()).isEqualTo(plan);
        }
    }

    @Test
    void measuredProfilesInYamlAndJson() throws IOException {
        for (int i = 0; i < VALUES / 3; i++) {
            for (String extension : List.of(".yaml", ".json")) {
                Path file = folder.resolve("profiles" + i + extension);
                List<MeasuredProfile> profiles = new ArrayList<>();
                for (int p = 0; p <= random.nextInt(3); p++) {
                    MeasuredProfile profile = profile(p);
                    profiles.add(profile);
                    assertThat(ProfilesText.put(List.of(profile), file))
                            .as(() -> text(file))
                            .isEmpty();
                }
                Reading<List<MeasuredProfile>> reading = ProfilesFile.read(file);
                assertThat(reading.whyMalformed()).as(() -> text(file)).isEmpty();
                List<MeasuredProfile> read = reading.legalValue().orElseThrow();
                assertThat(read)
                        .extracting(MeasuredProfile::key)
                        .isEqualTo(profiles.stream().map(MeasuredProfile::key).toList());
                assertThat(read)
                        .extracting(profile -> profile.measured().size())
                        .isEqualTo(profiles.stream()
                                .map(profile -> profile.measured().size())
                                .toList());
                assertThat(read)
                        .extracting(profile -> profile.load().measuredBy())
                        .isEqualTo(profiles.stream()
                                .map(profile -> profile.load().measuredBy())
                                .toList());
            }
        }
    }

    private MeasuredProfile profile(int number) {
        List<MeasuredPoint> points = new ArrayList<>();
        double rate = positive();
        double latency = positive();
        for (int i = 0; i <= random.nextInt(4); i++) {
            points.add(new MeasuredPoint(
                    rate,
                    latency,
                    perhaps(1 + random.nextInt(9)),
                    perhaps(positive()),
                    perhaps(positive()),
                    perhaps(latency),
                    perhaps(latency * 2),
                    random.nextBoolean() ? OptionalLong.of(random.nextInt(1000)) : OptionalLong.empty(),
                    perhaps(random.nextDouble())));
            rate = rate * 1.5 + 1e-3;
            latency *= 1 + random.nextDouble();
        }
        return new MeasuredProfile(
                new ProfileKey(
                        name(0) + number, name(0), 1 + random.nextInt(8), GpuFraction.oneOf(1 + random.nextInt(4))),
                perhaps(positive()),
                OptionalDouble.of(rate),
                random.nextBoolean(),
                new MeasuredProfile.Load(
                        perhaps(number()),
                        perhaps(number()),
                        random.nextBoolean() ? Optional.of(name(0)) : Optional.empty(),
                        Optional.of(name(0))),
                points,
                "");
    }

    private static String text(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            return e.toString();
        }
    }
}
