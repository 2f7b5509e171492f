package dev.scepsy.javaagent.trace;

/** What an operation is, with its {@code gen_ai.operation.name} (GenAI conventions 1.41; rerank and moderation are ours). */
public enum OperationKind {
    WORKFLOW("invoke_workflow", false),
    AGENT("invoke_agent", false),
    TOOL("execute_tool", false),
    RETRIEVAL("retrieval", false),
    CHAT("chat", true),
    TEXT_COMPLETION("text_completion", true),
    EMBEDDINGS("embeddings", true),
    RERANK("rerank", true),
    MODERATION("moderation", true),
    IMAGE("generate_content", true),
    TRANSCRIPTION("transcription", true),
    SPEECH("speech", true);

    private final String operationName;
    private final boolean modelCall;

    OperationKind(String operationName, boolean modelCall) {
        this.operationName = operationName;
        this.modelCall = modelCall;
    }

    public String operationName() {
        return operationName;
    }

    /** Whether it is a call of a served model. */
    public boolean isModelCall() {
        return modelCall;
    }

    /** Whether its span is of kind CLIENT; the others are INTERNAL. */
    public boolean isClient() {
        return modelCall || this == RETRIEVAL;
    }
}
