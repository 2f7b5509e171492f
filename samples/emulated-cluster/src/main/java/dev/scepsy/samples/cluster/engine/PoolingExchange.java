package dev.scepsy.samples.cluster.engine;

import java.util.ArrayList;
import java.util.List;

/** Answers one pooling request when its last sequence is done. */
final class PoolingExchange implements EngineRequest.Listener {
    private final Exchange exchange;
    private final Pooling pooling;
    private final String id;
    private int outstanding;

    private PoolingExchange(Exchange exchange, Pooling pooling, String id) {
        this.exchange = exchange;
        this.pooling = pooling;
        this.id = id;
        this.outstanding = pooling.inputTokens().size();
    }

    static void run(Engine engine, Exchange exchange, Pooling pooling, String id) {
        PoolingExchange listener = new PoolingExchange(exchange, pooling, id);
        List<Long> ids = new ArrayList<>();
        for (int tokens : pooling.inputTokens()) {
            ids.add(engine.submit(
                    new EngineRequest(tokens, 0, "stop", exchange.arrivedSeconds(), listener, exchange.traceParent())));
        }
        exchange.request().response().closeHandler(gone -> ids.forEach(engine::abort));
    }

    @Override
    public void token(int generatedTokens) {
        // Pooling generates nothing.
    }

    @Override
    public void finished() {
        if (--outstanding == 0) {
            OpenAiApi.send(exchange.request(), 200, pooling.response().apply(id, exchange.model()));
        }
    }

    @Override
    public void lost() {
        exchange.lost();
    }
}
