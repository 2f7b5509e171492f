/**
 * How one replica of a model behaves on one kind of GPU share: measured curves and the engine model. In: model and GPU facts, measured points; out: latency at a rate, and the saturation rate.
 *
 * <p>API.
 */
@NullMarked
package dev.scepsy.planner.profile;

import org.jspecify.annotations.NullMarked;
