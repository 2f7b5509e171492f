/** The scepsy command line: one class per verb, exit codes of the contract. In: arguments and files; out: text, files, exit code. */
@NullMarked
package dev.scepsy.planner.cli;

import org.jspecify.annotations.NullMarked;
