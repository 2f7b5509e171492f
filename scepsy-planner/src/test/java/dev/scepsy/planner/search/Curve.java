package dev.scepsy.planner.search;

import dev.scepsy.planner.profile.LatencyProfile;

/** A measured curve as the contract reads it, written anew so that the search's tests do not lean on product code. */
record Curve(double[] rates, double[] latencies, double saturationRequestsPerSecond, double memoryGiBPerGpu)
        implements LatencyProfile {

    /** Rises in {@code steps} straight pieces from {@code base} to {@code factor} times it at saturation. */
    static Curve rising(double base, double factor, double saturation, double memoryGiBPerGpu) {
        double[] rates = {0.2 * saturation, 0.6 * saturation, saturation};
        double[] latencies = {base, base * (1 + (factor - 1) * 0.3), base * factor};
        return new Curve(rates, latencies, saturation, memoryGiBPerGpu);
    }

    static Curve flat(double latency, double saturation, double memoryGiBPerGpu) {
        return new Curve(new double[] {saturation}, new double[] {latency}, saturation, memoryGiBPerGpu);
    }

    @Override
    public double meanLatencySeconds(double requestsPerSecond) {
        int last = rates.length - 1;
        if (requestsPerSecond <= rates[0]) {
            return latencies[0];
        }
        for (int i = 1; i <= last; i++) {
            if (requestsPerSecond <= rates[i]) {
                double part = (requestsPerSecond - rates[i - 1]) / (rates[i] - rates[i - 1]);
                return latencies[i - 1] + part * (latencies[i] - latencies[i - 1]);
            }
        }
        return latencies[last];
    }
}
