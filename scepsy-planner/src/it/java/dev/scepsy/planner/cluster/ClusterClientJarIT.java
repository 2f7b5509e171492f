package dev.scepsy.planner.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.reflect.Method;
import java.net.URI;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.jar.JarFile;
import org.junit.jupiter.api.Test;

/** The cluster client as an agent loads it: its own jar, under a loader that has the planner without Kubernetes. */
class ClusterClientJarIT {

    private static final Path JAR = Path.of("target/scepsy-cluster-client.jar");

    /** Shows the planner's other packages and the JDK, as an agent's loader does; hides every library. */
    private static final class PlannerOnly extends ClassLoader {
        PlannerOnly() {
            super(ClassLoader.getPlatformClassLoader());
        }

        @Override
        protected Class<?> findClass(String name) throws ClassNotFoundException {
            boolean visible = (name.startsWith("dev.scepsy.planner.")
                            && !name.startsWith("dev.scepsy.planner.cluster.")
                            && !name.startsWith("dev.scepsy.planner.transition."))
                    || name.startsWith("org.jspecify.");
            if (!visible) {
                throw new ClassNotFoundException(name);
            }
            return ClusterClientJarIT.class.getClassLoader().loadClass(name);
        }
    }

    @Test
    void rendersAndConnectsWithNothingButItsOwnJarAndThePlannersValues() throws Exception {
        Plans plans = new Plans().with("critic", 0.3, 1, "node-1:1");
        try (URLClassLoader loader = new URLClassLoader(new URL[] {JAR.toUri().toURL()}, new PlannerOnly())) {
            Class<?> options = loader.loadClass("dev.scepsy.planner.cluster.ServingOptions");
            Class<?> intents = loader.loadClass("dev.scepsy.planner.cluster.Intent");
            assertThat(intents.getClassLoader()).isSameAs(loader);
            Object intent = intents.getMethod(
                            "of",
                            dev.scepsy.planner.allocation.Plan.class,
                            List.class,
                            dev.scepsy.planner.topology.Cluster.class,
                            options)
                    .invoke(
                            null,
                            plans.plan(),
                            plans.models(),
                            Plans.cluster(1, 2, Plans.MPS),
                            options.getField("DEFAULT").get(null));
            Class<?> manifests = loader.loadClass("dev.scepsy.planner.cluster.Manifests");
            Object rendered = manifests.getMethod("of", intents).invoke(null, intent);
            Manifests here = Manifests.of(
                    Intent.of(plans.plan(), plans.models(), Plans.cluster(1, 2, Plans.MPS), ServingOptions.DEFAULT));
            assertThat(manifests.getMethod("yaml").invoke(rendered)).isEqualTo(here.yaml());

            Class<?> access = loader.loadClass("dev.scepsy.planner.cluster.ClusterAccess");
            Class<?> clients = loader.loadClass("dev.scepsy.planner.cluster.ClusterClient");
            Object nowhere = access.getConstructor(Optional.class, Optional.class, Optional.class)
                    .newInstance(Optional.of(URI.create("http://127.0.0.1:9")), Optional.empty(), Optional.empty());
            try (AutoCloseable client = (AutoCloseable)
                    clients.getMethod("of", access, String.class).invoke(null, nowhere, "default")) {
                Method read = clients.getMethod("read");
                assertThat(org.assertj.core.api.Assertions.catchThrowable(() -> read.invoke(client)))
                        .rootCause()
                        .isInstanceOf(java.io.IOException.class);
            }
        }
    }

    @Test
    void holdsNoLibraryUnderItsOwnName() throws Exception {
        assertThat(Files.size(JAR)).isLessThan(20_000_000);
        try (JarFile jar = new JarFile(JAR.toFile())) {
            assertThat(jar.stream().map(entry -> entry.getName()))
                    .noneMatch(name -> name.contains("com/fasterxml/"))
                    .noneMatch(name -> name.startsWith("org/slf4j"))
                    .noneMatch(name -> name.startsWith("dev/scepsy/planner/search"));
        }
    }
}
