package dev.scepsy.javaagent;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * The JDKs of this machine: those that {@code SCEPSY_JDK_21} and its like name, this one, {@code JAVA_HOME_21_X64} and its like,
 * and the usual folders.
 */
final class Jdks {

    private Jdks() {}

    private static final String OURS = "SCEPSY_JDK_";

    /** Feature versions that variables of ours name, in ascending order. */
    static List<Integer> named() {
        return System.getenv().keySet().stream()
                .filter(name -> name.matches(OURS + "\\d{2,3}"))
                .map(name -> Integer.valueOf(name.substring(OURS.length())))
                .sorted()
                .toList();
    }

    /** The home of a JDK of a feature version; a variable of ours that names none is an error. */
    static Optional<Path> home(int version) {
        String ours = System.getenv(OURS + version);
        if (ours != null && !ours.isBlank()) {
            Path home = Path.of(ours);
            if (!isOf(version, home)) {
                throw new IllegalArgumentException(OURS + version + " (" + ours + ") is no home of a JDK " + version);
            }
            return Optional.of(home);
        }
        if (Runtime.version().feature() == version) {
            return Optional.of(Path.of(System.getProperty("java.home")));
        }
        Stream<Path> named = Stream.of("_X64", "_ARM64", "")
                .map(suffix -> System.getenv("JAVA_HOME_" + version + suffix))
                .filter(home -> home != null)
                .map(Path::of);
        Stream<Path> usual = Stream.of(
                        "/usr/lib/jvm",
                        "/opt",
                        "/opt/java",
                        "/Library/Java/JavaVirtualMachines",
                        System.getProperty("user.home") + "/.sdkman/candidates/java",
                        System.getProperty("user.home") + "/.jdks")
                .flatMap(folder -> childrenOf(Path.of(folder)));
        return Stream.concat(named, usual).filter(home -> isOf(version, home)).findFirst();
    }

    private static Stream<Path> childrenOf(Path folder) {
        if (!Files.isDirectory(folder)) {
            return Stream.empty();
        }
        try (Stream<Path> children = Files.list(folder)) {
            return children.sorted().toList().stream();
        } catch (IOException unreadable) {
            return Stream.empty();
        }
    }

    private static boolean isOf(int version, Path home) {
        Path release = home.resolve("release");
        if (!Files.isExecutable(home.resolve("bin/java")) || !Files.isReadable(release)) {
            return false;
        }
        try {
            String text = Files.readString(release);
            return text.contains("JAVA_VERSION=\"" + version + ".")
                    || text.contains("JAVA_VERSION=\"" + version + "\"");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
