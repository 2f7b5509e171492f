package dev.scepsy.planner.profile;

import java.util.OptionalInt;

/** Models for tests, without the settings a test does not speak of. */
public final class ServedModels {

    private ServedModels() {}

    /** A 16-bit model with every setting left to the engine. */
    public static ServedModel plain(String name) {
        return with(name, "bf16", OptionalInt.empty());
    }

    public static ServedModel with(String name, String weightPrecision, OptionalInt maxModelLength) {
        ServedModel.Builder model = ServedModel.named(name).toBuilder().weightPrecision(weightPrecision);
        maxModelLength.ifPresent(model::maxModelLength);
        return model.build();
    }
}
