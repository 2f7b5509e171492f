/**
 * What {@code serve.yaml} and the tokens file say, as values.
 *
 * <p>Internal: public for the planner's other packages, changes without notice.
 */
@NullMarked
package dev.scepsy.planner.serve.settings;

import org.jspecify.annotations.NullMarked;
