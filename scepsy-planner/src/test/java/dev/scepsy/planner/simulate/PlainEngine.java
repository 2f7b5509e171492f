package dev.scepsy.planner.simulate;

import dev.scepsy.planner.profile.EngineModel;
import dev.scepsy.planner.profile.EngineSetup;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;

/**
 * The scheduler of {@link EngineCore} written as its rules read: every request is visited in every step. Slow and plain,
 * it is what the quick one is held against.
 */
final class PlainEngine {

    private final EngineModel model;
    private final KvCache cache;
    private final int maxNumSeqs;
    private final int maxNumBatchedTokens;
    private final double prefixCacheHitRate;
    private final boolean promptsFirst;
    private final Deque<Request> waiting = new ArrayDeque<>();
    private final List<Request> running = new ArrayList<>();
    private final Map<Long, Request> byId = new HashMap<>();
    private double bandwidthContention = 1;
    private double bandwidthDemand;
    private double stepEndSeconds = Double.NaN;
    private long preemptions;
    private double busySeconds;

    PlainEngine(EngineModel model) {
        EngineSetup setup = model.setup();
        this.model = model;
        this.cache = new KvCache(setup);
        this.maxNumSeqs = setup.maxNumSeqs();
        this.maxNumBatchedTokens = setup.maxNumBatchedTokens();
        this.prefixCacheHitRate = setup.prefixCacheHitRate();
        this.promptsFirst = setup.computesPromptsFirst();
    }

    /**
     * Takes in a request; an idle engine starts a step at once.
     *
     * @param requestId unique among the requests inside
     * @param inputTokens prompt tokens, at least 1
     * @param outputTokens tokens to generate, 0 for encoders
     * @param nowSeconds not before any time this engine has reported
     * @throws IllegalArgumentException if the id is inside already or the request could never be held
     */
    void submit(long requestId, int inputTokens, int outputTokens, double nowSeconds) {
        if (!canHold(inputTokens, outputTokens)) {
            throw new IllegalArgumentException("Request " + requestId + " of " + inputTokens + " + " + outputTokens
                    + " tokens does not fit into the engine's cache. Ask canHold first.");
        }
        Request sequence = new Request(requestId, Math.max(1, inputTokens), outputTokens);
        if (byId.putIfAbsent(requestId, sequence) != null) {
            throw new IllegalArgumentException("Request " + requestId + " is inside the engine already.");
        }
        waiting.addLast(sequence);
        if (Double.isNaN(stepEndSeconds)) {
            startStep(nowSeconds);
        }
    }

    /** Whether a request of this size can run alone. */
    boolean canHold(int inputTokens, int outputTokens) {
        return cache.everFits(inputTokens + outputTokens);
    }

    /** When the step in progress ends; empty while idle. */
    OptionalDouble nextStepEndSeconds() {
        return Double.isNaN(stepEndSeconds) ? OptionalDouble.empty() : OptionalDouble.of(stepEndSeconds);
    }

    /**
     * Ends the step in progress and starts the next one, if there is work.
     *
     * @throws IllegalStateException while idle
     */
    StepOutcome completeStep() {
        if (Double.isNaN(stepEndSeconds)) {
            throw new IllegalStateException("The engine is idle: there is no step to complete.");
        }
        double ended = stepEndSeconds;
        long[] tokens = new long[running.size()];
        long[] finished = new long[running.size()];
        int tokenCount = 0;
        int finishedCount = 0;
        int kept = 0;
        for (Request sequence : running) {
            if (sequence.aborted) {
                continue;
            }
            if (sequence.scheduledTokens > 0) {
                sequence.computedTokens += sequence.scheduledTokens;
                sequence.scheduledTokens = 0;
                if (sequence.tokensToCompute() == 0) {
                    sequence.decoding = true;
                    if (!sequence.isDone()) {
                        sequence.generatedTokens++;
                        tokens[tokenCount++] = sequence.requestId;
                    }
                    if (sequence.isDone()) {
                        finished[finishedCount++] = sequence.requestId;
                        release(sequence);
                        byId.remove(sequence.requestId);
                        continue;
                    }
                }
            }
            running.set(kept++, sequence);
        }
        running.subList(kept, running.size()).clear();
        startStep(ended);
        return new StepOutcome(ended, Arrays.copyOf(tokens, tokenCount), Arrays.copyOf(finished, finishedCount));
    }

    private void startStep(double nowSeconds) {
        stepEndSeconds = Double.NaN;
        if (promptsFirst) {
            schedulePromptsOrElseDecodes();
        } else {
            scheduleDecodesAndPrompts();
        }
        double seconds = scheduledSeconds();
        if (seconds > 0) {
            stepEndSeconds = nowSeconds + seconds;
            busySeconds += seconds;
        }
    }

    private void scheduleDecodesAndPrompts() {
        int budget = maxNumBatchedTokens;
        long preemptionsBefore = preemptions;
        for (int i = 0; i < running.size() && budget > 0; i++) {
            Request sequence = running.get(i);
            int chunk = Math.min(budget, sequence.tokensToCompute());
            if (makeRoom(sequence, sequence.computedTokens + chunk)) {
                sequence.scheduledTokens = chunk;
                budget -= chunk;
            }
        }
        if (preemptions == preemptionsBefore) {
            admit(budget);
        }
    }

    /** SGLang's rule: as long as there is a prompt to compute, nobody decodes; the budget bounds prompts alone. */
    private void schedulePromptsOrElseDecodes() {
        int budget = maxNumBatchedTokens;
        for (Request sequence : running) {
            if (!sequence.decoding && budget > 0) {
                sequence.scheduledTokens = Math.min(budget, sequence.tokensToCompute());
                budget -= sequence.scheduledTokens;
            }
        }
        admit(budget);
        if (running.stream().anyMatch(sequence -> sequence.scheduledTokens > 0)) {
            return;
        }
        for (int i = 0; i < running.size(); i++) {
            Request sequence = running.get(i);
            if (makeRoom(sequence, sequence.computedTokens + 1)) {
                sequence.scheduledTokens = 1;
            }
        }
    }

    /** Room for {@code tokens} of a running sequence, at the cost of those admitted last; false if it was itself evicted. */
    private boolean makeRoom(Request sequence, int tokens) {
        while (!grow(sequence, tokens)) {
            Request last = running.remove(running.size() - 1);
            preempt(last);
            if (last == sequence) {
                return false;
            }
        }
        return true;
    }

    private void preempt(Request sequence) {
        preemptions++;
        release(sequence);
        sequence.computedTokens = 0;
        sequence.scheduledTokens = 0;
        sequence.decoding = false;
        waiting.addFirst(sequence);
    }

    private void admit(int budgetLeft) {
        int budget = budgetLeft;
        while (budget > 0 && running.size() < maxNumSeqs && !waiting.isEmpty()) {
            Request sequence = waiting.peekFirst();
            // the whole prompt is reserved at admission, as vLLM's scheduler_reserve_full_isl does
            if (!grow(sequence, sequence.knownTokens())) {
                return;
            }
            waiting.removeFirst();
            running.add(sequence);
            int cached = (int) (sequence.inputTokens * prefixCacheHitRate);
            sequence.computedTokens = Math.min(cached, sequence.knownTokens() - 1);
            sequence.scheduledTokens = Math.min(budget, sequence.tokensToCompute());
            budget -= sequence.scheduledTokens;
        }
    }

    private double scheduledSeconds() {
        int decodes = 0;
        int prompts = 0;
        long promptTokens = 0;
        double cachedTokens = 0;
        double windowedTokens = 0;
        double pairs = 0;
        double windowedPairs = 0;
        for (int i = 0; i < running.size(); i++) {
            Request sequence = running.get(i);
            int chunk = sequence.scheduledTokens;
            if (chunk == 0) {
                continue;
            }
            int before = sequence.computedTokens;
            if (chunk == 1 && sequence.generatedTokens > 0) {
                decodes++;
                cachedTokens += before;
                windowedTokens += model.windowed(before);
            } else {
                prompts++;
                promptTokens += chunk;
                double pairsOfChunk = chunk * (before + chunk / 2.0);
                pairs += pairsOfChunk;
                windowedPairs += Math.min(pairsOfChunk, chunk * model.windowed(before + chunk));
            }
        }
        if (decodes + prompts == 0) {
            bandwidthDemand = 0;
            return 0;
        }
        double alone =
                stepSeconds(decodes, cachedTokens, windowedTokens, promptTokens, pairs, windowedPairs, prompts, 1);
        double twice =
                stepSeconds(decodes, cachedTokens, windowedTokens, promptTokens, pairs, windowedPairs, prompts, 2);
        // stretching memory traffic twofold adds exactly the traffic's own time
        bandwidthDemand = (twice - alone) / alone;
        return alone + (bandwidthContention - 1) * (twice - alone);
    }

    private double stepSeconds(
            double decodes,
            double cachedTokens,
            double windowedTokens,
            double promptTokens,
            double pairs,
            double windowedPairs,
            double prompts,
            double contention) {
        return model.stepSeconds(
                decodes, cachedTokens, windowedTokens, promptTokens, pairs, windowedPairs, prompts, contention);
    }

    /**
     * Forgets a request, wherever it is; the step in progress keeps its length.
     *
     * @return whether it was inside
     */
    boolean abort(long requestId) {
        Request sequence = byId.remove(requestId);
        if (sequence == null) {
            return false;
        }
        release(sequence);
        sequence.aborted = true;
        waiting.remove(sequence);
        return true;
    }

    /**
     * How much neighbours on the card stretch this engine's memory traffic from the next step on.
     *
     * @param factor 1 or more
     */
    void setBandwidthContention(double factor) {
        if (!(factor >= 1)) {
            throw new IllegalArgumentException("The bandwidth contention (" + factor + ") must be at least 1.");
        }
        bandwidthContention = factor;
    }

    /** Requests being computed. */
    int running() {
        return running.size();
    }

    /** Requests queued, preempted ones included. */
    int waiting() {
        return waiting.size();
    }

    /** Part of the KV cache in use, in [0, 1]. */
    double kvCacheUsage() {
        return cache.usage();
    }

    /** Requests evicted so far for want of cache. */
    long preemptions() {
        return preemptions;
    }

    /** Time spent in steps so far, the one in progress included. */
    double busySeconds() {
        return busySeconds;
    }

    private boolean grow(Request sequence, int tokens) {
        long more = cache.unitsFor(tokens) - sequence.heldUnits;
        if (more > 0 && !cache.take(more)) {
            return false;
        }
        sequence.heldUnits += Math.max(0, more);
        return true;
    }

    private void release(Request sequence) {
        cache.giveBack(sequence.heldUnits);
        sequence.heldUnits = 0;
    }

    private static final class Request {
        final long requestId;
        final int inputTokens;
        final int outputTokens;
        int computedTokens;
        int generatedTokens;
        int scheduledTokens;
        long heldUnits;
        boolean aborted;
        boolean decoding;

        Request(long requestId, int inputTokens, int outputTokens) {
            this.requestId = requestId;
            this.inputTokens = inputTokens;
            this.outputTokens = outputTokens;
        }

        int knownTokens() {
            return inputTokens + generatedTokens;
        }

        int tokensToCompute() {
            return knownTokens() - computedTokens;
        }

        boolean isDone() {
            return generatedTokens >= outputTokens;
        }
    }
}
