/**
 * A serving cluster without GPUs: the Kubernetes API, the controllers behind it, and vLLM engines on one event clock. In:
 * a cluster's hardware, the models it may serve, requests over HTTP; out: objects, answers and gauges.
 */
@NullMarked
package dev.scepsy.samples.cluster;

import org.jspecify.annotations.NullMarked;
