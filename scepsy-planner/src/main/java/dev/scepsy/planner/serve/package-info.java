/**
 * The planner service: one process that observes, detects, proposes, decides, applies and verifies. The door: {@code ScepsyService}; its rooms have a package each. Not in the agent.
 *
 * <p>Internal: public for the planner's other packages, changes without notice.
 */
@NullMarked
package dev.scepsy.planner.serve;

import org.jspecify.annotations.NullMarked;
