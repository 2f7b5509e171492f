package dev.scepsy.planner.file;

/**
 * What numbers with a unit can be: wide around what hardware has and what measurements find (GPUs from 2015 to the next
 * generation, November 2026), so narrow that a number in a neighbouring unit lies outside and is asked about.
 */
final class Units {

    /** Memory of one GPU. Cards have 4 to 288. */
    static final Range MEMORY_GIB = Range.between(1, 2_048)
            .mistakenFor(
                    new UnitSlip("MiB", 1.0 / 1024, "GiB"),
                    new UnitSlip("bytes", 1.0 / (1L << 30), "GiB"),
                    new UnitSlip("TiB", 1024, "GiB"));

    /** A part of a GPU's memory. */
    static final Range MEMORY_PART_GIB = new Range(0, false, 2_048)
            .mistakenFor(new UnitSlip("MiB", 1.0 / 1024, "GiB"), new UnitSlip("bytes", 1.0 / (1L << 30), "GiB"));

    /** Memory bandwidth. Cards have 100 to 8,000. */
    static final Range BANDWIDTH_GBPS = gigabytesPerSecond(50, 50_000);

    /** Arithmetic. Cards have 10 to 15,000. */
    static final Range TFLOPS = Range.between(1, 100_000)
            .mistakenFor(
                    new UnitSlip("Gflops", 1e-3, "Tflops"),
                    new UnitSlip("Pflops", 1e3, "Tflops"),
                    new UnitSlip("flops", 1e-12, "Tflops"));

    /** One card's link to the others of its domain. 25 to 1,800. */
    static final Range NVLINK_GBPS = gigabytesPerSecond(5, 10_000);

    /** One card's PCI Express, one way. A single lane of the third generation has 1, sixteen of the seventh 256. */
    static final Range PCIE_GBPS = gigabytesPerSecond(0.5, 1_000);

    /** One card's share of the network. Ethernet of 1 Gbit/s has 0.125. */
    static final Range NETWORK_GBPS = gigabytesPerSecond(0.05, 2_000);

    /** As CUDA counts: 5.2 to 12.1. */
    static final Range COMPUTE_CAPABILITY =
            Range.between(2, 30).mistakenFor(new UnitSlip("a number without its point", 0.1, "as CUDA counts"));

    /** Of one GPU, in any currency. */
    static final Range COST_PER_HOUR = new Range(0, false, 10_000_000);

    /** One call to a model, up to a day. */
    static final Range CALL_SECONDS = seconds(0, false, 86_400);

    /** The same, if it may take no time. */
    static final Range CALL_SECONDS_OR_NONE = seconds(0, true, 86_400);

    /** A whole execution, which may wait for people: up to ten years. */
    static final Range EXECUTION_SECONDS = seconds(0, true, 3_650 * 86_400);

    /** A limit to a whole execution's latency. */
    static final Range LIMIT_SECONDS = seconds(0, false, 31 * 86_400);

    /** Requests to one replica. */
    static final Range REPLICA_RATE = Range.between(0, 1_000_000);

    /** The same, if there must be some. */
    static final Range REPLICA_RATE_ABOVE_0 = new Range(0, false, 1_000_000);

    /** Tokens of one request. */
    static final Range TOKENS = Range.between(0, 1_000_000_000);

    /** Of an all-reduce of a few bytes. 5 over NVLink, 100 over a network. */
    static final Range REDUCE_MICROSECONDS = Range.between(0.5, 10_000)
            .mistakenFor(
                    new UnitSlip("seconds", 1e6, "microseconds"),
                    new UnitSlip("milliseconds", 1e3, "microseconds"),
                    new UnitSlip("nanoseconds", 1e-3, "microseconds"));

    /** Of long all-reduces, per GPU and direction. */
    static final Range BUS_GBPS = gigabytesPerSecond(0.05, 10_000);

    private Units() {}

    private static Range gigabytesPerSecond(double low, double high) {
        return Range.between(low, high)
                .mistakenFor(
                        new UnitSlip("TB/s", 1e3, "GB/s"),
                        new UnitSlip("MB/s", 1e-3, "GB/s"),
                        new UnitSlip("bytes/s", 1e-9, "GB/s"));
    }

    private static Range seconds(double low, boolean lowIncluded, double high) {
        return new Range(low, lowIncluded, high)
                .mistakenFor(
                        new UnitSlip("milliseconds", 1e-3, "s"),
                        new UnitSlip("microseconds", 1e-6, "s"),
                        new UnitSlip("nanoseconds", 1e-9, "s"));
    }
}
