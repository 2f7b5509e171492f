/**
 * The modes {@code plan} and {@code push}: new statistics in, a {@code plan.json} out, and in {@code push} the plan applied. Runs on
 * one daemon thread of its own; nothing here is loaded in the other modes.
 */
@NullMarked
package dev.scepsy.javaagent.planning;

import org.jspecify.annotations.NullMarked;
