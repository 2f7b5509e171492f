package dev.scepsy.planner.share;

import dev.scepsy.planner.execution.LeafCall;
import dev.scepsy.planner.stat.SmallNumbers;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;

/** By what calls to one model are told apart. Immutable. */
public sealed interface CallSplit {

    /** Name of the class of calls outside any agent that has one of its own. */
    String OTHERS = "others";

    /** The class of a call. */
    String classOf(LeafCall call);

    /**
     * By the agent that calls.
     *
     * @param agents those with a class of their own; all others share one
     */
    record ByAgent(Set<String> agents) implements CallSplit {
        public ByAgent {
            agents = Set.copyOf(agents);
        }

        @Override
        public String classOf(LeafCall call) {
            return classOf(call.agent() == null ? "" : call.agent());
        }

        /** The class of an agent's calls. */
        String classOf(String agent) {
            return agents.contains(agent) ? agent : OTHERS;
        }
    }

    /**
     * By the length of prompt or answer, which has two modes.
     *
     * @param ofAnswers whether answers have them, else prompts
     * @param threshold tokens from which a call is long
     */
    record ByLength(boolean ofAnswers, long threshold) implements CallSplit {
        @Override
        public String classOf(LeafCall call) {
            OptionalLong length = ofAnswers ? call.outputTokens() : call.inputTokens();
            if (length.isEmpty()) {
                return OTHERS;
            }
            return (length.getAsLong() >= threshold ? "long " : "short ") + (ofAnswers ? "answers" : "prompts");
        }
    }

    /** Of a threshold on the logarithm of lengths: between the classes' means lies this part of the variance. */
    double LEAST_SEPARATION = 0.8;

    /** Each mode has at least this part of the calls. */
    double LEAST_PART = 0.1;

    /** The means of the modes differ at least so often. */
    double LEAST_RATIO = 4;

    /** Fewer calls do not show modes. */
    int LEAST_CALLS = 100;

    /**
     * The threshold between two modes of lengths: the one that leaves the least variance of the logarithms within the classes
     * (N. Otsu, A Threshold Selection Method from Gray-Level Histograms, 1979). A uniform spread would leave 0.75 between
     * them, a normal one 0.64; so two modes are {@value #LEAST_SEPARATION} or more, with {@value #LEAST_PART} of the calls on either
     * side, means {@value #LEAST_RATIO} times apart. Empty where there is one mode, or where lengths are too few.
     */
    static Optional<ByLength> ofModes(int[] lengths, boolean ofAnswers) {
        if (lengths.length < LEAST_CALLS) {
            return Optional.empty();
        }
        int[] ascending = lengths.clone();
        SmallNumbers.sort(ascending);
        int count = ascending.length;
        double sum = 0;
        double squares = 0;
        double tokens = 0;
        double log = 0;
        for (int i = 0; i < count; i++) {
            int length = ascending[i];
            log = i > 0 && length == ascending[i - 1] ? log : Math.log1p(length);
            sum += log;
            squares += log * log;
            tokens += length;
        }
        double total = squares - sum * sum / count;
        double best = 0;
        int at = -1;
        double below = 0;
        double tokensBelow = 0;
        double tokensBelowBest = 0;
        for (int i = 1; i < count; i++) {
            log = i > 1 && ascending[i - 1] == ascending[i - 2] ? log : Math.log1p(ascending[i - 1]);
            below += log;
            tokensBelow += ascending[i - 1];
            if (ascending[i] == ascending[i - 1]) {
                continue;
            }
            double difference = below / i - (sum - below) / (count - i);
            double between = difference * difference * i * (count - i) / count;
            if (between > best) {
                best = between;
                at = i;
                tokensBelowBest = tokensBelow;
            }
        }
        boolean modes = at >= LEAST_PART * count
                && count - at >= LEAST_PART * count
                && best >= LEAST_SEPARATION * total
                && (tokens - tokensBelowBest) / (count - at) >= LEAST_RATIO * Math.max(1, tokensBelowBest / at);
        return modes ? Optional.of(new ByLength(ofAnswers, ascending[at])) : Optional.empty();
    }
}
