package dev.scepsy.planner.serve.engines;

/** What engines say of themselves, whatever they call it. */
enum EngineFact {
    /** Requests in batches. */
    RUNNING(Kind.SUM),
    /** Requests in queues. */
    WAITING(Kind.SUM),
    /** Fraction of the KV cache in use. */
    CACHE_USE(Kind.MEAN),
    /** Prefix-cache hit rate where no counters are published. */
    HIT_RATE(Kind.MEAN),
    /** Tokens (or blocks) looked up in the prefix cache. */
    PREFIX_QUERIES(Kind.COUNTER),
    /** Of these, found. */
    PREFIX_HITS(Kind.COUNTER),
    PREEMPTIONS(Kind.COUNTER),
    /** Requests that ended, however. */
    FINISHED(Kind.COUNTER),
    PROMPT_TOKENS(Kind.COUNTER),
    GENERATED_TOKENS(Kind.COUNTER),
    /** Seconds a request waited. */
    QUEUE(Kind.HISTOGRAM),
    /** Seconds from a request's admission to its first token. */
    PREFILL(Kind.HISTOGRAM),
    /** Seconds from a request's first token to its last. */
    DECODE(Kind.HISTOGRAM),
    /** Seconds from a request's arrival to its end. */
    LATENCY(Kind.HISTOGRAM),
    /** Seconds from a request's arrival to its first token. */
    FIRST_TOKEN(Kind.HISTOGRAM),
    /** Prompt tokens of a request. */
    PROMPT_LENGTH(Kind.HISTOGRAM),
    /** Generated tokens of a request. */
    GENERATED_LENGTH(Kind.HISTOGRAM);

    /** How several series of one engine become one number. */
    enum Kind {
        SUM,
        MEAN,
        COUNTER,
        HISTOGRAM
    }

    private final Kind kind;

    EngineFact(Kind kind) {
        this.kind = kind;
    }

    Kind kind() {
        return kind;
    }

    boolean isTokens() {
        return this == PROMPT_LENGTH || this == GENERATED_LENGTH;
    }
}
