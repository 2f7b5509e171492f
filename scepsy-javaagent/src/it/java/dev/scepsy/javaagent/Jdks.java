package dev.scepsy.javaagent;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.stream.Stream;

/** The JDKs of this machine: this one, {@code JAVA_HOME_21_X64} and its like, and the usual folders. */
final class Jdks {

    private Jdks() {}

    /** The home of a JDK of a feature version. */
    static Optional<Path> home(int version) {
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
