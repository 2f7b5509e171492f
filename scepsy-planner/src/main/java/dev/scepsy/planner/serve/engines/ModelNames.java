package dev.scepsy.planner.serve.engines;

import java.util.HashMap;
import java.util.Map;
import java.util.Set;

/**
 * Which model a name that an engine gives is of. Immutable.
 *
 * @param models models by their names, aliases and adapters
 */
public record ModelNames(Map<String, String> models) {

    public ModelNames {
        models = Map.copyOf(models);
    }

    /** @param others aliases and adapters by model */
    public static ModelNames of(Map<String, Set<String>> others) {
        Map<String, String> models = new HashMap<>();
        others.forEach((model, names) -> {
            models.put(model, model);
            names.forEach(name -> models.put(name, model));
        });
        return new ModelNames(models);
    }

    /** Whether {@code name} is one of {@code model}'s. */
    boolean isOf(String name, String model) {
        return name.equals(model) || model.equals(models.get(name));
    }

    /** Whether {@code name} is one of a model other than {@code model}. */
    boolean isOfAnother(String name, String model) {
        return models.containsKey(name) && !isOf(name, model);
    }
}
