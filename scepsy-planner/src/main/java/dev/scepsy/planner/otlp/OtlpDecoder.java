package dev.scepsy.planner.otlp;

import dev.scepsy.planner.span.Span;
import java.io.IOException;
import java.util.function.Consumer;

/**
 * Turns trace requests, as exporters send them, into spans and into the line that is recorded of them. Both forms go through
 * the same JSON, so that a recording read back says what was received. Not thread-safe.
 */
public final class OtlpDecoder {

    /** How a request is encoded. */
    public enum Form {
        PROTOBUF("application/x-protobuf"),
        JSON("application/json");

        private final String mediaType;

        Form(String mediaType) {
            this.mediaType = mediaType;
        }

        /** Its content type over HTTP. */
        public String mediaType() {
            return mediaType;
        }
    }

    private final OtlpJson json = new OtlpJson();

    /**
     * Reads one {@code ExportTraceServiceRequest}; its spans reach {@code sink} only if all of it is well-formed.
     *
     * @param message the request, not compressed
     * @return the same request as OTLP JSON without line breaks
     * @throws MalformedOtlpException saying what is wrong
     */
    public byte[] decode(byte[] message, Form form, Consumer<? super Span> sink) throws MalformedOtlpException {
        try {
            byte[] line = form == Form.PROTOBUF ? OtlpProtobuf.toJson(message) : OtlpLines.onOneLine(object(message));
            json.read(line, 0, line.length, sink);
            return line;
        } catch (MalformedOtlpException e) {
            throw e;
        } catch (IOException e) {
            throw new MalformedOtlpException(String.valueOf(e.getMessage()));
        }
    }

    /** What the requests since the last call look like. */
    public Seen takeSeen() {
        return json.takeSeen();
    }

    /** A list would be several requests, and text in UTF-16 no line for those who read UTF-8. */
    private static byte[] object(byte[] message) throws MalformedOtlpException {
        int first = 0;
        while (first < message.length && isBlank(message[first])) {
            first++;
        }
        if (first == message.length || message[first] != '{' || (message.length > 1 && message[1] == 0)) {
            throw new MalformedOtlpException("the request is no JSON object in UTF-8");
        }
        return message;
    }

    private static boolean isBlank(byte character) {
        return character == ' ' || character == '\n' || character == '\r' || character == '\t';
    }
}
