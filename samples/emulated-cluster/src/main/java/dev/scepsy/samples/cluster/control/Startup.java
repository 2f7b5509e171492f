package dev.scepsy.samples.cluster.control;

/**
 * How long an engine takes to start: a constant for the process, compilation and graphs, and the weights at the rate at
 * which they load. Emulated seconds.
 *
 * @param baseSeconds at least 0
 * @param loadBytesPerSecond rate per GPU
 */
public record Startup(double baseSeconds, double loadBytesPerSecond) {

    /** Ten seconds, and weights at 2 GB/s from a local disk: quicker than most real starts. */
    public static final Startup DEFAULT = new Startup(10, 2e9);

    public Startup {
        if (!(baseSeconds >= 0) || !(loadBytesPerSecond > 0)) {
            throw new IllegalArgumentException("The baseSeconds (" + baseSeconds
                    + ") must be 0 or more and the loadBytesPerSecond (" + loadBytesPerSecond + ") above 0.");
        }
    }

    double seconds(double weightBytesPerGpu) {
        return baseSeconds + weightBytesPerGpu / loadBytesPerSecond;
    }
}
