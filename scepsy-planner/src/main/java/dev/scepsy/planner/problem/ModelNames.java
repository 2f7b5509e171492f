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
            byName.put(model.name(), model);
            model.aliases().forEach(alias -> byName.put(alias, model));
        }
    }

    Optional<ServedModel> find(String nameOrAlias) {
        return Optional.ofNullable(byName.get(nameOrAlias));
    }
}
