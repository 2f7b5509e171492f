package dev.scepsy.planner.measure;

/** The kind of request that is sent. */
public enum Api {
    CHAT("/chat/completions", true),
    COMPLETIONS("/completions", true),
    EMBEDDINGS("/embeddings", false),
    RERANK("/rerank", false);

    private final String path;
    private final boolean generates;

    Api(String path, boolean generates) {
        this.path = path;
        this.generates = generates;
    }

    /** Behind the base address, which ends in {@code /v1}. */
    String path() {
        return path;
    }

    /** Whether the answer comes token by token. */
    boolean generates() {
        return generates;
    }
}
