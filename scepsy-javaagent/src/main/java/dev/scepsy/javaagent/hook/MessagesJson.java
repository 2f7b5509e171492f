package dev.scepsy.javaagent.hook;

import dev.langchain4j.agent.tool.ToolExecutionRequest;
import dev.langchain4j.data.message.AiMessage;
import dev.langchain4j.data.message.ChatMessage;
import dev.langchain4j.data.message.Content;
import dev.langchain4j.data.message.SystemMessage;
import dev.langchain4j.data.message.TextContent;
import dev.langchain4j.data.message.ToolExecutionResultMessage;
import dev.langchain4j.data.message.UserMessage;
import dev.langchain4j.model.chat.response.ChatResponse;
import java.util.List;
import java.util.Locale;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * Chat messages as the conventions' JSON ({@code gen-ai-input-messages.json}, {@code gen-ai-output-messages.json}): a list of
 * {@code {role, parts: [{type, ...}]}}, which is what Jaeger's GenAI tab shows. Media are named, never included. Immutable.
 */
final class MessagesJson {

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
            comma(json, '[');
            message(json, message, null);
        }
        return json.append(']').toString();
    }

    /** The one message of a response. */
    String of(ChatResponse response) {
        StringBuilder json = new StringBuilder("[");
        String reason = response.metadata() == null || response.metadata().finishReason() == null
                ? "stop"
                : response.metadata().finishReason().name().toLowerCase(Locale.ROOT);
        message(json, response.aiMessage(), reason);
        return json.append(']').toString();
    }

    private void message(StringBuilder json, ChatMessage message, @Nullable String finishReason) {
        json.append("{\"role\":\"").append(roleOf(message)).append("\",\"parts\":[");
        if (message instanceof SystemMessage system) {
            text(json, "text", system.text());
        } else if (message instanceof UserMessage user) {
            for (Content content : user.contents()) {
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
                ai.toolExecutionRequests().forEach(request -> call(json, request));
            }
        } else if (message instanceof ToolExecutionResultMessage result) {
            comma(json, '[');
            json.append("{\"type\":\"tool_call_response\"");
            field(json, "id", result.id());
            field(json, "response", show.apply(result.text()));
            json.append('}');
        }
        json.append(']');
        field(json, "finish_reason", finishReason);
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
            field(json, "content", show.apply(text));
            json.append('}');
        }
    }

    private void call(StringBuilder json, ToolExecutionRequest request) {
        comma(json, '[');
        json.append("{\"type\":\"tool_call\"");
        field(json, "id", request.id());
        field(json, "name", request.name());
        field(json, "arguments", request.arguments() == null ? null : show.apply(request.arguments()));
        json.append('}');
    }

    private static void comma(StringBuilder json, char opening) {
        if (json.charAt(json.length() - 1) != opening) {
            json.append(',');
        }
    }

    private static void field(StringBuilder json, String name, @Nullable String value) {
        if (value == null) {
            return;
        }
        json.append(",\"").append(name).append("\":\"");
        for (int i = 0; i < value.length(); i++) {
            char c = value.charAt(i);
            switch (c) {
                case '"' -> json.append("\\\"");
                case '\\' -> json.append("\\\\");
                case '\n' -> json.append("\\n");
                case '\r' -> json.append("\\r");
                case '\t' -> json.append("\\t");
                default -> {
                    if (c < ' ') {
                        json.append(String.format(Locale.ROOT, "\\u%04x", (int) c));
                    } else {
                        json.append(c);
                    }
                }
            }
        }
        json.append('"');
    }
}
