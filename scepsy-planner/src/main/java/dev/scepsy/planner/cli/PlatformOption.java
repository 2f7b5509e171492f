package dev.scepsy.planner.cli;

import dev.scepsy.planner.file.Nearest;
import dev.scepsy.planner.platform.ComposePlatform;
import dev.scepsy.planner.platform.KServePlatform;
import dev.scepsy.planner.platform.KubernetesPlatform;
import dev.scepsy.planner.platform.PlacedPlan;
import dev.scepsy.planner.platform.Platform;
import dev.scepsy.planner.platform.RayServePlatform;
import dev.scepsy.planner.platform.ShellPlatform;
import dev.scepsy.planner.platform.SystemdPlatform;
import dev.scepsy.planner.topology.Node;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** The platforms by name. */
enum PlatformOption {
    KUBERNETES("kubernetes", false, KubernetesPlatform::offline),
    KSERVE("kserve", false, KServePlatform::new),
    RAY_SERVE("ray-serve", false, RayServePlatform::offline),
    COMPOSE("compose", true, ComposePlatform::new),
    SHELL("shell", true, ShellPlatform::new),
    SYSTEMD("systemd", true, SystemdPlatform::new);

    /** For help texts, which the compiler wants whole: a test holds it to the names. */
    static final String NAMES = "kubernetes, kserve, ray-serve, compose, shell, systemd";

    private final String written;
    private final boolean perNode;
    private final Supplier<Platform> offline;

    PlatformOption(String written, boolean perNode, Supplier<Platform> offline) {
        this.written = written;
        this.perNode = perNode;
        this.offline = offline;
    }

    /** Why {@code --node} means nothing for this platform and plan; empty if it does. */
    Optional<String> whyNoNode(PlacedPlan plan, String node) {
        if (!perNode) {
            return Optional.of("The --node is for platforms that write files for each node, and " + written
                    + " does not. Leave it out.");
        }
        List<String> nodes = plan.nodes().stream().map(Node::name).toList();
        return nodes.contains(node)
                ? Optional.empty()
                : Optional.of("The --node (" + node + ") must be a node that the plan has engines on: "
                        + String.join(", ", nodes) + ".");
    }

    /** One that renders. */
    Platform offline() {
        return offline.get();
    }

    @Override
    public String toString() {
        return written;
    }

    /** From its written name; picocli names the option where it is none. */
    static final class Written implements ITypeConverter<PlatformOption> {
        @Override
        public PlatformOption convert(String written) {
            for (PlatformOption option : values()) {
                if (option.written.equals(written)) {
                    return option;
                }
            }
            List<String> names =
                    List.of(values()).stream().map(PlatformOption::toString).toList();
            throw new TypeConversionException("The platform (" + written + ") must be one of " + NAMES + "."
                    + Nearest.to(written, names)
                            .map(near -> " Maybe " + near + "?")
                            .orElse(""));
        }
    }
}
