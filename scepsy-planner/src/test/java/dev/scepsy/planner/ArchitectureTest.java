package dev.scepsy.planner;

import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.library.dependencies.SliceAssignment;
import com.tngtech.archunit.library.dependencies.SliceIdentifier;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/** The arrows between the planner's packages, and what the mathematics may know. */
class ArchitectureTest {

    private static final String ROOT = "dev.scepsy.planner";

    /** Package to the packages it may use, besides itself, the JDK and JSpecify. */
    private static final Map<String, List<String>> ARROWS = new TreeMap<>(Map.ofEntries(
            Map.entry("span", List.of()),
            Map.entry("stat", List.of()),
            Map.entry("linear", List.of()),
            Map.entry("allocation", List.of()),
            Map.entry("topology", List.of("allocation")),
            Map.entry("execution", List.of("span")),
            Map.entry("share", List.of("execution", "span", "stat")),
            Map.entry("kernel", List.of()),
            Map.entry("router", List.of()),
            Map.entry("profile", List.of("allocation", "kernel", "topology", "stat")),
            Map.entry("checkpoint", List.of("profile")),
            Map.entry("predict", List.of("allocation", "profile", "share", "stat", "topology")),
            Map.entry(
                    "simulate",
                    List.of("allocation", "execution", "predict", "profile", "share", "span", "stat", "topology")),
            Map.entry("search", List.of("allocation", "linear", "predict", "profile", "stat", "topology")),
            Map.entry("placement", List.of("allocation", "linear", "search", "topology")),
            Map.entry("campaign", List.of("allocation", "predict", "profile", "search")),
            Map.entry("detect", List.of("allocation", "execution", "share", "span", "stat", "topology")),
            Map.entry("transition", List.of("allocation", "topology"))));

    /** Room of the service to the rooms it may use, besides itself; the door, which is the empty name, uses all of them. */
    private static final Map<String, List<String>> SERVICE_ROOMS = new TreeMap<>(Map.ofEntries(
            Map.entry("log", List.of()),
            Map.entry("settings", List.of()),
            Map.entry("journal", List.of()),
            Map.entry("store", List.of("journal", "log", "settings")),
            Map.entry("observe", List.of("journal", "log", "settings")),
            Map.entry("engines", List.of("log", "settings")),
            Map.entry("loop", List.of("engines", "journal", "log", "observe", "settings")),
            Map.entry("metrics", List.of("engines", "journal", "log", "loop", "observe", "settings")),
            Map.entry("notify", List.of("journal", "log", "settings")),
            Map.entry("view", List.of("engines", "journal", "log", "loop", "observe", "settings", "web")),
            Map.entry("web", List.of("engines", "journal", "log", "loop", "observe", "settings"))));

    /** Room of the search to the rooms it may use, besides itself; the door is the empty name. */
    private static final Map<String, List<String>> ROOMS = new TreeMap<>(Map.ofEntries(
            Map.entry("choice", List.of()),
            Map.entry("price", List.of("choice")),
            Map.entry("exact", List.of("choice", "price")),
            Map.entry("heuristic", List.of("choice", "price")),
            Map.entry("solver", List.of("choice", "exact", "heuristic", "price")),
            Map.entry("infeasible", List.of("choice", "solver")),
            Map.entry("", List.of("choice", "infeasible", "solver")),
            Map.entry("explain", List.of("", "choice", "infeasible", "solver"))));

    private static final Set<String> OPEN_NAMES = Set.of(
            ".choice.AllocationProblem",
            ".choice.Placeability",
            ".choice.SearchEffort",
            ".choice.SearchLimits",
            ".infeasible.InfeasibleReason");

    private static final String[] MATHEMATICS =
            ARROWS.keySet().stream().map(ArchitectureTest::packageOf).toArray(String[]::new);

    private static final JavaClasses PLANNER = new ClassFileImporter()
            .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
            .importPackages(ROOT);

    @TestFactory
    List<DynamicTest> everyMathematicsPackageUsesOnlyWhatItsArrowsAllow() {
        return ARROWS.entrySet().stream()
                .map(arrow -> DynamicTest.dynamicTest(arrow.getKey(), () -> {
                    String[] allowed = Arrays.copyOf(
                            arrow.getValue().stream()
                                    .map(ArchitectureTest::packageOf)
                                    .toArray(String[]::new),
                            arrow.getValue().size() + 3);
                    allowed[allowed.length - 3] = packageOf(arrow.getKey());
                    allowed[allowed.length - 2] = "java..";
                    allowed[allowed.length - 1] = "org.jspecify..";
                    classes()
                            .that()
                            .resideInAPackage(packageOf(arrow.getKey()))
                            .should()
                            .onlyDependOnClassesThat(resideInAnyPackage(allowed).or(caffeineFor(arrow.getKey())))
                            .allowEmptyShould(true)
                            .check(PLANNER);
                }))
                .toList();
    }

    @TestFactory
    List<DynamicTest> everyRoomOfTheServiceUsesOnlyWhatItsArrowsAllow() {
        return SERVICE_ROOMS.entrySet().stream()
                .map(room -> DynamicTest.dynamicTest(serviceRoomOf(room.getKey()), () -> {
                    String[] forbidden = SERVICE_ROOMS.keySet().stream()
                            .filter(other -> !other.equals(room.getKey())
                                    && !room.getValue().contains(other))
                            .map(ArchitectureTest::serviceRoomOf)
                            .toArray(String[]::new);
                    noClasses()
                            .that()
                            .resideInAPackage(serviceRoomOf(room.getKey()))
                            .should()
                            .dependOnClassesThat()
                            .resideInAnyPackage(forbidden)
                            .check(PLANNER);
                }))
                .toList();
    }

    @TestFactory
    List<DynamicTest> everyRoomOfTheSearchUsesOnlyWhatItsArrowsAllow() {
        return ROOMS.entrySet().stream()
                .map(room -> DynamicTest.dynamicTest(roomOf(room.getKey()), () -> {
                    String[] forbidden = ROOMS.keySet().stream()
                            .filter(other -> !other.equals(room.getKey())
                                    && !room.getValue().contains(other))
                            .map(ArchitectureTest::roomOf)
                            .toArray(String[]::new);
                    noClasses()
                            .that()
                            .resideInAPackage(roomOf(room.getKey()))
                            .should()
                            .dependOnClassesThat()
                            .resideInAnyPackage(forbidden)
                            .check(PLANNER);
                }))
                .toList();
    }

    @Test
    void everyRoomOfTheSearchHasItsArrows() {
        classes()
                .that()
                .resideInAPackage(packageOf("search"))
                .should()
                .resideInAnyPackage(
                        ROOMS.keySet().stream().map(ArchitectureTest::roomOf).toArray(String[]::new))
                .check(PLANNER);
    }

    /** The names that {@code search}'s package comments give. */
    @Test
    void othersUseTheSearchByItsOpenTypesOnly() {
        noClasses()
                .that()
                .resideOutsideOfPackage(packageOf("search"))
                .should()
                .dependOnClassesThat(resideInAnyPackage(packageOf("search"))
                        .and(DescribedPredicate.not(resideInAnyPackage(roomOf(""), roomOf("explain"))))
                        .and(DescribedPredicate.not(OPEN)))
                .check(PLANNER);
    }

    /** The service's rooms count one by one: what reads {@code serve.yaml} knows its settings, and other rooms read files. */
    @Test
    void noPackagesFormACycle() {
        slices().assignedFrom(new SliceAssignment() {
                    @Override
                    public SliceIdentifier getIdentifierOf(JavaClass type) {
                        String name = type.getPackageName();
                        if (!name.startsWith(ROOT + ".")) {
                            return SliceIdentifier.ignore();
                        }
                        String[] parts = name.substring(ROOT.length() + 1).split("[.]");
                        return parts[0].equals("serve") && parts.length > 1
                                ? SliceIdentifier.of(parts[0], parts[1])
                                : SliceIdentifier.of(parts[0]);
                    }

                    @Override
                    public String getDescription() {
                        return "packages below the root, and rooms of the service";
                    }
                })
                .should()
                .beFreeOfCycles()
                .check(PLANNER);
    }

    @Test
    void nothingDependsOnTheCommandLine() {
        noClasses()
                .that()
                .resideOutsideOfPackage(packageOf("cli"))
                .should()
                .dependOnClassesThat()
                .resideInAPackage(packageOf("cli"))
                .check(PLANNER);
    }

    @Test
    void theMathematicsKnowsNoFilesNoNetworkAndNoLogger() {
        noClasses()
                .that()
                .resideInAnyPackage(MATHEMATICS)
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("java.net..", "java.nio.file..", "java.util.logging..", "java.sql..")
                .orShould()
                .dependOnClassesThat()
                .haveFullyQualifiedName("java.io.File")
                .check(PLANNER);
    }

    @Test
    void theMathematicsReadsNoClock() {
        noClasses()
                .that()
                .resideInAnyPackage(MATHEMATICS)
                .should()
                .callMethod(System.class, "nanoTime")
                .orShould()
                .callMethod(System.class, "currentTimeMillis")
                .orShould()
                .callMethod("java.time.Instant", "now")
                .orShould()
                .dependOnClassesThat()
                .areAssignableTo(Thread.class)
                .orShould()
                .dependOnClassesThat()
                .resideInAPackage("java.util.concurrent.atomic..")
                .check(PLANNER);
    }

    @Test
    void thePlannerKnowsNeitherLangChain4jNorWeaving() {
        noClasses()
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("dev.langchain4j..", "net.bytebuddy..", "org.objectweb.asm..")
                .check(PLANNER);
    }

    @Test
    void onlyTheClusterPackageKnowsKubernetes() {
        noClasses()
                .that()
                .resideOutsideOfPackages(packageOf("cluster"), packageOf("cli"))
                .should()
                .dependOnClassesThat()
                .resideInAPackage("io.fabric8..")
                .check(PLANNER);
    }

    @Test
    void measuringKnowsNothingOfFilesAndPlans() {
        classes()
                .that()
                .resideInAPackage(packageOf("measure"))
                .should()
                .onlyDependOnClassesThat()
                .resideInAnyPackage(
                        packageOf("measure"),
                        packageOf("profile"),
                        packageOf("stat"),
                        "java..",
                        "org.jspecify..",
                        "com.fasterxml.jackson..")
                .check(PLANNER);
    }

    @Test
    void recordedTracesKnowNothingOfWhereTheyAreReadFrom() {
        classes()
                .that()
                .resideInAPackage(packageOf("recorded"))
                .should()
                .onlyDependOnClassesThat()
                .resideInAnyPackage(
                        packageOf("recorded"),
                        packageOf("execution"),
                        packageOf("share"),
                        packageOf("span"),
                        "java..",
                        "org.jspecify..")
                .check(PLANNER);
    }

    @Test
    void resultsOfOtherToolsBecomePointsAndNothingElse() {
        classes()
                .that()
                .resideInAPackage(packageOf("benchmark"))
                .should()
                .onlyDependOnClassesThat()
                .resideInAnyPackage(
                        packageOf("benchmark"),
                        packageOf("file"),
                        packageOf("profile"),
                        packageOf("stat"),
                        "java..",
                        "org.jspecify..",
                        "com.fasterxml.jackson..")
                .check(PLANNER);
    }

    @Test
    void platformsKnowPlansAndTheClusterClientButNoFilesOfUsersAndNoKubernetes() {
        classes()
                .that()
                .resideInAPackage(packageOf("platform"))
                .should()
                .onlyDependOnClassesThat()
                .resideInAnyPackage(
                        packageOf("platform"),
                        packageOf("allocation"),
                        packageOf("cluster"),
                        packageOf("topology"),
                        packageOf("transition"),
                        "java..",
                        "org.jspecify..",
                        "com.fasterxml.jackson..")
                .check(PLANNER);
    }

    /** A type of the search's inner rooms that is for everybody, or nested in one. */
    private static final DescribedPredicate<JavaClass> OPEN = DescribedPredicate.describe(
            "open to others",
            type -> OPEN_NAMES.contains(
                    type.getName().substring(roomOf("").length()).split("[$]")[0]));

    private static DescribedPredicate<JavaClass> caffeineFor(String name) {
        DescribedPredicate<JavaClass> caffeine = resideInAnyPackage("com.github.benmanes.caffeine..");
        return name.equals("execution") ? caffeine : DescribedPredicate.alwaysFalse();
    }

    private static String serviceRoomOf(String room) {
        return ROOT + ".serve." + room;
    }

    private static String roomOf(String name) {
        return ROOT + ".search" + (name.isEmpty() ? "" : "." + name);
    }

    private static String packageOf(String name) {
        return ROOT + "." + name + "..";
    }
}
