package dev.scepsy.planner.serve.engines;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Names of metrics by engine and version, in one table; docs/reference/service/engines.md says where each was read. Names are
 * meant as {@link #plain} writes them, so that {@code vllm:x}, {@code vllm_x} and Ray's {@code ray_vllm_x} are one. Of several
 * alternatives the first that is there counts; names joined by {@code +} are summed, the first of them must be there.
 */
enum EngineDialect {
    /** 0.4 (V0) to 0.32 (V1). {@code ..._waiting_by_reason} counts the same requests again and is left out. */
    VLLM(
            "vllm_",
            Map.ofEntries(
                    Map.entry(EngineFact.RUNNING, "num_requests_running"),
                    Map.entry(EngineFact.WAITING, "num_requests_waiting + num_requests_swapped"),
                    Map.entry(EngineFact.CACHE_USE, "kv_cache_usage_perc | gpu_cache_usage_perc"),
                    Map.entry(EngineFact.HIT_RATE, "gpu_prefix_cache_hit_rate"),
                    Map.entry(
                            EngineFact.PREFIX_QUERIES,
                            "prefix_cache_queries_total | prefix_cache_queries | gpu_prefix_cache_queries_total | gpu_prefix_cache_queries"),
                    Map.entry(
                            EngineFact.PREFIX_HITS,
                            "prefix_cache_hits_total | prefix_cache_hits | gpu_prefix_cache_hits_total | gpu_prefix_cache_hits"),
                    Map.entry(EngineFact.PREEMPTIONS, "num_preemptions_total | num_preemptions"),
                    Map.entry(EngineFact.FINISHED, "request_success_total | request_success"),
                    Map.entry(EngineFact.PROMPT_TOKENS, "prompt_tokens_total | prompt_tokens"),
                    Map.entry(EngineFact.GENERATED_TOKENS, "generation_tokens_total | generation_tokens"),
                    Map.entry(EngineFact.QUEUE, "request_queue_time_seconds"),
                    Map.entry(EngineFact.PREFILL, "request_prefill_time_seconds"),
                    Map.entry(EngineFact.DECODE, "request_decode_time_seconds"),
                    Map.entry(EngineFact.LATENCY, "e2e_request_latency_seconds"),
                    Map.entry(EngineFact.FIRST_TOKEN, "time_to_first_token_seconds"),
                    Map.entry(EngineFact.PROMPT_LENGTH, "request_prompt_tokens"),
                    Map.entry(EngineFact.GENERATED_LENGTH, "request_generation_tokens"))),
    SGLANG(
            "sglang_",
            Map.ofEntries(
                    Map.entry(EngineFact.RUNNING, "num_running_reqs"),
                    Map.entry(
                            EngineFact.WAITING,
                            "num_queue_reqs + num_grammar_queue_reqs + num_prefill_prealloc_queue_reqs + num_prefill_inflight_queue_reqs"
                                    + " + num_decode_prealloc_queue_reqs + num_decode_transfer_queue_reqs"),
                    Map.entry(EngineFact.CACHE_USE, "token_usage"),
                    Map.entry(EngineFact.HIT_RATE, "cache_hit_rate"),
                    Map.entry(EngineFact.PREFIX_QUERIES, "prompt_tokens_total"),
                    Map.entry(EngineFact.PREFIX_HITS, "cached_tokens_total"),
                    Map.entry(EngineFact.PREEMPTIONS, "num_retracted_requests_total"),
                    Map.entry(EngineFact.FINISHED, "num_requests_total"),
                    Map.entry(EngineFact.PROMPT_TOKENS, "prompt_tokens_total"),
                    Map.entry(EngineFact.GENERATED_TOKENS, "generation_tokens_total"),
                    Map.entry(EngineFact.QUEUE, "queue_time_seconds"),
                    Map.entry(EngineFact.LATENCY, "e2e_request_latency_seconds"),
                    Map.entry(EngineFact.FIRST_TOKEN, "time_to_first_token_seconds"),
                    Map.entry(EngineFact.PROMPT_LENGTH, "prompt_tokens_histogram"),
                    Map.entry(EngineFact.GENERATED_LENGTH, "generation_tokens_histogram"))),
    TGI(
            "tgi_",
            Map.of(
                    EngineFact.RUNNING, "batch_current_size",
                    EngineFact.WAITING, "queue_size",
                    EngineFact.FINISHED, "request_success | request_success_total",
                    EngineFact.QUEUE, "request_queue_duration",
                    EngineFact.LATENCY, "request_duration",
                    EngineFact.PROMPT_LENGTH, "request_input_length",
                    EngineFact.GENERATED_LENGTH, "request_generated_tokens")),
    /** It counts no requests, so it has no rates and no means per request. */
    LLAMA_CPP(
            "llamacpp_",
            Map.of(
                    EngineFact.RUNNING, "requests_processing",
                    EngineFact.WAITING, "requests_deferred",
                    EngineFact.CACHE_USE, "kv_cache_usage_ratio",
                    EngineFact.PROMPT_TOKENS, "prompt_tokens_total",
                    EngineFact.GENERATED_TOKENS, "tokens_predicted_total")),
    TENSORRT_LLM(
            "trtllm_",
            Map.ofEntries(
                    Map.entry(EngineFact.RUNNING, "num_requests_running"),
                    Map.entry(EngineFact.WAITING, "num_requests_waiting"),
                    Map.entry(EngineFact.CACHE_USE, "kv_cache_utilization"),
                    Map.entry(EngineFact.HIT_RATE, "kv_cache_hit_rate"),
                    Map.entry(EngineFact.PREFIX_QUERIES, "kv_cache_reused_blocks_total + kv_cache_missed_blocks_total"),
                    Map.entry(EngineFact.PREFIX_HITS, "kv_cache_reused_blocks_total"),
                    Map.entry(EngineFact.FINISHED, "request_success_total"),
                    Map.entry(EngineFact.PROMPT_TOKENS, "prompt_tokens_total"),
                    Map.entry(EngineFact.GENERATED_TOKENS, "generation_tokens_total"),
                    Map.entry(EngineFact.QUEUE, "request_queue_time_seconds"),
                    Map.entry(EngineFact.PREFILL, "request_prefill_time_seconds"),
                    Map.entry(EngineFact.DECODE, "request_decode_time_seconds"),
                    Map.entry(EngineFact.LATENCY, "e2e_request_latency_seconds"),
                    Map.entry(EngineFact.FIRST_TOKEN, "time_to_first_token_seconds")));

    /** When the engine's process began; the same name everywhere. */
    static final String PROCESS_START = "process_start_time_seconds";

    private static final Set<String> HISTOGRAM_SUFFIXES = Set.of("_sum", "_count", "_bucket");
    private static final Set<String> RANKS = Set.of("tp_rank", "pp_rank", "moe_ep_rank");

    private final String prefix;
    private final Map<EngineFact, List<List<String>>> names = new HashMap<>();
    private final Set<String> all = new HashSet<>();

    EngineDialect(String prefix, Map<EngineFact, String> table) {
        this.prefix = prefix;
        table.forEach((fact, text) -> {
            List<List<String>> alternatives = new ArrayList<>();
            for (String alternative : text.split(" \\| ")) {
                List<String> summed = new ArrayList<>();
                for (String name : alternative.split(" \\+ ")) {
                    summed.add(prefix + name);
                    all.add(prefix + name);
                }
                alternatives.add(List.copyOf(summed));
            }
            names.put(fact, List.copyOf(alternatives));
        });
    }

    /** Alternatives in order of preference, each names that are summed. */
    List<List<String>> names(EngineFact fact) {
        return names.getOrDefault(fact, List.of());
    }

    /** All names, for the page that lists them. */
    Set<String> allNames() {
        return Set.copyOf(all);
    }

    /** A name without {@code ray_} and with {@code _} for the first colon. */
    static String plain(String name) {
        String plain = name.startsWith("ray_") ? name.substring("ray_".length()) : name;
        int colon = plain.indexOf(':');
        return colon < 0 ? plain : plain.substring(0, colon) + "_" + plain.substring(colon + 1);
    }

    /** Whether anything of a name is of use. */
    static boolean isKnown(String name) {
        if (name.equals(PROCESS_START)) {
            return true;
        }
        String plain = plain(name);
        return of(plain).filter(dialect -> dialect.has(plain)).isPresent();
    }

    /** Whose plain name this is. */
    static Optional<EngineDialect> of(String plain) {
        for (EngineDialect dialect : values()) {
            if (plain.startsWith(dialect.prefix)) {
                return Optional.of(dialect);
            }
        }
        return Optional.empty();
    }

    private boolean has(String plain) {
        if (all.contains(plain)) {
            return true;
        }
        int suffix = plain.lastIndexOf('_');
        return suffix > 0
                && HISTOGRAM_SUFFIXES.contains(plain.substring(suffix))
                && all.contains(plain.substring(0, suffix));
    }

    /**
     * Whether a series says something that no other says too: SGLang's ranks of one engine repeat each other, and its gauges by
     * priority repeat the one without.
     */
    boolean counts(MetricSample sample) {
        if (this != SGLANG) {
            return true;
        }
        for (String rank : RANKS) {
            String value = sample.label(rank);
            if (!value.isEmpty() && !value.equals("0")) {
                return false;
            }
        }
        return sample.label("priority").isEmpty();
    }
}
