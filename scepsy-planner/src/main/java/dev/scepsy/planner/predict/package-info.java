/**
 * The Aggregate LLM Pipeline: the closed form from workflows' statistics and replicas' profiles to latency and
 * throughput. In: demands, and for each model a profile and a replica count; out: one prediction per workflow.
 *
 * <p>API.
 */
@NullMarked
package dev.scepsy.planner.predict;

import org.jspecify.annotations.NullMarked;
