/** The scenario in a servlet container: the servlet lies in the war, the container's start outside of it. */
@NullMarked
package dev.scepsy.javaagent.scenario.war;

import org.jspecify.annotations.NullMarked;
