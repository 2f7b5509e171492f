package dev.scepsy.planner.measure;

import java.net.http.HttpClient;
import java.net.http.HttpHeaders;
import java.net.http.HttpResponse.ResponseInfo;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Map;

/** The reader of an engine's answers, for any bytes; the first says whether they are a stream, a whole answer or a refusal. */
public final class AnswerParser {

    private AnswerParser() {}

    /** As in {@link dev.scepsy.planner.parser.ParserUnderTest}. */
    public static void parse(byte[] bytes) {
        if (bytes.length == 0) {
            return;
        }
        int kind = bytes[0] & 3;
        AnswerReader reader = new AnswerReader(
                new RequestLengths(10, 4),
                0,
                () -> 1_000_000,
                info(kind == 0 ? 500 : 200, kind == 1 ? "application/json" : "text/event-stream"));
        reader.onSubscribe(new java.util.concurrent.Flow.Subscription() {
            @Override
            public void request(long n) {}

            @Override
            public void cancel() {}
        });
        reader.onNext(List.of(ByteBuffer.wrap(bytes, 1, bytes.length - 1)));
        reader.onComplete();
        Answer answer = reader.getBody().toCompletableFuture().join();
        if (!answer.toString().contains("Answer")) {
            throw new IllegalStateException("No answer: " + answer);
        }
    }

    private static ResponseInfo info(int status, String type) {
        return new ResponseInfo() {
            @Override
            public int statusCode() {
                return status;
            }

            @Override
            public HttpHeaders headers() {
                return HttpHeaders.of(Map.of("content-type", List.of(type)), (name, value) -> true);
            }

            @Override
            public HttpClient.Version version() {
                return HttpClient.Version.HTTP_1_1;
            }
        };
    }
}
