package dev.scepsy.planner.profile;

import static dev.scepsy.planner.profile.Coefficient.FIRST_TOKEN_CROWDING;
import static dev.scepsy.planner.profile.Coefficient.FIRST_TOKEN_PROMPTS;
import static dev.scepsy.planner.profile.Coefficient.FIRST_TOKEN_SECONDS_PER_CLIENT;
import static dev.scepsy.planner.profile.Coefficient.FIRST_TOKEN_STEPS;
import static dev.scepsy.planner.profile.Coefficient.FIRST_TOKEN_TURNOVER;

import java.util.Optional;
import java.util.OptionalDouble;

/**
 * Steady state of one engine with a fixed number of clients, each sending its next request when the last is answered.
 *
 * <pre>
 *   running B = min(clients, max_num_seqs, requests the cache holds at mean length)
 *   time per token = step(B) + B / outputTokens · (what one prompt adds to a step)
 *   first token = overhead + steps + prompt + B · (crowding) + (clients − B) / throughput
 * </pre>
 *
 * Every output token pays for the prompts of the others, which is the largest term at long prompts. Immutable.
 */
public final class ClosedLoop {

    /** What a closed loop comes to, or why it cannot run. */
    public sealed interface Result {

        /**
         * The steady state.
         *
         * @param firstTokenSeconds mean time to the first token, waiting included
         * @param perTokenSeconds mean time per further token; empty where there is none
         * @param runningRequests clients being served at once
         */
        record Steady(double firstTokenSeconds, OptionalDouble perTokenSeconds, double runningRequests)
                implements Result {}

        /** The engine cannot be started or cannot hold one such request. */
        record Impossible(ProfileResult.Unusable unusable) implements Result {}
    }

    /** See {@link Coefficient#FIRST_TOKEN_TURNOVER}. */
    private static final double SHORT_OUTPUT_TOKENS = 512;

    private ClosedLoop() {}

    /**
     * The steady state of {@code concurrency} clients.
     *
     * @param inputTokens prompt tokens per request, at least 1
     * @param outputTokens generated tokens per request, 0 or more; encoders ignore it
     * @param concurrency clients, at least 1
     */
    public static Result at(EngineModel model, double inputTokens, double outputTokens, double concurrency) {
        EngineSetup setup = model.setup();
        boolean decodes = outputTokens > 1 && !setup.architecture().isEncoder();
        double longest = decodes ? inputTokens + outputTokens : inputTokens + Math.min(1, outputTokens);
        Optional<ProfileResult.Unusable> unusable = EngineProfiles.whyUnusable(setup, longest);
        if (unusable.isPresent()) {
            return new Result.Impossible(unusable.get());
        }
        double meanContext = inputTokens + (decodes ? outputTokens / 2 : 0);
        double fitting = Math.min(setup.maxNumSeqs(), setup.requestsThatFit(meanContext));
        double running = Math.min(concurrency, Math.max(1, fitting));
        if (!decodes) {
            return promptsOnly(model, inputTokens, concurrency, running);
        }
        boolean waves = setup.computesPromptsFirst()
                && running * inputTokens * (1 - setup.prefixCacheHitRate()) > setup.maxNumBatchedTokens();
        return waves
                ? inWaves(model, inputTokens, outputTokens, concurrency, running)
                : generating(model, inputTokens, outputTokens, concurrency, running);
    }

    /**
     * Where prompts come first and requests are of one length, all clients start together, decode together and end together:
     * their prompts take several steps, in which those computed already stand still.
     *
     * <pre>
     *   prompts P = steps · step(one budget of prompts)
     *   first token = overhead + P · (steps + 1) / (2 steps)
     *   time per token = step(B) + P · (steps − 1) / (2 steps) / (outputTokens − 1)
     * </pre>
     */
    private static Result inWaves(
            EngineModel model, double inputTokens, double outputTokens, double concurrency, double running) {
        double step = model.decodeSeconds(running, inputTokens + outputTokens / 2);
        double computed = running * inputTokens * (1 - model.setup().prefixCacheHitRate());
        double steps = Math.ceil(computed / model.setup().maxNumBatchedTokens());
        double prompts = model.promptStepsSeconds(inputTokens, running, steps);
        double firstToken = model.firstTokenOverheadSeconds(inputTokens)
                + prompts * (steps + 1) / (2 * steps)
                + running * model.coefficients().get(FIRST_TOKEN_SECONDS_PER_CLIENT);
        double perToken = step + prompts * (steps - 1) / (2 * steps) / (outputTokens - 1);
        double throughput = running / (firstToken + (outputTokens - 1) * perToken);
        double waiting = (concurrency - running) / throughput;
        return new Result.Steady(firstToken + waiting, OptionalDouble.of(perToken), running);
    }

    private static Result generating(
            EngineModel model, double inputTokens, double outputTokens, double concurrency, double running) {
        EngineCoefficients coefficients = model.coefficients();
        double context = inputTokens + outputTokens / 2;
        double step = model.decodeSeconds(running, context);
        double prompt = model.promptSeconds(inputTokens, running, context);
        double perToken = step + running / outputTokens * prompt;
        double firstToken = model.firstTokenOverheadSeconds(inputTokens)
                + coefficients.get(FIRST_TOKEN_PROMPTS) * prompt
                + coefficients.get(FIRST_TOKEN_STEPS) * step
                + running
                        * (coefficients.get(FIRST_TOKEN_SECONDS_PER_CLIENT)
                                + coefficients.get(FIRST_TOKEN_CROWDING) * prompt)
                + turnovers(model, outputTokens) * outputTokens * perToken / running;
        double throughput = running / (firstToken + (outputTokens - 1) * perToken);
        double waiting = (concurrency - running) / throughput;
        return new Result.Steady(firstToken + waiting, OptionalDouble.of(perToken), running);
    }

    private static double turnovers(EngineModel model, double outputTokens) {
        return model.setup().engine().equals("trtllm") && outputTokens <= SHORT_OUTPUT_TOKENS
                ? model.coefficients().get(FIRST_TOKEN_TURNOVER)
                : 0;
    }

    /** Prompts alone: those of all clients that wait together are computed in common steps. */
    private static Result promptsOnly(EngineModel model, double inputTokens, double concurrency, double running) {
        double computed = running * inputTokens * (1 - model.setup().prefixCacheHitRate());
        double steps = Math.ceil(computed / model.setup().maxNumBatchedTokens());
        double together = model.promptStepsSeconds(inputTokens, running, steps);
        double round = model.firstTokenOverheadSeconds(inputTokens) + together;
        double waiting = (concurrency - running) / running * together;
        return new Result.Steady(round + waiting, OptionalDouble.empty(), running);
    }
}
