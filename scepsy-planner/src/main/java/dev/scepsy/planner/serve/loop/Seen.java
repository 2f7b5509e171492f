package dev.scepsy.planner.serve.loop;

import dev.scepsy.planner.file.ClusterFile;
import dev.scepsy.planner.file.ModelsFile;
import dev.scepsy.planner.file.Reading;
import dev.scepsy.planner.serve.loop.ClusterPort.Look;
import dev.scepsy.planner.serve.loop.Operations.EngineView;
import dev.scepsy.planner.topology.Cluster;
import java.util.List;
import java.util.Optional;

/** What the loop saw of the cluster last. One thread looks; thread-safe. */
final class Seen {

    private final Surroundings around;
    private volatile Optional<Look> look = Optional.empty();
    private volatile Optional<String> trouble = Optional.empty();

    Seen(Surroundings around) {
        this.around = around;
    }

    /** Looks again. */
    void refresh() throws Exception {
        if (around.port().isEmpty()) {
            return;
        }
        try {
            look = Optional.of(around.stages().measure("look", around.port().get()::look));
            trouble = Optional.empty();
        } catch (ClusterPort.UnreachableException gone) {
            trouble = Optional.of("The cluster does not answer: " + gone.getMessage());
        }
    }

    /** As last seen. */
    Optional<Look> look() {
        return look;
    }

    /** Why it could not be seen just now, a sentence. */
    Optional<String> trouble() {
        return trouble;
    }

    /** What may be planned on; empty where that is not known now. */
    Optional<Cluster> hardware() {
        return trouble.isPresent()
                ? Optional.empty()
                : look.flatMap(there -> there.hardware().legalValue()).map(ClusterFile.Described::cluster);
    }

    List<EngineView> engines() {
        return look.map(ClusterPort.Look::engines).orElse(List.of());
    }

    /** What plans are pushed with; empty where a file or the hardware cannot be read now. */
    Optional<Pushes.Described> described() {
        return look.flatMap(there -> there.hardware().legalValue())
                .flatMap(hardware -> around.problems().models() instanceof Reading.Legal<ModelsFile.Described> models
                        ? Optional.of(new Pushes.Described(models, hardware.cluster()))
                        : Optional.empty());
    }
}
