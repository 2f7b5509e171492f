/**
 * What is inlined into methods: Byte Buddy copies the bodies of these classes' methods, their classes are never loaded. In: the
 * method's receiver, arguments and result; out: calls of the bridge. Names the bridge and the JDK only.
 */
@NullMarked
package dev.scepsy.javaagent.advice;

import org.jspecify.annotations.NullMarked;
