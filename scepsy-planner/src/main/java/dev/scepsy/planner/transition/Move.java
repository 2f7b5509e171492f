package dev.scepsy.planner.transition;

/** One engine of a kind more ({@code change} 1) or less (−1). */
record Move(int kind, int change) {}
