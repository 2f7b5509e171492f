package dev.scepsy.samples.cluster;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.scepsy.samples.cluster.api.KubernetesApi;
import dev.scepsy.samples.cluster.api.ObjectStore;
import dev.scepsy.samples.cluster.api.ResourceKind;
import dev.scepsy.samples.cluster.api.Resources;
import dev.scepsy.samples.cluster.api.WriteOptions;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import java.time.InstantSource;

/** A running emulated serving cluster. */
public final class EmulatedCluster implements AutoCloseable {
    private final EventLoop loop;
    private final HttpServer apiServer;

    private EmulatedCluster(EventLoop loop, HttpServer apiServer) {
        this.loop = loop;
        this.apiServer = apiServer;
    }

    public static EmulatedCluster start() {
        EventLoop loop = new EventLoop();
        HttpServer server = loop.await(() -> {
            Resources resources = new Resources(new ObjectStore(), InstantSource.system());
            ObjectNode ns = JsonNodeFactory.instance.objectNode();
            ns.withObject("/metadata").put("name", "default");
            resources.create(ResourceKind.NAMESPACE, "", ns, WriteOptions.by("kube-apiserver"));
            KubernetesApi api = new KubernetesApi(loop.vertx(), resources, pod -> "");
            return loop.vertx()
                    .createHttpServer(
                            new HttpServerOptions().setHost("127.0.0.1").setPort(0))
                    .requestHandler(api::handle)
                    .listen();
        });
        return new EmulatedCluster(loop, server);
    }

    public String apiServerUrl() {
        return "http://127.0.0.1:" + apiServer.actualPort();
    }

    @Override
    public void close() {
        loop.close();
    }
}
