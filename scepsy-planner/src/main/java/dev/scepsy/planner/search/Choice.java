package dev.scepsy.planner.search;

/**
 * One shape and replica count for one model.
 *
 * @param shape the shape
 * @param replicas r
 * @param cost what it adds to the objective, seconds
 * @param compute compute units it takes in all: GPUs used, exactly
 */
record Choice(SpaceShape shape, int replicas, double cost, long compute) {}
