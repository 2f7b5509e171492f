/**
 * A plan on Kubernetes. In: a plan, the models and the cluster; out: manifests, and a serving cluster that was changed
 * step by step without any model falling below its floor. Knows Kubernetes, threads and time; computes no plan.
 *
 * <p>API.
 */
@NullMarked
package dev.scepsy.planner.cluster;

import org.jspecify.annotations.NullMarked;
