package dev.scepsy.planner.serve.metrics;

import dev.scepsy.planner.receive.Forwarder;
import dev.scepsy.planner.receive.ReceiverCounts;
import dev.scepsy.planner.serve.engines.EngineLoads;
import dev.scepsy.planner.serve.journal.Store;
import dev.scepsy.planner.serve.loop.Operations;
import dev.scepsy.planner.serve.observe.Observations;
import java.util.List;
import java.util.function.LongSupplier;
import java.util.function.Supplier;

/**
 * Where the service's metrics come from. Asked by whoever scrapes, at most once a second.
 *
 * @param receiver counts of the OTLP receivers
 * @param forwarders those that pass requests on
 * @param webhookDelivered events that the webhook took
 * @param webhookDropped events that it never got
 */
public record MetricSources(
        Observations observations,
        EngineLoads engines,
        Operations operations,
        Store store,
        Supplier<ReceiverCounts> receiver,
        Supplier<List<Forwarder>> forwarders,
        LongSupplier webhookDelivered,
        LongSupplier webhookDropped) {}
