package dev.scepsy.planner.problem;

import dev.scepsy.planner.profile.ServedModel;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The described models by every name that requests use for them. Immutable. */
final class ModelNames {

    private final Map<String, ServedModel> byName = new HashMap<>();

    ModelNames(List<ServedModel> models) {
        for (ServedModel model : models) {
            model.allNames().forEach(name -> byName.put(name, model));
        }
    }

    /** The model that requests for {@code name} are served by: its own name, an alias or an adapter of it. */
    Optional<ServedModel> find(String name) {
        return Optional.ofNullable(byName.get(name));
    }
}
