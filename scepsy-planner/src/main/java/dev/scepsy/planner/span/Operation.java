package dev.scepsy.planner.span;

import org.jspecify.annotations.Nullable;

/** What kind of work a span's {@code gen_ai.operation.name} speaks of, as far as statistics tell kinds apart. */
public enum Operation {
    /** No operation name: not a GenAI span. */
    NONE,
    /** A call to a model, provided that the span names one: chat, completion, and every name not known otherwise. */
    MODEL,
    /** A call to a model that reads and writes nothing: embeddings, rerank. */
    ENCODER,
    /** {@code invoke_agent}. */
    AGENT,
    /** {@code invoke_workflow}. */
    WORKFLOW,
    /** {@code execute_tool}. */
    TOOL,
    /** {@code retrieval}. */
    RETRIEVAL,
    /** Planning, memory, chains, tasks, {@code create_agent}, {@code fetch_response}: seen, but neither call nor boundary. */
    OTHER;

    /** The kind of an operation name; null or empty is {@link #NONE}. */
    public static Operation of(@Nullable String name) {
        if (name == null || name.isEmpty()) {
            return NONE;
        }
        return switch (name) {
            case "chat", "text_completion", "generate_content" -> MODEL;
            case "embeddings", "embedding", "rerank" -> ENCODER;
            // the second of each is OpenLIT's
            case "invoke_agent", "agent" -> AGENT;
            case "invoke_workflow" -> WORKFLOW;
            case "execute_tool", "tool" -> TOOL;
            case "retrieval", "retrieve" -> RETRIEVAL;
            case "plan", "fetch_response", "chain", "task" -> OTHER;
            // OpenLIT's and Spring AI's words for a framework's own steps, AG2's for a chat of agents, which carries
            // sums
            case "workflow", "team", "vectordb", "graph_execution", "conversation", "initiate_chats" -> OTHER;
            // the conventions name operations verb_noun: create_agent, search_memory, create_memory_store
            default ->
                name.endsWith("_agent")
                                || name.endsWith("_workflow")
                                || name.endsWith("_tool")
                                || name.endsWith("_task")
                                || name.endsWith("_memory")
                                || name.contains("_memory_")
                        ? OTHER
                        : MODEL;
        };
    }

    /** Whether a span of this kind that names a model is a call to it. */
    public boolean isCall() {
        return this == MODEL || this == ENCODER;
    }
}
