package dev.scepsy.planner.measure;

import dev.scepsy.planner.stat.NearestRank;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalDouble;

/**
 * All that happened at one rate. Immutable.
 *
 * @param offeredPerSecond 0: one request at a time
 * @param answers of every request sent, warm-up included, aborted ones left out
 * @param windowStartNanos requests sent from here on are measured
 * @param windowEndNanos up to here
 * @param overloaded why the replica did not keep up; empty: it did
 * @param seconds how long it took
 * @param worstLatenessSeconds of the sender
 */
record LoadRun(
        double offeredPerSecond,
        List<Answer> answers,
        long windowStartNanos,
        long windowEndNanos,
        String overloaded,
        double seconds,
        double worstLatenessSeconds) {

    /** Above this part of failed requests a rate is not sustained. */
    static final double MOST_ERRORS = 0.01;

    /** The statistics of the requests sent within the window. */
    RatePoint statistics(UsageAudit audit, boolean generates) {
        List<Answer> measured = answers.stream()
                .filter(answer -> answer.sentNanos() >= windowStartNanos && answer.sentNanos() < windowEndNanos)
                .toList();
        List<Answer> answered = measured.stream().filter(Answer::isAnswered).toList();
        long[] latencies =
                answered.stream().mapToLong(Answer::latencyNanos).sorted().toArray();
        double inputTokens = 0;
        double outputTokens = 0;
        double firstSeconds = 0;
        double perTokenSeconds = 0;
        int firstCount = 0;
        int perTokenCount = 0;
        for (Answer answer : answered) {
            UsageAudit.Counts counts = audit.count(answer, generates);
            inputTokens += counts.inputTokens();
            outputTokens += counts.outputTokens();
            boolean streamed = answer.firstTokenNanos() > 0 && (answer.pieces() > 1 || counts.outputTokens() <= 8);
            if (streamed) {
                firstSeconds += (answer.firstTokenNanos() - answer.sentNanos()) / 1e9;
                firstCount++;
                if (counts.outputTokens() > 1 && answer.pieces() > 1) {
                    perTokenSeconds +=
                            (answer.lastTokenNanos() - answer.firstTokenNanos()) / 1e9 / (counts.outputTokens() - 1);
                    perTokenCount++;
                }
            }
        }
        int failed = measured.size() - answered.size();
        int count = Math.max(1, answered.size());
        String verdict = overloaded;
        if (verdict.isEmpty() && failed > MOST_ERRORS * measured.size()) {
            verdict = failed + " of " + measured.size() + " requests failed: " + commonFailure(measured);
        } else if (verdict.isEmpty() && answered.isEmpty()) {
            verdict = "nothing was answered";
        }
        double windowSeconds = (windowEndNanos - windowStartNanos) / 1e9;
        return new RatePoint(
                offeredPerSecond,
                completedWithin() / Math.max(1e-9, windowSeconds),
                verdict.isEmpty(),
                verdict.isEmpty() ? "sustained" : verdict,
                measured.size(),
                failed,
                Arrays.stream(latencies).sum() / 1e9 / count,
                percentileSeconds(latencies, 95),
                percentileSeconds(latencies, 99),
                firstCount == 0 ? OptionalDouble.empty() : OptionalDouble.of(firstSeconds / firstCount),
                perTokenCount == 0 ? OptionalDouble.empty() : OptionalDouble.of(perTokenSeconds / perTokenCount),
                requestsInFlight(),
                inputTokens / count,
                outputTokens / count,
                seconds,
                worstLatenessSeconds);
    }

    private static double percentileSeconds(long[] ascendingNanos, int percent) {
        return ascendingNanos.length == 0 ? 0 : NearestRank.percentile(ascendingNanos, percent) / 1e9;
    }

    private static String commonFailure(List<Answer> measured) {
        for (Answer answer : measured) {
            Failure failure = answer.failure();
            if (failure != null) {
                return failure.message();
            }
        }
        return "";
    }

    private long completedWithin() {
        return answers.stream()
                .filter(answer -> answer.isAnswered()
                        && answer.endNanos() >= windowStartNanos
                        && answer.endNanos() < windowEndNanos)
                .count();
    }

    /** ∫n² / ∫n over the window, where n counts the requests in flight. */
    double requestsInFlight() {
        if (offeredPerSecond == 0) {
            return 1;
        }
        long[] starts = new long[answers.size()];
        long[] ends = new long[answers.size()];
        for (int i = 0; i < starts.length; i++) {
            starts[i] = answers.get(i).sentNanos();
            ends[i] = answers.get(i).endNanos();
        }
        Arrays.sort(starts);
        Arrays.sort(ends);
        double area = 0;
        double squares = 0;
        int inFlight = 0;
        int start = 0;
        int end = 0;
        long from = windowStartNanos;
        while (end < ends.length) {
            boolean arrives = start < starts.length && starts[start] <= ends[end];
            long at = arrives ? starts[start] : ends[end];
            double span = Math.max(0, Math.min(at, windowEndNanos) - from);
            area += inFlight * span;
            squares += (double) inFlight * inFlight * span;
            from = Math.max(from, Math.min(at, windowEndNanos));
            if (arrives) {
                start++;
                inFlight++;
            } else {
                end++;
                inFlight--;
            }
        }
        return area > 0 ? squares / area : 1;
    }
}
