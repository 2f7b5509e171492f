/** The hardware there is: racks, nodes, GPUs, fast domains, and how a node shares its GPUs. Values only. */
@NullMarked
package dev.scepsy.planner.topology;

import org.jspecify.annotations.NullMarked;
