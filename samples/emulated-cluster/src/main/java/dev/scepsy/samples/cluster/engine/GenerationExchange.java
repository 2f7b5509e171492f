package dev.scepsy.samples.cluster.engine;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerResponse;

/** Answers one generation: at once when it is finished, or piece by piece while its tokens come. */
final class GenerationExchange implements EngineRequest.Listener {
    /** Tokens that come closer together than this share a chunk: at most 50 chunks a second and response. */
    static final long CHUNK_NANOS = 20_000_000;

    private final Exchange exchange;
    private final GenerationResponse response;
    private final EventClock clock;
    private final boolean streamed;
    private long lastChunkNanos;
    private int charactersSent;

    private GenerationExchange(Exchange exchange, GenerationResponse response, EventClock clock) {
        this.exchange = exchange;
        this.response = response;
        this.clock = clock;
        this.streamed = exchange.body().path("stream").asBoolean(false);
    }

    static void run(Engine engine, Exchange exchange, GenerationResponse response, EventClock clock) {
        GenerationExchange listener = new GenerationExchange(exchange, response, clock);
        Generation generation = response.generation();
        long id = engine.submit(new EngineRequest(
                generation.inputTokens(),
                generation.outputTokens(),
                generation.metricsFinishReason(),
                exchange.arrivedSeconds(),
                listener,
                exchange.traceParent()));
        exchange.request().response().closeHandler(gone -> engine.abort(id));
    }

    @Override
    public void token(int generatedTokens) {
        if (!streamed) {
            return;
        }
        long now = clock.realNanos();
        if (generatedTokens == 1) {
            exchange.request()
                    .response()
                    .setChunked(true)
                    .putHeader("Content-Type", "text/event-stream; charset=utf-8")
                    .putHeader("Cache-Control", "no-cache");
            writeEvent(response.opening());
            flush(generatedTokens, now);
        } else if (now - lastChunkNanos >= CHUNK_NANOS) {
            flush(generatedTokens, now);
        }
    }

    @Override
    public void finished() {
        if (!streamed) {
            OpenAiApi.send(exchange.request(), 200, response.whole());
            return;
        }
        flush(response.generation().outputTokens(), clock.realNanos());
        writeEvent(response.closing());
        if (exchange.body().path("stream_options").path("include_usage").asBoolean(false)) {
            writeEvent(response.usageChunk());
        }
        HttpServerResponse http = exchange.request().response();
        if (!http.closed() && !http.ended()) {
            http.end("data: [DONE]\n\n");
        }
    }

    @Override
    public void lost() {
        exchange.lost();
    }

    private void flush(int generatedTokens, long nowNanos) {
        String text = response.generation().text();
        int until =
                Tokens.characters(text, generatedTokens, response.generation().outputTokens());
        if (until > charactersSent) {
            writeEvent(response.text(text.substring(charactersSent, until)));
            charactersSent = until;
            lastChunkNanos = nowNanos;
        }
    }

    private void writeEvent(ObjectNode chunk) {
        HttpServerResponse http = exchange.request().response();
        if (!http.closed() && !http.ended()) {
            http.write(
                    Buffer.buffer("data: ").appendBuffer(OpenAiApi.bytes(chunk)).appendString("\n\n"));
        }
    }
}
