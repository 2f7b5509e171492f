/**
 * What stands before the engines and sends every request to one of them: names of models in, the configuration of a program
 * out. No Kubernetes, no files, no network.
 */
@NullMarked
package dev.scepsy.planner.router;

import org.jspecify.annotations.NullMarked;
