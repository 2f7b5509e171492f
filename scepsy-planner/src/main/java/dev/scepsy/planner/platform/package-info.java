/**
 * Where plans run: what comes in is a placed plan with the start of every engine, what goes out are the files of a platform (Kubernetes
 * objects, a Compose file, scripts, units, a Ray Serve configuration), and for platforms that can be reached what runs there and how a
 * push ended. Every platform says what it enforces and refuses what it cannot express.
 *
 * <p>API.
 */
@org.jspecify.annotations.NullMarked
package dev.scepsy.planner.platform;
