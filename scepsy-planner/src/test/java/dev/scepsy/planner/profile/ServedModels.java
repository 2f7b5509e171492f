package dev.scepsy.planner.profile;

import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.Set;

/** Models for tests, without the settings a test does not speak of. */
public final class ServedModels {

    private ServedModels() {}

    /** A 16-bit model with every setting left to the engine. */
    public static ServedModel plain(String name) {
        return with(name, "bf16", OptionalInt.empty());
    }

    public static ServedModel with(String name, String weightPrecision, OptionalInt maxModelLength) {
        return new ServedModel(
                name,
                Optional.empty(),
                Optional.empty(),
                weightPrecision,
                Optional.empty(),
                maxModelLength,
                Set.of(),
                Set.of(),
                Set.of(),
                1,
                OptionalInt.empty(),
                OptionalInt.empty(),
                OptionalInt.empty(),
                OptionalDouble.empty(),
                List.of(),
                List.of(),
                ServedModel.DEFAULT_ENGINE,
                false);
    }
}
