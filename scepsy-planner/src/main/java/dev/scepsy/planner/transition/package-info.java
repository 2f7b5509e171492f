/**
 * The way from one serving state to another, computed. In: the engines that run, the engines that a plan wants, the
 * cluster, and how many replicas each model must keep; out: steps (start, stop) of which every prefix is legal, or the
 * reasons why there are none and what would help. Values only: no clock, thread, file or network.
 *
 * <p>API are the values that other packages of the API take and give.
 */
@NullMarked
package dev.scepsy.planner.transition;

import org.jspecify.annotations.NullMarked;
