package dev.scepsy.planner.simulate;

import dev.scepsy.planner.profile.EngineModel;
import dev.scepsy.planner.profile.EngineSetup;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.HashMap;
import java.util.Map;
import java.util.OptionalDouble;
import org.jspecify.annotations.Nullable;

/**
 * One engine that schedules as vLLM's V1 scheduler does, step by step, on a clock that its caller moves.
 *
 * <p>Each step has a budget of {@code max_num_batched_tokens}. Running requests come first, in the order they were
 * admitted: one token each, or the next chunk of their prompt. A request that finds no free cache block preempts the one
 * admitted last, which loses its blocks and recomputes later. If nobody was preempted, waiting requests are admitted first
 * come, first served, while budget, {@code max_num_seqs} and room for their whole prompt last. The step takes what {@link
 * EngineModel#stepSeconds} says.
 *
 * <p>From these rules follows what makes it quick: whoever is admitted takes a token of the budget and the next prompt
 * starts only when the last one's is computed, so in every step all that decode get their token and at most one prompt is
 * under way when it starts. The decoding ones are therefore counted, not visited ({@link DecodingSet}): a step costs in
 * proportion to the requests that come, end or are evicted in it.
 *
 * <p>Pure and deterministic; not thread-safe: confine an engine to one thread or lock it.
 */
public final class EngineCore {

    private final EngineModel model;
    private final KvCache cache;
    private final int maxNumSeqs;
    private final int maxNumBatchedTokens;
    private final double prefixCacheHitRate;
    private final Deque<Sequence> waiting = new ArrayDeque<>();
    private final RunningOrder running = new RunningOrder();
    private final DecodingSet decoding;
    private final PrefixCache prefixes;
    private final Map<Long, Sequence> byId = new HashMap<>();

    /** Sequences of which this step computes prompt tokens, in the order of admission. */
    private @Nullable Sequence[] prompts = new Sequence[16];

    private int promptCount;

    private long[] finished = new long[16];
    private int finishedCount;

    /** SGLang's scheduler: as long as prompts can be admitted, steps compute prompts alone. */
    private final boolean promptsFirst;

    /** Whether those that decode stand still in this step. */
    private boolean decodingPaused;

    private double bandwidthContention = 1;
    private double slowness = 1;

    /** Never, while idle. */
    private double stepEndSeconds = Double.POSITIVE_INFINITY;

    private final StepLoad load = new StepLoad();
    private long preemptions;
    private double busySeconds;
    private long steps;
    private long prefixQueryTokens;
    private long prefixHitTokens;
    private long firstTokens;
    private double firstTokenSeconds;
    private double queuedSeconds;
    private double queueSeenSeconds;

    public EngineCore(EngineModel model) {
        EngineSetup setup = model.setup();
        this.model = model;
        this.cache = new KvCache(setup);
        this.prefixes = new PrefixCache(cache);
        this.decoding = new DecodingSet(setup.architecture(), cache);
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
    public void submit(long requestId, int inputTokens, int outputTokens, double nowSeconds) {
        submit(requestId, inputTokens, outputTokens, null, nowSeconds);
    }

    /**
     * The same for a request of known text: blocks that an earlier one with the same beginning has left in the cache are not
     * computed again. They count instead of {@code prefixCacheHitRate} where they are more. Models with sliding windows
     * or recurrent layers keep to the rate.
     *
     * @param blocks hashes of its prompt and answer; null when the text is unknown
     */
    public void submit(
            long requestId, int inputTokens, int outputTokens, @Nullable PromptBlocks blocks, double nowSeconds) {
        if (!canHold(inputTokens, outputTokens)) {
            throw new IllegalArgumentException("Request " + requestId + " of " + inputTokens + " + " + outputTokens
                    + " tokens does not fit into the engine's cache. Ask canHold first.");
        }
        Sequence sequence = new Sequence(
                requestId, Math.max(1, inputTokens), outputTokens, cache.sharesPrefixes() ? blocks : null, nowSeconds);
        if (byId.putIfAbsent(requestId, sequence) != null) {
            throw new IllegalArgumentException("Request " + requestId + " is inside the engine already.");
        }
        noteQueue(nowSeconds);
        waiting.addLast(sequence);
        if (isIdle()) {
            startStep(nowSeconds);
        }
    }

    /** Whether a request of this size can run alone. */
    public boolean canHold(int inputTokens, int outputTokens) {
        return cache.everFits(inputTokens + outputTokens);
    }

    /** When the step in progress ends; empty while idle. */
    public OptionalDouble nextStepEndSeconds() {
        return isIdle() ? OptionalDouble.empty() : OptionalDouble.of(stepEndSeconds);
    }

    private boolean isIdle() {
        return stepEndSeconds == Double.POSITIVE_INFINITY;
    }

    /** When the step in progress ends; infinite while idle. */
    double stepEndSeconds() {
        return stepEndSeconds;
    }

    /**
     * Ends the step in progress and starts the next one, if there is work. Costs in proportion to the requests running,
     * because it names them; {@link #advance} does not.
     *
     * @throws IllegalStateException while idle
     */
    public StepOutcome completeStep() {
        long[] tokens = new long[decoding.size() + promptCount];
        int count = 0;
        if (!isIdle()) {
            for (Sequence sequence = running.first(); sequence != null; sequence = sequence.later) {
                boolean first = !sequence.decoding
                        && sequence.scheduledTokens > 0
                        && sequence.scheduledTokens == sequence.tokensToCompute()
                        && !sequence.isDone();
                if (first || (sequence.decoding && !decodingPaused)) {
                    tokens[count++] = sequence.requestId;
                }
            }
        }
        double ended = advance();
        return new StepOutcome(ended, Arrays.copyOf(tokens, count), Arrays.copyOf(finished, finishedCount));
    }

    /**
     * Ends the step in progress and starts the next one, if there is work, without saying who got a token; {@link
     * #finishedCount} and {@link #finished} say who is done. Allocates nothing.
     *
     * @return when the step ended
     * @throws IllegalStateException while idle
     */
    public double advance() {
        if (isIdle()) {
            throw new IllegalStateException("The engine is idle: there is no step to complete.");
        }
        double ended = stepEndSeconds;
        finishedCount = 0;
        if (!decodingPaused) {
            decoding.advance();
        }
        for (Sequence done = decoding.pollFinished(); done != null; done = decoding.pollFinished()) {
            finish(done);
        }
        int count = promptCount;
        promptCount = 0;
        for (int i = 0; i < count; i++) {
            Sequence sequence = prompts[i];
            prompts[i] = null;
            if (sequence != null && sequence.running) {
                endChunk(sequence, ended);
            }
        }
        startStep(ended);
        return ended;
    }

    private void endChunk(Sequence sequence, double endedSeconds) {
        sequence.computedTokens += sequence.scheduledTokens;
        sequence.scheduledTokens = 0;
        if (sequence.tokensToCompute() > 0) {
            prompts[promptCount++] = sequence;
            return;
        }
        if (!sequence.isDone()) {
            if (sequence.generatedTokens == 0) {
                firstTokens++;
                firstTokenSeconds += endedSeconds - sequence.submittedSeconds;
            }
            sequence.generatedTokens++;
        }
        if (sequence.isDone()) {
            finish(sequence);
        } else {
            decoding.add(sequence);
        }
    }

    private void finish(Sequence sequence) {
        if (finishedCount == finished.length) {
            finished = Arrays.copyOf(finished, 2 * finishedCount);
        }
        finished[finishedCount++] = sequence.requestId;
        running.remove(sequence);
        release(sequence, Math.max(sequence.computedTokens, sequence.reservedTokens));
        byId.remove(sequence.requestId);
    }

    /** Gives back room for {@code tokens} tokens of a sequence that does not decode any more. */
    private void release(Sequence sequence, int tokens) {
        if (sequence.blocks == null) {
            cache.giveBack(cache.unitsFor(tokens));
        } else {
            prefixes.leave(sequence.blocks, sequence.sharedBlocks, sequence.computedTokens, cache.unitsFor(tokens));
            sequence.sharedBlocks = 0;
        }
    }

    /** Requests that the last completed step ended. */
    public int finishedCount() {
        return finishedCount;
    }

    /** One of the requests that the last completed step ended, in scheduling order. */
    public long finished(int index) {
        return finished[index];
    }

    private void startStep(double nowSeconds) {
        stepEndSeconds = Double.POSITIVE_INFINITY;
        noteQueue(nowSeconds);
        if (promptsFirst) {
            schedulePrompts(maxNumBatchedTokens);
        }
        decodingPaused = promptsFirst && promptCount > 0;
        if (!decodingPaused) {
            long preemptionsBefore = preemptions;
            long units = decoding.unitsToGrow();
            if (!cache.take(units)) {
                growOneByOne();
            }
            if (preemptions == preemptionsBefore) {
                schedulePrompts(maxNumBatchedTokens - decoding.size());
            } else if (promptCount > 0 && prompts[0] != null) {
                schedule(prompts[0], maxNumBatchedTokens - decoding.size());
            }
        }
        prefixes.trim();
        gather();
        double seconds = slowness * load.seconds(model, bandwidthContention);
        if (seconds > 0) {
            stepEndSeconds = nowSeconds + seconds;
            busySeconds += seconds;
            steps++;
        }
    }

    private void schedulePrompts(int most) {
        int budget = most;
        if (promptCount > 0 && prompts[0] != null) {
            budget -= schedule(prompts[0], budget);
        }
        admit(budget);
    }

    /** The cache cannot hold everybody's next token: in the order of admission, at the cost of those admitted last. */
    private void growOneByOne() {
        Sequence sequence = running.first();
        while (sequence != null) {
            if (sequence.decoding && !makeRoom(sequence)) {
                return;
            }
            sequence = sequence.later;
        }
    }

    /** Room for the next token of a decoding sequence; false if it was itself evicted. */
    private boolean makeRoom(Sequence sequence) {
        int computed = decoding.computed(sequence);
        long more = cache.unitsFor(computed + 1) - cache.unitsFor(computed);
        while (!cache.take(more)) {
            Sequence last = running.last();
            if (last == null) {
                throw new IllegalStateException("A running request is not in the order of admission.");
            }
            preempt(last);
            if (last == sequence) {
                return false;
            }
        }
        return true;
    }

    private void preempt(Sequence sequence) {
        preemptions++;
        if (sequence.decoding) {
            decoding.remove(sequence);
        } else {
            // a prompt under way was admitted last, so nothing stands behind it
            promptCount--;
        }
        running.remove(sequence);
        release(sequence, Math.max(sequence.computedTokens, sequence.reservedTokens));
        sequence.computedTokens = 0;
        sequence.scheduledTokens = 0;
        waiting.addFirst(sequence);
    }

    private static int schedule(Sequence sequence, int budget) {
        sequence.scheduledTokens = Math.min(budget, sequence.tokensToCompute());
        return sequence.scheduledTokens;
    }

    private void admit(int budgetLeft) {
        int budget = budgetLeft;
        while (budget > 0 && running.size() < maxNumSeqs && !waiting.isEmpty()) {
            Sequence sequence = waiting.getFirst();
            if (!reserve(sequence)) {
                return;
            }
            waiting.removeFirst();
            running.add(sequence);
            int cached = Math.max(
                    (int) (sequence.inputTokens * prefixCacheHitRate),
                    sequence.sharedBlocks * EngineSetup.BLOCK_TOKENS);
            sequence.computedTokens = Math.min(cached, sequence.knownTokens() - 1);
            prefixQueryTokens += sequence.inputTokens;
            prefixHitTokens += Math.min(sequence.computedTokens, sequence.inputTokens);
            budget -= schedule(sequence, budget);
            if (promptCount == prompts.length) {
                prompts = Arrays.copyOf(prompts, 2 * promptCount);
            }
            prompts[promptCount++] = sequence;
        }
    }

    /** Room for the whole prompt, which vLLM reserves at admission (scheduler_reserve_full_isl); false if there is not. */
    private boolean reserve(Sequence sequence) {
        int tokens = sequence.knownTokens();
        PromptBlocks blocks = sequence.blocks;
        if (blocks == null) {
            sequence.reservedTokens = tokens;
            return cache.take(cache.unitsFor(tokens));
        }
        // the last token is always computed: its output is what the step is for
        int shared = prefixes.find(blocks, tokens - 1);
        if (!cache.take(cache.unitsFor(tokens) - prefixes.unitsInUse(blocks, shared))) {
            return false;
        }
        prefixes.use(blocks, shared);
        sequence.sharedBlocks = shared;
        sequence.reservedTokens = tokens;
        return true;
    }

    private void gather() {
        if (decodingPaused) {
            load.start(0, 0, 0);
        } else {
            load.start(decoding.size(), decoding.cachedTokens(), decoding.windowedTokens());
        }
        for (int i = 0; i < promptCount; i++) {
            Sequence sequence = prompts[i];
            if (sequence != null) {
                load.addChunk(model, sequence);
            }
        }
    }

    private void noteQueue(double nowSeconds) {
        queuedSeconds += waiting.size() * (nowSeconds - queueSeenSeconds);
        queueSeenSeconds = nowSeconds;
    }

    /**
     * Forgets a request, wherever it is; the step in progress keeps its length.
     *
     * @return whether it was inside
     */
    public boolean abort(long requestId) {
        Sequence sequence = byId.remove(requestId);
        if (sequence == null) {
            return false;
        }
        if (!sequence.running) {
            waiting.remove(sequence);
        } else if (sequence.decoding) {
            decoding.remove(sequence);
            running.remove(sequence);
            // a step in which it gets a token has made room for that already
            release(sequence, sequence.computedTokens + (decodingPaused ? 0 : 1));
        } else {
            running.remove(sequence);
            release(sequence, Math.max(sequence.computedTokens, sequence.reservedTokens));
        }
        return true;
    }

    /**
     * How much neighbours on the card stretch this engine's memory traffic from the next step on.
     *
     * @param factor 1 or more
     */
    public void setBandwidthContention(double factor) {
        if (!(factor >= 1)) {
            throw new IllegalArgumentException("The bandwidth contention (" + factor + ") must be at least 1.");
        }
        bandwidthContention = factor;
    }

    /**
     * How many times as long all steps take from the next one on: a card that throttles, an ill node.
     *
     * @param factor 1 or more
     */
    public void setSlowness(double factor) {
        if (!(factor >= 1 && factor < Double.POSITIVE_INFINITY)) {
            throw new IllegalArgumentException("The slowness (" + factor + ") must be at least 1 and finite.");
        }
        slowness = factor;
    }

    /** Part of the card's usable memory bandwidth that the step in progress would take alone, in [0, 1]; 0 while idle. */
    public double bandwidthDemand() {
        return isIdle() ? 0 : load.bandwidthDemand(model);
    }

    /** Requests being computed. */
    public int running() {
        return running.size();
    }

    /** Requests queued, preempted ones included. */
    public int waiting() {
        return waiting.size();
    }

    /** Part of the KV cache in use, in [0, 1]. */
    public double kvCacheUsage() {
        return cache.usage();
    }

    /** Requests evicted so far for want of cache. */
    public long preemptions() {
        return preemptions;
    }

    /** Time spent in steps so far, the one in progress included. */
    public double busySeconds() {
        return busySeconds;
    }

    /** Time that requests spent waiting for admission so far, preempted ones again, summed over requests. */
    public double queuedSeconds() {
        return queuedSeconds;
    }

    /** Prompt tokens of admitted requests so far, preempted ones again. */
    public long prefixQueryTokens() {
        return prefixQueryTokens;
    }

    /** Those of them that were not computed, because the cache held them. */
    public long prefixHitTokens() {
        return prefixHitTokens;
    }

    /** Requests that got their first token so far. */
    public long firstTokens() {
        return firstTokens;
    }

    /** Time those took from {@link #submit} to their first token, summed. */
    public double firstTokenSeconds() {
        return firstTokenSeconds;
    }

    /** Steps started so far. */
    public long steps() {
        return steps;
    }

    /** The model whose step times this engine keeps. */
    public EngineModel model() {
        return model;
    }
}
