package dev.scepsy.samples.cluster.engine;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerResponse;
import java.util.List;

/**
 * Answers a request for one or more generations ({@code n}): at once when all are finished, or piece by piece while their tokens come. Each
 * is a sequence of its own in the engine.
 */
final class GenerationExchange {
    /**
     * Where emulated time runs faster than real time, tokens that come closer together than this share a chunk: at most 50 chunks a second
     * and generation. At the pace of real time every token has its chunk, as vLLM streams.
     */
    static final long CHUNK_NANOS = 20_000_000;

    private final Exchange exchange;
    private final List<GenerationResponse> responses;
    private final EventClock clock;
    private final boolean streamed;
    private final long chunkNanos;
    private int unfinished;
    private boolean lost;

    private GenerationExchange(Exchange exchange, List<GenerationResponse> responses, EventClock clock) {
        this.exchange = exchange;
        this.responses = List.copyOf(responses);
        this.clock = clock;
        this.streamed = exchange.body().path("stream").asBoolean(false);
        this.chunkNanos = clock.timeScale() > 1 ? CHUNK_NANOS : 0;
        this.unfinished = responses.size();
    }

    /** @param responses one per choice, at least one */
    static void run(Engine engine, Exchange exchange, List<GenerationResponse> responses, EventClock clock) {
        GenerationExchange answering = new GenerationExchange(exchange, responses, clock);
        List<Long> ids = answering.responses.stream()
                .map(response -> answering.submit(engine, response))
                .toList();
        exchange.request().response().closeHandler(gone -> ids.forEach(engine::abort));
    }

    private long submit(Engine engine, GenerationResponse response) {
        Generation generation = response.generation();
        return engine.submit(new EngineRequest(
                generation.inputTokens(),
                generation.outputTokens(),
                generation.metricsFinishReason(),
                exchange.arrivedSeconds(),
                new Choice(response),
                exchange.traceParent()));
    }

    /** One of the generations on its way. */
    private final class Choice implements EngineRequest.Listener {
        private final GenerationResponse response;
        private long lastChunkNanos;
        private int charactersSent;

        private Choice(GenerationResponse response) {
            this.response = response;
        }

        @Override
        public void token(int generatedTokens) {
            if (!streamed) {
                return;
            }
            long now = clock.realNanos();
            if (generatedTokens == 1) {
                if (!exchange.request().response().headWritten()) {
                    exchange.request()
                            .response()
                            .setChunked(true)
                            .putHeader("Content-Type", "text/event-stream; charset=utf-8")
                            .putHeader("Cache-Control", "no-cache");
                }
                if (response.isChat()) {
                    writeEvent(response.opening(), response, 0);
                }
                flush(generatedTokens, now);
            } else if (now - lastChunkNanos >= chunkNanos) {
                flush(generatedTokens, now);
            }
        }

        @Override
        public void finished() {
            if (streamed) {
                int all = response.generation().outputTokens();
                writeEvent(response.closing(response.generation().text().substring(charactersSent)), response, all);
            }
            if (--unfinished == 0) {
                end();
            }
        }

        @Override
        public void lost() {
            if (!lost) {
                lost = true;
                exchange.lost();
            }
        }

        private void flush(int generatedTokens, long nowNanos) {
            String text = response.generation().text();
            int until = Tokens.characters(
                    text, generatedTokens, response.generation().outputTokens());
            // the last piece goes with the reason of the end
            if (until > charactersSent && until < text.length()) {
                writeEvent(response.text(text.substring(charactersSent, until)), response, generatedTokens);
                charactersSent = until;
                lastChunkNanos = nowNanos;
            }
        }
    }

    private void end() {
        GenerationResponse first = responses.get(0);
        int generated = responses.stream()
                .mapToInt(response -> response.generation().outputTokens())
                .sum();
        if (!streamed) {
            ObjectNode whole = first.whole();
            if (responses.size() > 1) {
                ArrayNode choices = JsonNodeFactory.instance.arrayNode();
                responses.forEach(
                        response -> choices.addAll((ArrayNode) response.whole().path("choices")));
                whole.set("choices", choices);
                whole.set("usage", first.usage(generated));
            }
            OpenAiApi.send(exchange.request(), 200, whole);
            return;
        }
        if (option("include_usage")) {
            write(first.usageChunk(generated));
        }
        HttpServerResponse http = exchange.request().response();
        if (!http.closed() && !http.ended()) {
            http.end("data: [DONE]\n\n");
        }
    }

    private boolean option(String name) {
        return exchange.body().path("stream_options").path(name).asBoolean(false);
    }

    private void writeEvent(ObjectNode chunk, GenerationResponse response, int generatedTokens) {
        if (option("include_usage") && option("continuous_usage_stats")) {
            chunk.set("usage", response.usage(generatedTokens));
        }
        write(chunk);
    }

    private void write(ObjectNode chunk) {
        HttpServerResponse http = exchange.request().response();
        if (!http.closed() && !http.ended()) {
            http.write(
                    Buffer.buffer("data: ").appendBuffer(OpenAiApi.bytes(chunk)).appendString("\n\n"));
        }
    }
}
