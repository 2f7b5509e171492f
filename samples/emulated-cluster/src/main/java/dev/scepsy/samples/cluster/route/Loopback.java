package dev.scepsy.samples.cluster.route;

import io.vertx.core.Future;
import io.vertx.core.Handler;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.HttpServerRequest;

/** Opens ports, on loopback only. */
public final class Loopback {
    public static final String HOST = "127.0.0.1";

    private Loopback() {}

    /**
     * Listens.
     *
     * @param port 0: any free one
     */
    public static Future<HttpServer> listen(Vertx vertx, int port, Handler<HttpServerRequest> handler) {
        return listen(vertx, port, handler, connection -> {});
    }

    /** The same; {@code opened} hears of every connection. */
    public static Future<HttpServer> listen(
            Vertx vertx, int port, Handler<HttpServerRequest> handler, Handler<HttpConnection> opened) {
        // HTTP/1.1 only, as vLLM and its routers: the JDK's client would upgrade and then meet the limit on streams.
        HttpServerOptions options = new HttpServerOptions()
                .setHost(HOST)
                .setPort(port)
                .setHttp2ClearTextEnabled(false)
                .setAcceptBacklog(4096)
                .setTcpNoDelay(true);
        return vertx.createHttpServer(options)
                .requestHandler(handler)
                .connectionHandler(opened)
                .listen();
    }
}
