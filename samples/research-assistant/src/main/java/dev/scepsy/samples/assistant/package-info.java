/**
 * A research assistant, as a team would write it with LangChain4j: it plans, investigates in parallel with retrieval and
 * a tool, lets a critic send it back, and summarises. In: a question; out: a report. Six served models behind one URL.
 */
@NullMarked
package dev.scepsy.samples.assistant;

import org.jspecify.annotations.NullMarked;
