/** Real programs that run as containers of emulated pods. In: a command line, files and variables; out: lines, an end, and nothing left behind. */
@NullMarked
package dev.scepsy.samples.cluster.process;

import org.jspecify.annotations.NullMarked;
