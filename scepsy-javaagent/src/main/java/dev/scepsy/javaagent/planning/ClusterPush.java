package dev.scepsy.javaagent.planning;

import dev.scepsy.javaagent.setting.Settings;
import dev.scepsy.planner.allocation.Plan;
import dev.scepsy.planner.file.ModelsFile;
import dev.scepsy.planner.problem.PlanningProblem;
import dev.scepsy.planner.profile.Catalogue;
import dev.scepsy.planner.router.RouterSettings;
import dev.scepsy.planner.topology.Cluster;
import java.io.File;
import java.net.MalformedURLException;
import java.net.URI;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * Pushes a plan through {@code scepsy-cluster-client.jar}, which only a JVM in mode {@code push} loads: from {@code
 * scepsy.cluster-client}, else from beside the agent's jar. Spoken to by reflection, in the planner's own values.
 */
public final class ClusterPush implements Planning.Push {

    private static final String PACKAGE = "dev.scepsy.planner.cluster.";
    private static final String JAR = "scepsy-cluster-client.jar";

    private final Settings settings;
    private final Consumer<String> log;

    public ClusterPush(Settings settings, Consumer<String> log) {
        this.settings = settings;
        this.log = log;
    }

    @Override
    public boolean apply(Plan plan, PlanningProblem problem) throws ReflectiveOperationException {
        Path jar = settings.text("scepsy.cluster-client").map(Path::of).orElseGet(ClusterPush::besideTheAgent);
        if (!Files.isReadable(jar)) {
            log.accept("push: " + jar + " is not there; name it with scepsy.cluster-client");
            return false;
        }
        ClassLoader loader = loader(jar);
        Class<?> options = loader.loadClass(PACKAGE + "ServingOptions");
        Class<?> intents = loader.loadClass(PACKAGE + "Intent");
        Class<?> access = loader.loadClass(PACKAGE + "ClusterAccess");
        Class<?> clients = loader.loadClass(PACKAGE + "ClusterClient");
        Class<?> applyOptions = loader.loadClass(PACKAGE + "ApplyOptions");
        String namespace = settings.text("scepsy.kubernetes.namespace").orElse("default");
        Object serving = options.getMethod("withNamespace", String.class)
                .invoke(options.getField("DEFAULT").get(null), namespace);
        serving = options.getMethod("withRouter", RouterSettings.class).invoke(serving, router());
        Object intent = intents.getMethod("of", Plan.class, List.class, Cluster.class, options)
                .invoke(null, plan, problem.usedModels(), problem.cluster(), serving);
        Object where = access.getConstructor(Optional.class, Optional.class, Optional.class)
                .newInstance(
                        settings.text("scepsy.kubernetes.server").map(URI::create), Optional.empty(), Optional.empty());
        Object client = clients.getMethod("of", access, String.class).invoke(null, where, namespace);
        try {
            Consumer<Object> steps = step -> log.accept("push: " + step);
            Object outcome = clients.getMethod("apply", intents, applyOptions, Consumer.class)
                    .invoke(client, intent, applyOptions.getField("DEFAULT").get(null), steps);
            log.accept("push: " + outcome);
            return loader.loadClass(PACKAGE + "PushOutcome$Applied").isInstance(outcome);
        } finally {
            clients.getMethod("close").invoke(client);
        }
    }

    /** As the models file that the plan was made from has it. */
    private RouterSettings router() {
        return ModelsFile.read(Path.of(settings.text("scepsy.models").orElse("models.yaml")), Catalogue.builtIn())
                .legalValue()
                .map(ModelsFile.Described::router)
                .orElse(RouterSettings.DEFAULT);
    }

    private static ClassLoader loader(Path jar) {
        try {
            return new URLClassLoader(
                    "scepsy-cluster-client", new URL[] {jar.toUri().toURL()}, ClusterPush.class.getClassLoader());
        } catch (MalformedURLException e) {
            throw new IllegalArgumentException(e);
        }
    }

    /** The agent's jar is the code source of its classes. */
    private static Path besideTheAgent() {
        try {
            File agent = new File(ClusterPush.class
                    .getProtectionDomain()
                    .getCodeSource()
                    .getLocation()
                    .toURI());
            return agent.toPath().resolveSibling(JAR);
        } catch (java.net.URISyntaxException | RuntimeException unknown) {
            return Path.of(JAR);
        }
    }
}
