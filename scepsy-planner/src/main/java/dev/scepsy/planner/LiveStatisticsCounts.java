package dev.scepsy.planner;

/**
 * What a planner has done since its start.
 *
 * @param droppedSpans found no room in the buffer
 * @param ignoredSpans came after their execution had settled: late, or seen already through the other door
 * @param openSpans held now for executions that have not settled
 * @param failures times that a stage threw; the loop went on
 */
public record LiveStatisticsCounts(long droppedSpans, long ignoredSpans, long openSpans, long failures) {}
