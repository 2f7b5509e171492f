package dev.scepsy.spring;

import io.micrometer.observation.Observation;

/** The context of an observation whose span exists already: meters count it, and no tracer makes a second span of it. */
final class ModelObservation extends Observation.Context {}
