package dev.scepsy.planner.simulate;

import dev.scepsy.planner.profile.EngineModel;

/** What one step computes, as {@link EngineModel#stepSeconds} wants it. Mutable, confined to its engine. */
final class StepLoad {

    private int decodes;
    private int prompts;
    private long promptTokens;
    private double cachedTokens;
    private double windowedTokens;
    private double pairs;
    private double windowedPairs;
    private double aloneSeconds;

    /** Time that memory traffic takes of it; NaN until somebody asks. */
    private double trafficSeconds;

    void start(int decodingRequests, long cached, long windowed) {
        decodes = decodingRequests;
        cachedTokens = cached;
        windowedTokens = windowed;
        prompts = 0;
        promptTokens = 0;
        pairs = 0;
        windowedPairs = 0;
    }

    void addChunk(EngineModel model, Sequence sequence) {
        int chunk = sequence.scheduledTokens;
        int before = sequence.computedTokens;
        if (chunk == 1 && sequence.generatedTokens > 0) {
            // the last token of a recomputed request costs what a decoded one does
            decodes++;
            cachedTokens += before;
            windowedTokens += model.windowed(before);
        } else if (chunk > 0) {
            prompts++;
            promptTokens += chunk;
            double pairsOfChunk = chunk * (before + chunk / 2.0);
            pairs += pairsOfChunk;
            windowedPairs += Math.min(pairsOfChunk, chunk * model.windowed(before + chunk));
        }
    }

    /** How long the step takes when neighbours stretch memory traffic by {@code contention}; 0 when nothing is computed. */
    double seconds(EngineModel model, double contention) {
        trafficSeconds = Double.NaN;
        if (decodes + prompts == 0) {
            aloneSeconds = 0;
            return 0;
        }
        aloneSeconds = at(model, 1);
        return contention == 1 ? aloneSeconds : aloneSeconds + (contention - 1) * trafficSeconds(model);
    }

    /** Part of the card's bandwidth that the step would take alone. */
    double bandwidthDemand(EngineModel model) {
        return aloneSeconds > 0 ? trafficSeconds(model) / aloneSeconds : 0;
    }

    /** Stretching memory traffic twofold adds exactly the traffic's own time. */
    private double trafficSeconds(EngineModel model) {
        if (Double.isNaN(trafficSeconds)) {
            trafficSeconds = at(model, 2) - aloneSeconds;
        }
        return trafficSeconds;
    }

    private double at(EngineModel model, double contention) {
        return model.stepSeconds(
                decodes, cachedTokens, windowedTokens, promptTokens, pairs, windowedPairs, prompts, contention);
    }
}
