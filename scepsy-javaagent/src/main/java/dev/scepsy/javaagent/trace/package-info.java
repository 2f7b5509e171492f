/**
 * Operations in progress: their identity, their parents, their times. In: hooks that begin and end them on whatever thread;
 * out: finished operations to one {@link dev.scepsy.javaagent.trace.FinishedOperations}. Independent of any SDK and sampler.
 */
@NullMarked
package dev.scepsy.javaagent.trace;

import org.jspecify.annotations.NullMarked;
