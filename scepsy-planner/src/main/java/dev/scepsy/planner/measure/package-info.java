/**
 * Measures one replica behind an OpenAI-compatible address. In: an address, the lengths of requests. Out: what a load of
 * each rate met (latency, time to the first token, time per token, errors) and the rate it cannot sustain any more. The only
 * package that sends load; it knows the clock, threads and HTTP, and nothing of files and plans.
 *
 * <p>Internal: public for the planner's other packages, changes without notice.
 */
@NullMarked
package dev.scepsy.planner.measure;

import org.jspecify.annotations.NullMarked;
