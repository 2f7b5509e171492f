/**
 * The files of the contract: cluster, models, profiles, workflows and plan, read from YAML or JSON and written as JSON.
 * In: paths; out: the values the other packages share, or every {@link dev.scepsy.planner.file.Problem} at once.
 *
 * <p>API.
 */
@NullMarked
package dev.scepsy.planner.file;

import org.jspecify.annotations.NullMarked;
