package dev.scepsy.planner.receive;

import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.composite.CompositeMeterRegistry;
import io.micrometer.core.instrument.config.MeterFilter;

/** For servers whose meters nobody reads: Armeria would register them in one registry of the process, and complain about a second server. */
public final class NoMeters {

    private NoMeters() {}

    /** A new registry that takes none. */
    public static MeterRegistry registry() {
        MeterRegistry registry = new CompositeMeterRegistry();
        registry.config().meterFilter(MeterFilter.deny());
        return registry;
    }
}
