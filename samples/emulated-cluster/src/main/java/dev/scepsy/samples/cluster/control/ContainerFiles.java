package dev.scepsy.samples.cluster.control;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.scepsy.samples.cluster.api.ResourceKind;
import dev.scepsy.samples.cluster.api.Resources;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * The files that a pod mounts into its container, in a folder of this machine, and the container's paths as this machine's. Config maps and empty
 * folders are mounted. Not thread-safe.
 */
final class ContainerFiles {
    private final Path folder;
    /** Where each path of the container is on this machine, longest first. */
    private final Map<String, Path> mounts = new LinkedHashMap<>();

    private ContainerFiles(Path folder) {
        this.folder = folder;
    }

    /** What keeps the kubelet from mounting a volume. */
    static final class NotMounted extends Exception {
        private static final long serialVersionUID = 1;

        NotMounted(String message) {
            super(message);
        }
    }

    /** An empty private folder. */
    static ContainerFiles create() {
        try {
            return new ContainerFiles(Files.createTempDirectory("scepsy-pod-"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    Path folder() {
        return folder;
    }

    /**
     * Writes everything anew.
     *
     * @param nameserver what a line {@code parse-resolv-conf} stands for in the pod, as {@code HOST:PORT}
     * @throws NotMounted with the kubelet's words
     */
    void mount(Resources resources, PodView pod, String nameserver) throws NotMounted {
        mounts.clear();
        List<JsonNode> wanted = new ArrayList<>();
        pod.container().path("volumeMounts").forEach(wanted::add);
        wanted.sort(Comparator.comparingInt(
                (JsonNode mount) -> -mount.path("mountPath").asText().length()));
        for (JsonNode mount : wanted) {
            String subPath = mount.path("subPath").asText("");
            Path volume = folder.resolve("volumes").resolve(mount.path("name").asText());
            String at = mount.path("mountPath").asText().replaceAll("/+$", "");
            mounts.put(at, subPath.isEmpty() ? volume : volume.resolve(subPath));
        }
        try {
            for (JsonNode mount : wanted) {
                write(resources, pod, mount.path("name").asText(), nameserver);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void write(Resources resources, PodView pod, String name, String nameserver)
            throws IOException, NotMounted {
        Path target = folder.resolve("volumes").resolve(name);
        Files.createDirectories(target);
        JsonNode volume = volume(pod, name);
        if (volume.has("emptyDir")) {
            return;
        }
        if (!volume.has("configMap")) {
            throw new NotMounted("MountVolume.SetUp failed for volume \"" + name
                    + "\" : only config maps and empty folders are mounted in an emulated cluster");
        }
        JsonNode source = volume.path("configMap");
        String mapName = source.path("name").asText();
        boolean optional = source.path("optional").asBoolean(false);
        ObjectNode map = resources.store().get(ResourceKind.CONFIG_MAP, pod.namespace(), mapName);
        if (map == null) {
            if (optional) {
                return;
            }
            throw new NotMounted(
                    "MountVolume.SetUp failed for volume \"" + name + "\" : configmap \"" + mapName + "\" not found");
        }
        Map<String, String> paths = new LinkedHashMap<>();
        if (source.path("items").isEmpty()) {
            map.path("data").fieldNames().forEachRemaining(key -> paths.put(key, key));
            map.path("binaryData").fieldNames().forEachRemaining(key -> paths.put(key, key));
        } else {
            source.path("items")
                    .forEach(item -> paths.put(
                            item.path("key").asText(), item.path("path").asText()));
        }
        for (Map.Entry<String, String> each : paths.entrySet()) {
            String key = each.getKey();
            Path file = target.resolve(each.getValue()).normalize();
            if (!file.startsWith(target)) {
                throw new NotMounted("volume \"" + name + "\": path \"" + each.getValue() + "\" leaves the volume");
            }
            if (map.path("data").has(key)) {
                Files.createDirectories(file.getParent());
                Files.writeString(file, asHere(map.path("data").path(key).asText(), nameserver));
            } else if (map.path("binaryData").has(key)) {
                Files.createDirectories(file.getParent());
                Files.write(
                        file,
                        Base64.getDecoder()
                                .decode(map.path("binaryData").path(key).asText()));
            } else if (!optional) {
                throw new NotMounted("MountVolume.SetUp failed for volume \"" + name
                        + "\" : configmap references non-existent config key: " + key);
            }
        }
    }

    private static JsonNode volume(PodView pod, String name) throws NotMounted {
        for (JsonNode volume : pod.object().path("spec").path("volumes")) {
            if (volume.path("name").asText().equals(name)) {
                return volume;
            }
        }
        throw new NotMounted("volume \"" + name + "\" is mounted but not defined");
    }

    /** A mounted file as a program of this machine has to read it: its folders, and the cluster's name server. */
    private String asHere(String text, String nameserver) {
        return paths(text).replaceAll("(?m)^(\\s*)parse-resolv-conf\\b.*$", "$1nameserver cluster " + nameserver);
    }

    /** A text with this machine's paths for the container's. */
    String paths(String text) {
        String translated = text;
        for (Map.Entry<String, Path> mount : mounts.entrySet()) {
            translated = translated.replaceAll(
                    "(?<![\\w./-])" + Pattern.quote(mount.getKey()) + "(?![\\w.-])",
                    Matcher.quoteReplacement(mount.getValue().toString()));
        }
        return translated;
    }

    /** Removes the folder. */
    void remove() {
        try (Stream<Path> all = Files.walk(folder)) {
            all.sorted(Comparator.reverseOrder()).forEach(path -> path.toFile().delete());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
