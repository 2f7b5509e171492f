/**
 * Discrete events where a formula cannot follow: a steppable engine that schedules as vLLM does, and replicas of such
 * engines behind routers, some of which fail. In: engine setups, arrivals, recorded or drawn executions, outages; out:
 * what each step emits, latency distributions with intervals, queues, utilisation. Step times are those of the engine
 * model in {@code profile}.
 *
 * <p>API.
 */
@NullMarked
package dev.scepsy.planner.simulate;

import org.jspecify.annotations.NullMarked;
