package dev.scepsy.samples.cluster.process;

import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * The haproxy program of this machine.
 *
 * @param path empty: there is none
 * @param whyNot what to tell where there is none
 */
public record HaproxyBinary(Optional<Path> path, String whyNot) {
    /** Names the program where it is not on the path. */
    public static final String VARIABLE = "SCEPSY_HAPROXY";

    private static final String REMEDY =
            " Router pods run it as a real process. Install it (apt-get install haproxy, dnf install haproxy,"
                    + " apk add haproxy), or name the program in " + VARIABLE + ".";
    /** Where packages put it, which is not always on the path of those who are not root. */
    private static final List<String> SYSTEM_FOLDERS = List.of("/usr/local/sbin", "/usr/sbin");

    /** What {@value #VARIABLE} names, else the first on the path. */
    public static HaproxyBinary find(Map<String, String> environment) {
        String named = environment.getOrDefault(VARIABLE, "");
        if (!named.isEmpty()) {
            return at(Path.of(named));
        }
        Set<String> folders =
                new LinkedHashSet<>(List.of(environment.getOrDefault("PATH", "").split(File.pathSeparator)));
        folders.addAll(SYSTEM_FOLDERS);
        return folders.stream()
                .filter(folder -> !folder.isEmpty())
                .map(folder -> Path.of(folder, "haproxy"))
                .filter(Files::isExecutable)
                .findFirst()
                .map(HaproxyBinary::at)
                .orElseGet(() ->
                        new HaproxyBinary(Optional.empty(), "haproxy is not installed on this machine." + REMEDY));
    }

    /** This program and no other. */
    public static HaproxyBinary at(Path program) {
        return Files.isExecutable(program)
                ? new HaproxyBinary(Optional.of(program), "")
                : new HaproxyBinary(
                        Optional.empty(), "haproxy is not at " + program + ", or may not be executed." + REMEDY);
    }
}
