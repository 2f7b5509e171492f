package dev.scepsy.javaagent;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Stream;

/** One way to run the scenario: a value of every dimension. */
record Environment(
        Launch launch, Telemetry telemetry, int jdk, Sampling sampling, Threads threads, Condition condition) {

    /** How the application is packed and started. */
    enum Launch {
        CLASS_PATH,
        SPRING_BOOT_3_JAR,
        SPRING_BOOT_4_JAR,
        TOMCAT_WAR,
        MODULE_PATH
    }

    /** Which other OpenTelemetry is in the JVM; of the OpenTelemetry agent, whether it comes before ours or after. */
    enum Telemetry {
        NONE,
        OWN_SDK,
        AGENT_BEFORE,
        AGENT_AFTER,
        OUR_EXTENSION;

        boolean isAgent() {
            return this == AGENT_BEFORE || this == AGENT_AFTER || this == OUR_EXTENSION;
        }
    }

    /** What share of traces is exported. */
    enum Sampling {
        ALL("always_on"),
        ONE_PERCENT("traceidratio"),
        NOTHING("always_off");

        private final String sampler;

        Sampling(String sampler) {
            this.sampler = sampler;
        }

        String sampler() {
            return sampler;
        }
    }

    /** Who runs what is done in parallel: what LangChain4j and the JDK choose (virtual threads from 21 on), or own pools. */
    enum Threads {
        NEWEST,
        OWN_POOLS
    }

    /** What is special about the JVM. */
    enum Condition {
        /** The agent comes when the application has long been at work. */
        ATTACHED,
        /** A user id that no account has, which can write to no folder but the one for temporary files. */
        STRANGER,
        /** Nothing can be written at all. */
        READ_ONLY
    }

    /** Values that exclude one another. */
    boolean isPossible() {
        return condition != Condition.ATTACHED
                || (telemetry != Telemetry.OUR_EXTENSION && telemetry != Telemetry.AGENT_AFTER);
    }

    /** Why it cannot run on this machine; empty when it can. */
    Optional<String> whyNotHere() {
        if (Jdks.home(jdk).isEmpty()) {
            return Optional.of("no JDK " + jdk + " found");
        }
        if (condition == Condition.ATTACHED) {
            return Optional.empty();
        }
        if (!"root".equals(System.getProperty("user.name"))) {
            return Optional.of("only root can change the user or the file system");
        }
        String tool = condition == Condition.STRANGER ? "setpriv" : "unshare";
        boolean found = Stream.of("/usr/bin", "/bin", "/usr/sbin", "/sbin")
                .anyMatch(folder -> Files.isExecutable(Path.of(folder, tool)));
        return found ? Optional.empty() : Optional.of("no " + tool + " found");
    }

    /** All values in words, for a table. */
    List<String> inWords() {
        return List.of(
                words(launch),
                words(telemetry),
                String.valueOf(jdk),
                words(sampling),
                words(threads),
                words(condition));
    }

    private static String words(Enum<?> value) {
        return value.name().toLowerCase(Locale.ROOT).replace('_', ' ');
    }

    @Override
    public String toString() {
        return String.join(", ", inWords()).replaceFirst(", (\\d+),", ", JDK $1,");
    }

    /** The values, those of one kind as one: the two loaders of fat jars, the three places of the OpenTelemetry agent. */
    List<String> groups() {
        return List.of(
                words(launch).replaceFirst("\\d ", ""),
                telemetry.isAgent() ? "agent" : words(telemetry),
                String.valueOf(jdk),
                words(sampling),
                words(threads),
                words(condition));
    }

    Environment with(Condition other) {
        return new Environment(launch, telemetry, jdk, sampling, threads, other);
    }
}
