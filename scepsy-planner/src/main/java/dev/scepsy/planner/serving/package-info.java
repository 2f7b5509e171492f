/**
 * Between files and the cluster client: what a live cluster says as {@code cluster.yaml}, and what plan and {@code models.yaml} say as an
 * {@link dev.scepsy.planner.cluster.Intent}. The command line and the service use it alike. Not in the agent.
 *
 * <p>Internal: public for the planner's other packages, changes without notice.
 */
@NullMarked
package dev.scepsy.planner.serving;

import org.jspecify.annotations.NullMarked;
