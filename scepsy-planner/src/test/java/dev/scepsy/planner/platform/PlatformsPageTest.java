package dev.scepsy.planner.platform;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** {@code docs/reference/platforms.md} has the table of what every platform answers for. */
class PlatformsPageTest {

    private static final Path PAGE = Path.of("../docs/reference/platforms.md");

    @Test
    void thePageSaysWhatThePlatformsSay() throws IOException {
        assertThat(Files.readString(PAGE)).contains(table());
    }

    private static String table() {
        List<Platform> platforms = List.of(
                KubernetesPlatform.offline(),
                new KServePlatform(),
                RayServePlatform.offline(),
                new ComposePlatform(),
                new ShellPlatform(),
                new SystemdPlatform());
        List<Capabilities.Promise> promises = List.of(Capabilities.Promise.values());
        String head = "| Platform | "
                + promises.stream().map(Capabilities.Promise::toString).collect(Collectors.joining(" | ")) + " |\n"
                + "|---".repeat(promises.size() + 1) + "|\n";
        return head
                + platforms.stream()
                        .map(platform -> Stream.concat(
                                        Stream.of("`" + platform.name() + "`"),
                                        promises.stream()
                                                .map(promise -> platform.capabilities()
                                                        .answers()
                                                        .get(promise))
                                                .map(answer -> "**"
                                                        + answer.kept().name().toLowerCase(java.util.Locale.ROOT)
                                                        + "**: "
                                                        + answer.how()))
                                .collect(Collectors.joining(" | ", "| ", " |\n")))
                        .collect(Collectors.joining());
    }

    public static void main(String[] arguments) {
        System.out.print(table());
    }
}
