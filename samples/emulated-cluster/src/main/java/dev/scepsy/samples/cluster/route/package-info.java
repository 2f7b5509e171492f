/**
 * The way from a client to an engine. {@link dev.scepsy.samples.cluster.route.ConnectionProxy} is what a cluster has: in, a connection; out, one
 * pod at random, whatever it is busy with. {@link dev.scepsy.samples.cluster.route.IdealRouter} is what none has: in, a request; out, the ready
 * engine with the least to do.
 */
@NullMarked
package dev.scepsy.samples.cluster.route;

import org.jspecify.annotations.NullMarked;
