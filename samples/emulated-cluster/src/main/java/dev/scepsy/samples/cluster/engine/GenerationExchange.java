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
            if (response.isChat()) {
                writeEvent(response.opening(), 0);
            }
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
        int all = response.generation().outputTokens();
        writeEvent(response.closing(response.generation().text().substring(charactersSent)), all);
        if (option("include_usage")) {
            write(response.usageChunk());
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
        // the last piece goes with the reason of the end
        if (until > charactersSent && until < text.length()) {
            writeEvent(response.text(text.substring(charactersSent, until)), generatedTokens);
            charactersSent = until;
            lastChunkNanos = nowNanos;
        }
    }

    private boolean option(String name) {
        return exchange.body().path("stream_options").path(name).asBoolean(false);
    }

    private void writeEvent(ObjectNode chunk, int generatedTokens) {
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
