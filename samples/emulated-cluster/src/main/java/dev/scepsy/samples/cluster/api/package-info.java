/**
 * The Kubernetes API as far as Scepsy's client needs it: objects with versions, server-side apply, watches. In: HTTP
 * requests and the controllers' writes; out: HTTP answers and change events. Everything runs on one event loop.
 */
@NullMarked
package dev.scepsy.samples.cluster.api;

import org.jspecify.annotations.NullMarked;
