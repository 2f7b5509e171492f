package dev.scepsy.planner.cluster;

/**
 * An engine that is ready and routed to. Immutable.
 *
 * @param model as {@code models.yaml} names it
 * @param deployment its name
 * @param pod its name, which no later pod has
 * @param node it runs on
 * @param port it answers at
 */
public record ServingEngine(String model, String deployment, String pod, String node, int port) {}
