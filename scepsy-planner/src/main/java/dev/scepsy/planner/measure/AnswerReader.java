package dev.scepsy.planner.measure;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.http.HttpResponse.BodySubscriber;
import java.net.http.HttpResponse.ResponseInfo;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.OptionalInt;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Flow;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Reads one response as it comes, a stream of events or a whole answer, and notes when its content came. Times are taken
 * before anything is parsed. Confined to one response.
 */
final class AnswerReader implements BodySubscriber<Answer> {

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final int LONGEST_REFUSAL = 4096;
    private static final int LONGEST_MESSAGE = 300;

    private final CompletableFuture<Answer> answer = new CompletableFuture<>();
    private final ByteArrayOutputStream line = new ByteArrayOutputStream(512);
    private final RequestLengths asked;
    private final long sentNanos;
    private final LongSupplier nanoTime;
    private final int status;
    private final boolean events;

    private long firstTokenNanos;
    private long lastTokenNanos;
    private int pieces;
    private OptionalInt inputTokens = OptionalInt.empty();
    private OptionalInt outputTokens = OptionalInt.empty();
    private boolean cutAtLength;
    private boolean ended;
    private @Nullable Failure failure;

    AnswerReader(RequestLengths asked, long sentNanos, LongSupplier nanoTime, ResponseInfo response) {
        this.asked = asked;
        this.sentNanos = sentNanos;
        this.nanoTime = nanoTime;
        this.status = response.statusCode();
        this.events = status == 200
                && response.headers()
                        .firstValue("content-type")
                        .map(type -> type.toLowerCase(Locale.ROOT).startsWith("text/event-stream"))
                        .orElse(false);
    }

    @Override
    public CompletionStage<Answer> getBody() {
        return answer;
    }

    @Override
    public void onSubscribe(Flow.Subscription subscription) {
        subscription.request(Long.MAX_VALUE);
    }

    @Override
    public void onNext(List<ByteBuffer> buffers) {
        long now = nanoTime.getAsLong();
        for (ByteBuffer buffer : buffers) {
            while (buffer.hasRemaining()) {
                byte next = buffer.get();
                if (events && next == '\n') {
                    event(now);
                } else if (status == 200 || line.size() < LONGEST_REFUSAL) {
                    line.write(next);
                }
            }
        }
    }

    private void event(long now) {
        String text = line.toString(StandardCharsets.UTF_8).strip();
        line.reset();
        if (!text.startsWith("data:")) {
            return;
        }
        String data = text.substring("data:".length()).strip();
        if (data.equals("[DONE]")) {
            ended = true;
            return;
        }
        try {
            part(JSON.readTree(data), now);
        } catch (IOException e) {
            failure = new Failure(Failure.Kind.BROKEN, "An event of the stream is not JSON.");
        }
    }

    /** One event, or a whole answer. */
    private void part(JsonNode node, long now) {
        if (node.hasNonNull("error")) {
            failure = new Failure(Failure.Kind.BROKEN, "The server answered with an error: " + message(node));
            return;
        }
        JsonNode usage = node.path("usage");
        if (usage.isObject()) {
            inputTokens = count(usage.path("prompt_tokens"), inputTokens);
            outputTokens = count(usage.path("completion_tokens"), outputTokens);
        }
        JsonNode choice = node.path("choices").path(0);
        if (hasContent(choice.path("delta")) || hasContent(choice.path("message")) || hasContent(choice)) {
            if (pieces++ == 0) {
                firstTokenNanos = now;
            }
            lastTokenNanos = now;
        }
        String reason = choice.path("finish_reason").asText("");
        if (!reason.isEmpty() && !reason.equals("null")) {
            ended = true;
            cutAtLength = reason.equals("length");
        }
    }

    private static boolean hasContent(JsonNode piece) {
        for (String key : List.of("content", "reasoning_content", "reasoning", "text")) {
            if (!piece.path(key).asText("").isEmpty() && !piece.path(key).isNull()) {
                return true;
            }
        }
        return !piece.path("tool_calls").isEmpty();
    }

    private static OptionalInt count(JsonNode value, OptionalInt otherwise) {
        return value.canConvertToInt() ? OptionalInt.of(value.asInt()) : otherwise;
    }

    @Override
    public void onError(Throwable problem) {
        failure = new Failure(
                Failure.Kind.CONNECTION, "The connection broke while the answer came (" + problem.getMessage() + ")");
        finish();
    }

    @Override
    public void onComplete() {
        long now = nanoTime.getAsLong();
        if (status != 200) {
            failure = refusal(status, line.toString(StandardCharsets.UTF_8));
        } else if (events) {
            event(now);
            if (!ended && failure == null) {
                failure = new Failure(Failure.Kind.BROKEN, "The stream ended before the answer did.");
            }
        } else {
            whole(now);
        }
        finish();
    }

    private void whole(long now) {
        try {
            JsonNode node = JSON.readTree(line.toByteArray());
            part(node, now);
            boolean complete = ended
                    || !node.path("data").isEmpty()
                    || !node.path("results").isEmpty();
            if (!complete && failure == null) {
                failure = new Failure(Failure.Kind.BROKEN, "The answer holds neither choices nor data nor results.");
            }
        } catch (IOException e) {
            failure = new Failure(Failure.Kind.BROKEN, "The answer is not JSON.");
        }
    }

    private void finish() {
        answer.complete(new Answer(
                asked,
                sentNanos,
                events ? firstTokenNanos : 0,
                events ? lastTokenNanos : 0,
                nanoTime.getAsLong(),
                pieces,
                inputTokens,
                outputTokens,
                cutAtLength,
                failure));
    }

    private static Failure refusal(int status, String body) {
        Failure.Kind kind = switch (status) {
            case 401, 403 -> Failure.Kind.DOOR_CLOSED;
            case 400, 422 -> Failure.Kind.REFUSED;
            case 429, 503 -> Failure.Kind.TOO_BUSY;
            case 408, 504 -> Failure.Kind.TIMEOUT;
            default -> Failure.Kind.BROKEN;
        };
        // servers repeat parts of a wrong key in what they say about it
        String said = kind == Failure.Kind.DOOR_CLOSED ? "" : ": " + message(body);
        return new Failure(kind, "status " + status + said);
    }

    private static String message(String body) {
        try {
            return message(JSON.readTree(body));
        } catch (IOException e) {
            return shortened(body);
        }
    }

    private static String message(@Nullable JsonNode node) {
        JsonNode error = node == null ? JSON.missingNode() : node.path("error");
        JsonNode said = error.has("message") ? error.path("message") : error;
        if (said.isMissingNode() && node != null) {
            said = node.has("message") ? node.path("message") : node.has("detail") ? node.path("detail") : node;
        }
        return shortened(said.isTextual() ? said.asText() : said.toString());
    }

    private static String shortened(String text) {
        String line = text.replaceAll("\\s+", " ").strip();
        return line.length() <= LONGEST_MESSAGE ? line : line.substring(0, LONGEST_MESSAGE) + "...";
    }
}
