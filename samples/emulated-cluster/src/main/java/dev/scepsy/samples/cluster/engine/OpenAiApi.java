package dev.scepsy.samples.cluster.engine;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import java.io.IOException;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/**
 * The HTTP side of an engine, a service or the gateway: OpenAI's endpoints and vLLM's own, in front of an {@link
 * EngineChooser}. Confined to the event loop.
 */
public final class OpenAiApi {
    private static final ObjectMapper JSON = new ObjectMapper();

    private final EventClock clock;
    private final InstantSource wallClock;
    private final AnswerScript script;
    private final long seed;
    private long responses;

    /** @param seed makes two clusters answer differently */
    public OpenAiApi(EventClock clock, InstantSource wallClock, AnswerScript script, long seed) {
        this.clock = clock;
        this.wallClock = wallClock;
        this.script = script;
        this.seed = seed;
    }

    /** Answers one request with the engines that {@code chooser} offers. */
    public void handle(HttpServerRequest request, EngineChooser chooser) {
        clock.catchUp();
        if (request.method().equals(HttpMethod.POST)) {
            request.body().onSuccess(body -> {
                clock.catchUp();
                guarded(request, () -> post(request, body, chooser));
            });
        } else {
            guarded(request, () -> get(request, chooser));
        }
    }

    private void guarded(HttpServerRequest request, Runnable work) {
        try {
            work.run();
        } catch (OpenAiFailure refused) {
            send(request, refused.code(), refused.body());
        } catch (RuntimeException e) {
            OpenAiFailure internal = OpenAiFailure.badRequest("the request cannot be answered: " + e);
            send(request, internal.code(), internal.body());
        }
    }

    private void get(HttpServerRequest request, EngineChooser chooser) {
        switch (request.path()) {
            case "/health", "/ping" ->
                request.response()
                        .setStatusCode(chooser.isHealthy() ? 200 : 503)
                        .end();
            case "/version" ->
                send(request, 200, JsonNodeFactory.instance.objectNode().put("version", "0.19.0+emulated"));
            case "/v1/models" -> send(request, 200, models(chooser));
            case "/metrics" ->
                request.response()
                        .putHeader("Content-Type", "text/plain; version=0.0.4; charset=utf-8")
                        .end(chooser.measured()
                                .orElseThrow(OpenAiFailure::noSuchPath)
                                .metrics());
            default -> throw OpenAiFailure.noSuchPath();
        }
    }

    private ObjectNode models(EngineChooser chooser) {
        ObjectNode list = JsonNodeFactory.instance.objectNode().put("object", "list");
        var data = list.putArray("data");
        for (String model : chooser.models()) {
            data.addObject()
                    .put("id", model)
                    .put("object", "model")
                    .put("created", wallClock.instant().getEpochSecond())
                    .put("owned_by", "vllm");
        }
        return list;
    }

    private void post(HttpServerRequest request, Buffer bytes, EngineChooser chooser) {
        ObjectNode body = read(bytes);
        String model = body.path("model").asText();
        Exchange exchange = new Exchange(request, body, model, clock.nowSeconds());
        switch (request.path()) {
            case "/v1/chat/completions" -> {
                if (!body.path("messages").isArray() || body.path("messages").isEmpty()) {
                    throw OpenAiFailure.badRequest("messages: a list of at least one message is required");
                }
                generate(exchange, chooser, true);
            }
            case "/v1/completions" -> {
                if (!body.path("prompt").isTextual()) {
                    throw OpenAiFailure.badRequest("prompt: one string is required (lists are not emulated)");
                }
                generate(exchange, chooser, false);
            }
            case "/v1/embeddings" -> pool(exchange, chooser, Pooling.embeddings(body));
            case "/rerank", "/v1/rerank", "/v2/rerank" -> pool(exchange, chooser, Pooling.rerank(body));
            case "/score", "/v1/score" -> pool(exchange, chooser, Pooling.score(body));
            case "/tokenize" -> {
                int count = body.has("messages")
                        ? Tokens.ofChat(body)
                        : Tokens.count(body.path("prompt").asText());
                send(request, 200, JsonNodeFactory.instance.objectNode().put("count", count));
            }
            default -> throw OpenAiFailure.noSuchPath();
        }
    }

    private void generate(Exchange exchange, EngineChooser chooser, boolean chat) {
        if (exchange.body().path("n").asInt(1) != 1) {
            throw OpenAiFailure.badRequest("n: only 1 is emulated");
        }
        Prompt prompt = prompt(exchange, chat);
        choose(exchange, chooser, engine -> {
            int input = chat ? Tokens.ofChat(exchange.body()) : Tokens.count(prompt.last("user"));
            Generation generation = Generation.of(
                    exchange.body(), script.answer(prompt), input, engine.spec().maxModelLength());
            if (!engine.canHold(input, generation.outputTokens())) {
                throw OpenAiFailure.badRequest("This model's maximum context length is "
                        + engine.spec().maxModelLength() + " tokens, and its cache must hold the request. However, you"
                        + " requested " + (input + generation.outputTokens()) + " tokens (" + input
                        + " in the messages, "
                        + generation.outputTokens() + " in the completion).");
            }
            String id = (chat ? "chatcmpl-" : "cmpl-") + Long.toHexString(prompt.seed()) + "-" + ++responses;
            GenerationResponse response = new GenerationResponse(
                    generation, chat, id, exchange.model(), wallClock.instant().getEpochSecond());
            GenerationExchange.run(engine, exchange, response, clock);
        });
    }

    private void pool(Exchange exchange, EngineChooser chooser, Pooling pooling) {
        choose(exchange, chooser, engine -> {
            for (int tokens : pooling.inputTokens()) {
                if (!engine.canHold(tokens, 0)) {
                    throw OpenAiFailure.badRequest("This model's maximum context length is "
                            + engine.spec().maxModelLength() + " tokens. However, you requested " + tokens
                            + " tokens in the input. Please reduce the length of the input.");
                }
            }
            PoolingExchange.run(engine, exchange, pooling, "pool-" + ++responses);
        });
    }

    private void choose(Exchange exchange, EngineChooser chooser, Consumer<Engine> then) {
        chooser.choose(exchange.model())
                .onSuccess(engine -> {
                    // Whoever waited for an engine may have left meanwhile.
                    if (!exchange.request().response().closed()) {
                        guarded(exchange.request(), () -> then.accept(engine));
                    }
                })
                .onFailure(refused -> guarded(exchange.request(), () -> {
                    throw refused instanceof OpenAiFailure failure
                            ? failure
                            : OpenAiFailure.unavailable(String.valueOf(refused.getMessage()));
                }));
    }

    private Prompt prompt(Exchange exchange, boolean chat) {
        ObjectNode body = exchange.body();
        List<Prompt.Message> messages;
        if (chat) {
            messages = new ArrayList<>();
            for (JsonNode message : body.path("messages")) {
                messages.add(new Prompt.Message(message.path("role").asText(), Tokens.textOf(message.path("content"))));
            }
        } else {
            messages = List.of(new Prompt.Message("user", body.path("prompt").asText()));
        }
        long hash = seed;
        for (Prompt.Message message : messages) {
            hash = hash * 31 + message.content().hashCode();
        }
        hash = hash * 31 + exchange.model().hashCode();
        hash = hash * 31 + body.path("seed").asLong(0);
        hash *= 0x9E3779B97F4A7C15L;
        return new Prompt(exchange.model(), messages, body, hash ^ (hash >>> 29));
    }

    private static ObjectNode read(Buffer bytes) {
        try {
            if (JSON.readTree(bytes.getBytes()) instanceof ObjectNode body) {
                return body;
            }
        } catch (IOException e) {
            throw OpenAiFailure.badRequest("the body is not JSON: " + e.getMessage());
        }
        throw OpenAiFailure.badRequest("the body must be a JSON object");
    }

    static void send(HttpServerRequest request, int code, ObjectNode body) {
        HttpServerResponse response = request.response();
        if (!response.ended() && !response.closed()) {
            response.setStatusCode(code)
                    .putHeader("Content-Type", "application/json")
                    .end(bytes(body));
        }
    }

    static Buffer bytes(ObjectNode body) {
        try {
            return Buffer.buffer(JSON.writeValueAsBytes(body));
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("a JSON tree always serialises", e);
        }
    }
}
