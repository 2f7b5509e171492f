/**
 * The scepsy command line: one class per verb, exit codes of the contract. In: arguments and files; out: text, files, exit code.
 *
 * <p>Internal: public for the planner's other packages, changes without notice.
 */
@NullMarked
package dev.scepsy.planner.cli;

import org.jspecify.annotations.NullMarked;
