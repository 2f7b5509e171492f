/**
 * What makes objects come true: deployments get pods, pods get GPUs and engines, services get endpoints. In: the objects
 * of the API and changes to them; out: their status, and running engines. Everything runs on one event loop.
 */
@NullMarked
package dev.scepsy.samples.cluster.control;

import org.jspecify.annotations.NullMarked;
