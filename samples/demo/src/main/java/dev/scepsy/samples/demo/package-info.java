/**
 * The demo's driver: an emulated cluster, the sample application under the agent, two loads, and in between a plan that
 * is computed from the traces and pushed. In: nothing; out: a table, three last lines, and files in {@code target/demo}.
 */
@NullMarked
package dev.scepsy.samples.demo;

import org.jspecify.annotations.NullMarked;
