/**
 * The hardware there is: racks, nodes, GPUs, fast domains, and how a node shares its GPUs. Values only.
 *
 * <p>API.
 */
@NullMarked
package dev.scepsy.planner.topology;

import org.jspecify.annotations.NullMarked;
