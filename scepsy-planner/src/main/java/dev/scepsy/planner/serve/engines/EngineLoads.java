package dev.scepsy.planner.serve.engines;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What engines publish of themselves. Snapshots. Thread-safe. */
public interface EngineLoads {

    /** By model, as last asked. */
    Map<String, ModelLoad> models();

    /** Requests that engines finished per second over the last {@code window}, by model; nothing where counters do not cover it. */
    Map<String, Double> requestsPerSecond(Duration window);

    /** One sample per scrape, oldest first, of the last {@code window}, by model. */
    Map<String, List<ModelLoad>> samples(Duration window);

    /**
     * How fast each engine decodes: seconds from first token to last over tokens generated, of requests that ended between its last two samples, s; by
     * model and engine. Engines that published no such thing, or finished none, are left out.
     */
    Map<String, Map<String, Double>> secondsPerToken();

    /**
     * What each engine did in the minutes that lie wholly between two instants of the last hour; of those that finished requests and publish how
     * long they decode.
     */
    List<EngineWork> work(Instant from, Instant to);

    /** Prefix-cache hit rates of the last hour, in [0, 1], by model; of those only whose counters have seen enough to plan by ({@link MeasuredHitRates}). */
    Map<String, Double> hitRatesToPlanBy();

    /** Engines that could not be asked or said nothing usable, a sentence each. */
    List<String> troubles();

    /**
     * One engine over some time; sums over the requests that ended in it.
     *
     * @param engine its name in messages, the same as in {@link #secondsPerToken}
     * @param pod null: none of the cluster's own
     * @param seconds that were counted, of at most as long as was asked for
     * @param decodeSeconds from first tokens to last, above 0
     * @param decodedTokens generated after first tokens, above 0
     */
    record EngineWork(
            String model,
            String engine,
            @Nullable String pod,
            double seconds,
            double requests,
            double decodeSeconds,
            double decodedTokens,
            double promptTokens) {}

    /**
     * A model's engines together at one moment.
     *
     * @param engines that answered
     * @param running requests in batches
     * @param waiting requests in queues
     * @param cacheUse mean fraction of the KV cache in use, in [0, 1]; null: not published
     * @param prefixCacheHitRate hits over queries since the last sample, in [0, 1]; null: not published
     * @param preemptionsPerSecond null: not published
     * @param requestsPerSecond finished, since the last sample; null: first sample
     * @param queueSeconds mean per request since the last sample; likewise the next three
     */
    record ModelLoad(
            String model,
            Instant at,
            int engines,
            double running,
            double waiting,
            @Nullable Double cacheUse,
            @Nullable Double prefixCacheHitRate,
            @Nullable Double preemptionsPerSecond,
            @Nullable Double requestsPerSecond,
            @Nullable Double queueSeconds,
            @Nullable Double prefillSeconds,
            @Nullable Double decodeSeconds,
            @Nullable Double latencySeconds,
            @Nullable Double promptTokensPerRequest,
            @Nullable Double generatedTokensPerRequest) {}
}
