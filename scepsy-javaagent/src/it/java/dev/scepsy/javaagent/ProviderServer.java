package dev.scepsy.javaagent;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** Anthropic, Gemini and OpenAI on one loopback port, with usage as each of them counts it. Thread-safe. */
final class ProviderServer implements AutoCloseable {

    private static final String USAGE =
            "\"input_tokens\":5,\"cache_read_input_tokens\":9000,\"cache_creation_input_tokens\":1000";

    private final HttpServer server;

    ProviderServer() {
        try {
            server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        server.createContext("/", ProviderServer::answer);
        server.start();
    }

    String address() {
        return "http://127.0.0.1:" + server.getAddress().getPort();
    }

    private static void answer(HttpExchange exchange) throws IOException {
        try (exchange) {
            String asked = new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
            String path = exchange.getRequestURI().getPath();
            boolean streamed = asked.matches("(?s).*\"stream\"\\s*:\\s*true.*");
            int status = asked.contains("overloaded") ? 503 : 200;
            String body = path.startsWith("/v1/messages")
                    ? streamed ? anthropicStream() : anthropic()
                    : path.contains("ontents") || path.contains("embedContent")
                            ? "{\"embedding\":{\"values\":[0.6,0.8]},\"embeddings\":[{\"values\":[0.6,0.8]}]}"
                            : path.contains("generateContent")
                                    ? gemini()
                                    : status == 503
                                            ? "{\"error\":{\"message\":\"engine overloaded, J\\u00f6rg Ma\\u00dflos\"}}"
                                            : openAi();
            byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
            exchange.getResponseHeaders().add("Content-Type", streamed ? "text/event-stream" : "application/json");
            exchange.sendResponseHeaders(status, bytes.length);
            exchange.getResponseBody().write(bytes);
        }
    }

    private static String anthropic() {
        return "{\"id\":\"m1\",\"type\":\"message\",\"role\":\"assistant\",\"model\":\"claude\",\"content\":[{\"type\":\"text\","
                + "\"text\":\"ok\"}],\"stop_reason\":\"end_turn\",\"usage\":{" + USAGE + ",\"output_tokens\":7}}";
    }

    private static String anthropicStream() {
        List<String> events = List.of(
                "{\"type\":\"message_start\",\"message\":{\"id\":\"m1\",\"type\":\"message\",\"role\":\"assistant\","
                        + "\"model\":\"claude\",\"content\":[],\"usage\":{" + USAGE + ",\"output_tokens\":1}}}",
                "{\"type\":\"content_block_start\",\"index\":0,\"content_block\":{\"type\":\"text\",\"text\":\"\"}}",
                "{\"type\":\"content_block_delta\",\"index\":0,\"delta\":{\"type\":\"text_delta\",\"text\":\"ok\"}}",
                "{\"type\":\"content_block_stop\",\"index\":0}",
                "{\"type\":\"message_delta\",\"delta\":{\"stop_reason\":\"end_turn\"},\"usage\":{\"output_tokens\":7}}",
                "{\"type\":\"message_stop\"}");
        StringBuilder stream = new StringBuilder();
        for (String event : events) {
            String type = event.replaceFirst("\\{\"type\":\"(\\w+)\".*", "$1");
            stream.append("event: ")
                    .append(type)
                    .append("\ndata: ")
                    .append(event)
                    .append("\n\n");
        }
        return stream.toString();
    }

    private static String gemini() {
        return "{\"candidates\":[{\"content\":{\"parts\":[{\"text\":\"ok\"}],\"role\":\"model\"},\"finishReason\":\"STOP\"}],"
                + "\"usageMetadata\":{\"promptTokenCount\":100,\"candidatesTokenCount\":20,\"totalTokenCount\":150,"
                + "\"cachedContentTokenCount\":60,\"thoughtsTokenCount\":30},\"modelVersion\":\"gemini\",\"responseId\":\"r\"}";
    }

    private static String openAi() {
        return "{\"id\":\"c1\",\"object\":\"chat.completion\",\"created\":1,\"model\":\"gpt\",\"choices\":[{\"index\":0,\"message\":"
                + "{\"role\":\"assistant\",\"content\":\"tea for J\\u00f6rg Ma\\u00dflos\"},\"finish_reason\":\"stop\"}],"
                + "\"usage\":{\"prompt_tokens\":100,\"completion_tokens\":20,\"total_tokens\":120,"
                + "\"prompt_tokens_details\":{\"cached_tokens\":64},"
                + "\"completion_tokens_details\":{\"reasoning_tokens\":12}}}";
    }

    @Override
    public void close() {
        server.stop(0);
    }
}
