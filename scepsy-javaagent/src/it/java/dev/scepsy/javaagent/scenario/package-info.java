/**
 * One application that every environment runs: plain, in a fat jar, in a servlet container, as a module. Uses LangChain4j and
 * knows nothing of the agent. In: the address of a model server and what varies; out: lines on standard output.
 */
@NullMarked
package dev.scepsy.javaagent.scenario;

import org.jspecify.annotations.NullMarked;
