package dev.scepsy.planner.cli;

import dev.scepsy.planner.platform.Platform;
import dev.scepsy.planner.platform.RayServePlatform;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Who builds applications on Ray Serve; {@code @Mixin} of the verbs that write or put them. */
final class RayBuilder {

    @Option(
            names = "--builder",
            paramLabel = "MODULE:FUNCTION",
            description = "On ray-serve: what builds each application of its llm_configs (default: "
                    + RayServePlatform.IMPORT_PATH + ").")
    private @Nullable String written;

    /** What is wrong with it on {@code platform}. */
    Optional<String> wrong(PlatformOption platform) {
        if (written == null) {
            return Optional.empty();
        }
        if (platform != PlatformOption.RAY_SERVE) {
            return Optional.of("The --builder is for --platform ray-serve, not " + platform + ". Leave it out.");
        }
        return written.matches("[A-Za-z_][\\w.]*[:.][A-Za-z_]\\w*")
                ? Optional.empty()
                : Optional.of("The --builder (" + written + ") must be MODULE:FUNCTION, like "
                        + RayServePlatform.IMPORT_PATH + ".");
    }

    Platform of(PlatformOption platform) {
        return platform == PlatformOption.RAY_SERVE ? with(RayServePlatform.offline()) : platform.offline();
    }

    RayServePlatform with(RayServePlatform platform) {
        return written == null ? platform : platform.withBuilder(written);
    }
}
