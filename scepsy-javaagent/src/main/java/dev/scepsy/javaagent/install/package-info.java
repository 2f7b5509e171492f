/**
 * Which types get which hook, and the weaving itself. In: class files that mention LangChain4j; out: the same with a call of
 * the bridge at entry and exit of the listed methods. Runs in the isolated class loader.
 */
@NullMarked
package dev.scepsy.javaagent.install;

import org.jspecify.annotations.NullMarked;
