package dev.scepsy.planner.otlp;

import dev.scepsy.planner.otlp.OtlpDecoder.Form;
import dev.scepsy.planner.span.Span;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/**
 * Turns trace requests, as exporters send them, into spans; for those who, unlike {@link OtlpDecoder}'s users, record nothing. Not
 * thread-safe.
 */
public final class SpanDecoder {

    private final ProtobufSpans protobuf = new ProtobufSpans();
    private final OtlpJson json = new OtlpJson();

    /**
     * The spans of one {@code ExportTraceServiceRequest}.
     *
     * @param message the request, not compressed
     * @throws MalformedOtlpException saying what is wrong; then it has none
     */
    public List<Span> decode(byte[] message, Form form) throws MalformedOtlpException {
        List<Span> spans = new ArrayList<>();
        try {
            if (form == Form.PROTOBUF) {
                protobuf.read(message, spans);
            } else {
                json.read(message, 0, message.length, spans::add);
                var unused = json.takeSeen();
            }
            return spans;
        } catch (MalformedOtlpException e) {
            throw e;
        } catch (IOException e) {
            throw new MalformedOtlpException(String.valueOf(e.getMessage()));
        }
    }

    /** Spans in a request, quickly; 0 where it is malformed, or JSON. */
    public static int count(byte[] message, Form form) {
        return form == Form.PROTOBUF ? ProtobufSpans.count(message) : 0;
    }
}
