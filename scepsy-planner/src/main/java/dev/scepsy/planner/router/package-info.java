/**
 * What stands before the engines and sends every request to one of them: names of models in, the configuration of a program
 * out. No Kubernetes, no files, no network.
 *
 * <p>API are the values that other packages of the API take and give.
 */
@NullMarked
package dev.scepsy.planner.router;

import org.jspecify.annotations.NullMarked;
