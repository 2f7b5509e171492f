/**
 * The way from a client to an engine: one port per service, and one gateway for all models. In: requests; out: the ready
 * engine with the least to do.
 */
@NullMarked
package dev.scepsy.samples.cluster.route;

import org.jspecify.annotations.NullMarked;
