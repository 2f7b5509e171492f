package dev.scepsy.samples.cluster.engine;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.scepsy.samples.cluster.engine.GenerationResponse.Form;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import java.io.IOException;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Predicate;
import java.util.stream.IntStream;

/**
 * The HTTP side of an engine, a service or the gateway: OpenAI's endpoints and vLLM's own, in front of an {@link
 * EngineChooser}. Confined to the event loop.
 */
public final class OpenAiApi {
    /** The vLLM whose answers these are. */
    public static final String IMITATED = "0.32.0";

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Set<String> POSTED = Set.of(
            "/v1/chat/completions",
            "/v1/completions",
            "/v1/responses",
            "/v1/embeddings",
            "/rerank",
            "/v1/rerank",
            "/v2/rerank",
            "/score",
            "/v1/score",
            "/tokenize");

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
                send(request, 200, JsonNodeFactory.instance.objectNode().put("version", IMITATED + "+emulated"));
            case "/v1/models" -> send(request, 200, models(chooser));
            case "/load" ->
                send(
                        request,
                        200,
                        JsonNodeFactory.instance
                                .objectNode()
                                .put(
                                        "server_load",
                                        chooser.measured()
                                                .orElseThrow(OpenAiFailure::noSuchPath)
                                                .load()));
            case "/metrics" ->
                request.response()
                        .putHeader("Content-Type", "text/plain; version=0.0.4; charset=utf-8")
                        .end(chooser.measured()
                                .orElseThrow(OpenAiFailure::noSuchPath)
                                .metrics());
            default -> throw POSTED.contains(request.path()) ? OpenAiFailure.wrongMethod() : OpenAiFailure.noSuchPath();
        }
    }

    private ObjectNode models(EngineChooser chooser) {
        ObjectNode list = JsonNodeFactory.instance.objectNode().put("object", "list");
        var data = list.putArray("data");
        for (String model : chooser.models()) {
            long now = wallClock.instant().getEpochSecond();
            ObjectNode entry = data.addObject()
                    .put("id", model)
                    .put("object", "model")
                    .put("created", now)
                    .put("owned_by", "vllm")
                    .put("root", model)
                    .putNull("parent");
            chooser.measured()
                    .ifPresent(
                            engine -> entry.put("max_model_len", engine.spec().maxModelLength()));
            entry.putArray("permission")
                    .addObject()
                    .put("id", "modelperm-" + model)
                    .put("object", "model_permission")
                    .put("created", now)
                    .put("allow_sampling", true)
                    .put("allow_logprobs", true)
                    .put("organization", "*")
                    .put("is_blocking", false);
        }
        return list;
    }

    private void post(HttpServerRequest request, Buffer bytes, EngineChooser chooser) {
        if (!POSTED.contains(request.path())) {
            throw OpenAiFailure.noSuchPath();
        }
        String type = request.getHeader("Content-Type");
        if (type == null || !type.toLowerCase(Locale.ROOT).startsWith("application/json")) {
            throw OpenAiFailure.invalid("", "Unsupported Media Type: Only 'application/json' is allowed");
        }
        ObjectNode body = read(bytes);
        String model = body.path("model").asText();
        Exchange exchange = new Exchange(request, body, model, clock.nowSeconds());
        switch (request.path()) {
            case "/v1/chat/completions" -> {
                if (!body.path("messages").isArray() || body.path("messages").isEmpty()) {
                    throw OpenAiFailure.badRequest("messages", "messages: a list of at least one message is required");
                }
                generate(exchange, chooser, Form.CHAT);
            }
            case "/v1/completions" -> {
                JsonNode prompt = body.path("prompt");
                boolean tokens =
                        prompt.isArray() && !prompt.isEmpty() && prompt.get(0).isIntegralNumber();
                if (!prompt.isTextual() && !tokens) {
                    throw OpenAiFailure.badRequest(
                            "prompt",
                            "prompt: one string or one list of token ids is required (more are not emulated)");
                }
                generate(exchange, chooser, Form.COMPLETION);
            }
            case "/v1/responses" ->
                generate(
                        new Exchange(request, Responses.chat(body), model, exchange.arrivedSeconds()),
                        chooser,
                        Form.RESPONSE);
            case "/v1/embeddings" -> pool(exchange, chooser, Pooling.embeddings(body), Abilities::embeds, "Embeddings");
            case "/rerank", "/v1/rerank", "/v2/rerank" ->
                pool(exchange, chooser, Pooling.rerank(body), Abilities::scores, "Rerank (Score)");
            case "/score", "/v1/score" -> pool(exchange, chooser, Pooling.score(body), Abilities::scores, "Score");
            case "/tokenize" -> {
                int count = body.has("messages")
                        ? Tokens.ofChat(body)
                        : Tokens.count(body.path("prompt").asText());
                ObjectNode counted = JsonNodeFactory.instance.objectNode().put("count", count);
                chooser.measured()
                        .ifPresent(engine ->
                                counted.put("max_model_len", engine.spec().maxModelLength()));
                var ids = counted.putArray("tokens");
                for (int i = 0; i < count; i++) {
                    ids.add(i);
                }
                send(request, 200, counted);
            }
            default -> throw OpenAiFailure.noSuchPath();
        }
    }

    private void generate(Exchange exchange, EngineChooser chooser, Form form) {
        boolean chat = form != Form.COMPLETION;
        RequestChecks.check(exchange.body());
        Prompt prompt = prompt(exchange, chat);
        choose(exchange, chooser, engine -> {
            Abilities able = engine.spec().abilities();
            if (!able.generates()) {
                throw OpenAiFailure.unsupported(
                        switch (form) {
                            case CHAT -> "Chat Completions";
                            case COMPLETION -> "Completions";
                            case RESPONSE -> "Responses";
                        });
            }
            boolean offersTools = !exchange.body().path("tools").isEmpty()
                    && exchange.body().path("tool_choice").asText("auto").equals("auto");
            if (offersTools && !able.choosesTools()) {
                throw OpenAiFailure.badRequest("\"auto\" tool choice requires --enable-auto-tool-choice and"
                        + " --tool-call-parser to be set");
            }
            JsonNode ids = exchange.body().path("prompt");
            int input = chat
                    ? Tokens.ofChat(exchange.body())
                    : ids.isArray() ? ids.size() : Tokens.count(prompt.last("user"));
            List<Generation> generations = IntStream.range(
                            0, exchange.body().path("n").asInt(1))
                    .mapToObj(index -> generation(exchange, prompt.again(index), input, engine))
                    .toList();
            String asked = exchange.request().getHeader("X-Request-Id");
            String number = asked != null ? asked : Long.toHexString(prompt.seed()) + "-" + ++responses;
            String id = form.prefix() + number;
            long created = wallClock.instant().getEpochSecond();
            List<GenerationResponse> choices = IntStream.range(0, generations.size())
                    .mapToObj(index ->
                            new GenerationResponse(generations.get(index), form, id, exchange.model(), created, index))
                    .toList();
            GenerationExchange.run(engine, exchange, choices, clock);
        });
    }

    private Generation generation(Exchange exchange, Prompt prompt, int input, Engine engine) {
        Generation generation = Generation.of(
                exchange.body(), script.answer(prompt), input, engine.spec().maxModelLength());
        if (!engine.canHold(input, generation.outputTokens())) {
            throw OpenAiFailure.badRequest("This model's maximum context length is "
                    + engine.spec().maxModelLength() + " tokens, and its cache must hold the request. However, you"
                    + " requested " + (input + generation.outputTokens()) + " tokens (" + input
                    + " in the messages, "
                    + generation.outputTokens() + " in the completion).");
        }
        return generation;
    }

    private void pool(
            Exchange exchange, EngineChooser chooser, Pooling pooling, Predicate<Abilities> able, String api) {
        choose(exchange, chooser, engine -> {
            if (!able.test(engine.spec().abilities())) {
                throw OpenAiFailure.unsupported(api);
            }
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
            JsonNode written = body.path("prompt");
            messages = List.of(new Prompt.Message("user", written.isTextual() ? written.asText() : written.toString()));
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
            throw OpenAiFailure.invalid("", "JSON decode error");
        }
        throw OpenAiFailure.invalid("", "Input should be a valid dictionary");
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
