package dev.scepsy.javaagent.hook;

import dev.langchain4j.agent.tool.ToolExecutionRequest;
import dev.langchain4j.data.message.AiMessage;
import dev.langchain4j.data.message.ChatMessage;
import dev.langchain4j.data.message.Content;
import dev.langchain4j.data.message.SystemMessage;
import dev.langchain4j.data.message.TextContent;
import dev.langchain4j.data.message.ToolExecutionResultMessage;
import dev.langchain4j.data.message.UserMessage;
import dev.langchain4j.data.segment.TextSegment;
import dev.langchain4j.model.chat.response.ChatResponse;
import dev.langchain4j.rag.content.ContentMetadata;
import java.util.List;
import java.util.Locale;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * Chat messages as the conventions' JSON ({@code gen-ai-input-messages.json}, {@code gen-ai-output-messages.json}): a list of
 * {@code {role, parts: [{type, ...}]}}, which is what Jaeger's GenAI tab shows. Media are named, never included. Immutable.
 */
final class MessagesJson {

    private static final String STOP = "stop";

    private final UnaryOperator<String> show;

    /** @param show what is shown of a text: redacted, cut */
    MessagesJson(UnaryOperator<String> show) {
        this.show = show;
    }

    String shown(String text) {
        return show.apply(text);
    }

    /** The messages of a request. */
    String of(List<ChatMessage> messages) {
        StringBuilder json = new StringBuilder("[");
        for (ChatMessage message : messages) {
            if (message != null) {
                comma(json, '[');
                message(json, message, null);
            }
        }
        return json.append(']').toString();
    }

    /** The one message of a response. */
    String of(ChatResponse response) {
        StringBuilder json = new StringBuilder("[");
        String reason = response.metadata() == null || response.metadata().finishReason() == null
                ? STOP
                : Chat.finishReason(response.metadata().finishReason());
        if (response.aiMessage() != null) {
            message(json, response.aiMessage(), reason);
        }
        return json.append(']').toString();
    }

    /** What somebody who is no model was given, one part for each text. */
    String asked(List<String> texts) {
        return message("user", texts, null);
    }

    /** What somebody who is no model gave back. */
    String answered(String text) {
        return message("assistant", List.of(text), STOP);
    }

    private String message(String role, List<String> texts, @Nullable String finishReason) {
        StringBuilder json = new StringBuilder("[{\"role\":\"").append(role).append("\",\"parts\":[");
        texts.forEach(text -> text(json, "text", text));
        json.append(']');
        JsonText.field(json, "finish_reason", finishReason);
        return json.append("}]").toString();
    }

    /** Retrieved documents as {@code gen-ai-retrieval-documents.json} has them, with their texts. */
    String documents(List<dev.langchain4j.rag.content.Content> documents) {
        StringBuilder json = new StringBuilder("[");
        for (dev.langchain4j.rag.content.Content document : documents) {
            if (document != null) {
                comma(json, '[');
                json.append("{\"type\":\"document\"");
                document.metadata().forEach((key, value) -> {
                    if (key == ContentMetadata.EMBEDDING_ID && value instanceof String id) {
                        JsonText.field(json, "id", id);
                    } else if (key == ContentMetadata.SCORE
                            && value instanceof Double score
                            && Double.isFinite(score)) {
                        json.append(",\"score\":").append(score.doubleValue());
                    }
                });
                TextSegment segment = document.textSegment();
                JsonText.field(
                        json, "content", segment == null || segment.text() == null ? null : show.apply(segment.text()));
                json.append('}');
            }
        }
        return json.append(']').toString();
    }

    private void message(StringBuilder json, ChatMessage message, @Nullable String finishReason) {
        json.append("{\"role\":\"").append(roleOf(message)).append("\",\"parts\":[");
        if (message instanceof SystemMessage system) {
            text(json, "text", system.text());
        } else if (message instanceof UserMessage user) {
            for (Content content : user.contents()) {
                if (content == null) {
                    continue;
                }
                if (content instanceof TextContent text) {
                    text(json, "text", text.text());
                } else {
                    comma(json, '[');
                    json.append("{\"type\":\"")
                            .append(content.type().name().toLowerCase(Locale.ROOT))
                            .append("\"}");
                }
            }
        } else if (message instanceof AiMessage ai) {
            text(json, "text", ai.text());
            if (ai.toolExecutionRequests() != null) {
                ai.toolExecutionRequests().forEach(request -> {
                    if (request != null) {
                        call(json, request);
                    }
                });
            }
        } else if (message instanceof ToolExecutionResultMessage result) {
            comma(json, '[');
            json.append("{\"type\":\"tool_call_response\"");
            JsonText.field(json, "id", result.id());
            JsonText.field(json, "response", result.text() == null ? null : show.apply(result.text()));
            json.append('}');
        }
        json.append(']');
        JsonText.field(json, "finish_reason", finishReason);
        json.append('}');
    }

    private static String roleOf(ChatMessage message) {
        return switch (message.type()) {
            case SYSTEM -> "system";
            case AI -> "assistant";
            case TOOL_EXECUTION_RESULT -> "tool";
            default -> "user";
        };
    }

    private void text(StringBuilder json, String type, @Nullable String text) {
        if (text != null) {
            comma(json, '[');
            json.append("{\"type\":\"").append(type).append('"');
            JsonText.field(json, "content", show.apply(text));
            json.append('}');
        }
    }

    private void call(StringBuilder json, ToolExecutionRequest request) {
        comma(json, '[');
        json.append("{\"type\":\"tool_call\"");
        JsonText.field(json, "id", request.id());
        JsonText.field(json, "name", request.name());
        JsonText.field(json, "arguments", request.arguments() == null ? null : show.apply(request.arguments()));
        json.append('}');
    }

    private static void comma(StringBuilder json, char opening) {
        if (json.charAt(json.length() - 1) != opening) {
            json.append(',');
        }
    }
}
