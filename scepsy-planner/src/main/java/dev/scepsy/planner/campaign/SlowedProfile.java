package dev.scepsy.planner.campaign;

import dev.scepsy.planner.profile.LatencyProfile;

/**
 * A replica that does everything {@code factor} times slower than its profile says: L'(λ) = x · L(x · λ), saturation over x.
 *
 * @param factor x, above 0
 */
public record SlowedProfile(LatencyProfile profile, double factor) implements LatencyProfile {

    @Override
    public double meanLatencySeconds(double requestsPerSecond) {
        return factor * profile.meanLatencySeconds(factor * requestsPerSecond);
    }

    @Override
    public double meanLatencySeconds(double requestsPerSecond, int replicas) {
        return factor * profile.meanLatencySeconds(factor * requestsPerSecond, replicas);
    }

    @Override
    public double saturationRequestsPerSecond() {
        return profile.saturationRequestsPerSecond() / factor;
    }

    @Override
    public double memoryGiBPerGpu() {
        return profile.memoryGiBPerGpu();
    }
}
