package dev.scepsy.samples.demo;

import dev.scepsy.planner.cli.ScepsyCommand;
import java.util.ArrayList;
import java.util.List;

/** The {@code scepsy} command line inside this JVM: the demo does nothing a user could not type. */
final class Scepsy {

    /** What the plan may choose from. */
    static final String MODELS = "models.yaml";

    /** The same models, each allowed every share of a GPU: what the guess takes for granted. */
    static final String MODELS_OF_GUESS = "models-of-guess.yaml";

    private final DemoFiles files;

    Scepsy(DemoFiles files) {
        this.files = files;
    }

    /** A file of the demo, as an argument. */
    String file(String name) {
        return files.path(name).toString();
    }

    /** A verb on the cluster, the models and a plan. */
    String[] of(String verb, String models, String plan, String... further) {
        List<String> arguments = new ArrayList<>(
                List.of(verb, "--cluster", file("cluster.yaml"), "--models", file(models), "--plan", file(plan)));
        arguments.addAll(List.of(further));
        return arguments.toArray(String[]::new);
    }

    /** Shows and runs one command; its output goes where the demo's goes. Returns its exit code. */
    int run(String... arguments) {
        System.out.println("\n$ scepsy " + String.join(" ", arguments));
        System.out.flush();
        int exit = ScepsyCommand.run(arguments);
        System.out.flush();
        System.err.flush();
        return exit;
    }

    /** As {@link #run}, for commands without which the demo cannot go on. */
    void require(String... arguments) {
        int exit = run(arguments);
        if (exit != 0) {
            throw new DemoFailure("scepsy " + arguments[0] + " ended with exit code " + exit + ".");
        }
    }
}
