/**
 * Which span the current thread works for, without ever leaving a scope open between two callbacks. In: spans that
 * listeners begin and end; out: the parent of the next span, on this thread or another.
 *
 * <p>Internal: public for the listeners only, changes without notice.
 */
@NullMarked
package dev.scepsy.langchain4j.context;

import org.jspecify.annotations.NullMarked;
