package dev.scepsy.planner.serve.observe;

import com.linecorp.armeria.client.ClientFactory;
import com.linecorp.armeria.client.WebClient;
import com.linecorp.armeria.common.AggregatedHttpResponse;
import com.linecorp.armeria.common.HttpData;
import com.linecorp.armeria.common.HttpMethod;
import com.linecorp.armeria.common.RequestHeaders;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;

/** One connection of a sender, a request at a time. */
interface LoadClient {

    /** What a receiver may say to a legal request. */
    enum Answer {
        ACCEPTED,
        DEFERRED
    }

    /** @throws IllegalStateException if it says anything else */
    Answer post(byte[] request);

    /** OTLP/HTTP, protobuf, on this machine. */
    static LoadClient http(int port) {
        HttpClient client =
                HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
        URI address = URI.create("http://127.0.0.1:" + port + "/v1/traces");
        return request -> {
            HttpRequest post = HttpRequest.newBuilder(address)
                    .header("Content-Type", "application/x-protobuf")
                    .POST(HttpRequest.BodyPublishers.ofByteArray(request))
                    .build();
            try {
                int status = client.send(post, HttpResponse.BodyHandlers.discarding())
                        .statusCode();
                if (status != 200 && status != 503 && status != 429) {
                    throw new IllegalStateException("The answer was " + status + ".");
                }
                return status == 200 ? Answer.ACCEPTED : Answer.DEFERRED;
            } catch (IOException | InterruptedException e) {
                throw new IllegalStateException(e);
            }
        };
    }

    /** OTLP/gRPC, on this machine. */
    static LoadClient grpc(int port) {
        WebClient client = WebClient.builder("h2c://127.0.0.1:" + port)
                .factory(ClientFactory.builder().useHttp2Preface(true).build())
                .maxResponseLength(0)
                .build();
        RequestHeaders headers = RequestHeaders.builder(
                        HttpMethod.POST, "/opentelemetry.proto.collector.trace.v1.TraceService/Export")
                .set("content-type", "application/grpc")
                .set("te", "trailers")
                .build();
        return request -> {
            byte[] framed = ByteBuffer.allocate(5 + request.length)
                    .put((byte) 0)
                    .putInt(request.length)
                    .put(request)
                    .array();
            AggregatedHttpResponse answer =
                    client.execute(headers, HttpData.wrap(framed)).aggregate().join();
            String status =
                    answer.trailers().get("grpc-status", answer.headers().get("grpc-status", ""));
            if (!status.equals("0") && !status.equals("14")) {
                throw new IllegalStateException("The answer was " + answer.headers() + answer.trailers());
            }
            return status.equals("0") ? Answer.ACCEPTED : Answer.DEFERRED;
        };
    }
}
