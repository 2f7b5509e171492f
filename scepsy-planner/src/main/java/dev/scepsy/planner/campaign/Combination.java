package dev.scepsy.planner.campaign;

import dev.scepsy.planner.profile.ProfileKey;

/**
 * A replica that could be measured.
 *
 * @param key model, GPU type, t, f
 * @param relativeError ε of what is predicted of it while nothing of its model on its GPU type is measured, above 0
 */
public record Combination(ProfileKey key, double relativeError) {

    /** @throws IllegalArgumentException if the error is not above 0 */
    public Combination {
        if (!(relativeError > 0) || !Double.isFinite(relativeError)) {
            throw new IllegalArgumentException("The relativeError (" + relativeError + ") must be finite and above 0.");
        }
    }
}
