/**
 * How long single kernels (matrix products, attention, experts, all-reduces) take on a card, as surfaces of measured time over
 * the roofline's. Measured points are thinned to one per factor of four in every direction and read between by straight
 * lines over logarithms, so that shapes nobody measured still get their own roofline times a plausible efficiency.
 *
 * <p>Mathematics: JDK only; the surfaces that ship lie on the class path.
 *
 * <p>Internal: public for the planner's other packages, changes without notice.
 */
@NullMarked
package dev.scepsy.planner.kernel;

import org.jspecify.annotations.NullMarked;
