package dev.scepsy.planner.cluster;

import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;

/**
 * A node with GPUs as its labels describe it (GPU Feature Discovery's, and the topology labels). Immutable.
 *
 * @param name the node's name
 * @param rack its rack label, else its zone; empty where it has neither
 * @param product {@code nvidia.com/gpu.product}; empty where nothing discovered it
 * @param gpus cards, not shares of cards
 * @param domainSize GPUs joined by the fast interconnect; empty where no label says so
 * @param memoryGiB memory of one card; empty where nothing discovered it
 * @param sharing {@code mps}, {@code time-slicing}; empty: not shared by the device plugin
 * @param replicas shares per card; empty: not shared by the device plugin
 */
public record GpuNode(
        String name,
        Optional<String> rack,
        Optional<String> product,
        int gpus,
        OptionalInt domainSize,
        OptionalDouble memoryGiB,
        Optional<String> sharing,
        OptionalInt replicas) {}
