/** The built application, run as its users run it. */
@NullMarked
package dev.scepsy.samples.quarkus;

import org.jspecify.annotations.NullMarked;
