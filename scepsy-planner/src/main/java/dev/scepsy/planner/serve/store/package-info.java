/**
 * The journal and the statistics in a database: H2 in a file, or PostgreSQL; one leads.
 *
 * <p>Internal: public for the planner's other packages, changes without notice.
 */
@NullMarked
package dev.scepsy.planner.serve.store;

import org.jspecify.annotations.NullMarked;
