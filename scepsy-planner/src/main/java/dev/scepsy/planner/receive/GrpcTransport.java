package dev.scepsy.planner.receive;

import com.linecorp.armeria.common.HttpData;
import com.linecorp.armeria.common.HttpHeaderNames;
import com.linecorp.armeria.common.HttpHeaders;
import com.linecorp.armeria.common.HttpMethod;
import com.linecorp.armeria.common.HttpResponse;
import com.linecorp.armeria.common.HttpStatus;
import com.linecorp.armeria.common.MediaType;
import com.linecorp.armeria.common.RequestHeaders;
import com.linecorp.armeria.common.ResponseHeaders;
import com.linecorp.armeria.common.ResponseHeadersBuilder;
import dev.scepsy.planner.otlp.OtlpDecoder.Form;
import java.io.IOException;
import java.net.URLEncoder;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.Base64;
import java.util.Locale;
import java.util.Optional;

/**
 * OTLP/gRPC: unary calls, so one frame each way. The frame is a byte that says whether the message is compressed, four of its
 * length, and the message (gRPC over HTTP/2, PROTOCOL-HTTP2.md); HTTP/2 itself is Armeria's.
 */
final class GrpcTransport implements Transport {

    private static final int FRAME_HEADER_BYTES = 5;
    private static final MediaType GRPC = MediaType.parse("application/grpc+proto");
    private static final HttpHeaders DONE = HttpHeaders.of("grpc-status", "0");
    private static final byte[] EMPTY_MESSAGE = new byte[FRAME_HEADER_BYTES];

    private final int mostBytes;

    GrpcTransport(ReceiverLimits limits) {
        mostBytes = limits.grpcMessageBytes();
    }

    @Override
    public int mostBytes() {
        return mostBytes + FRAME_HEADER_BYTES;
    }

    @Override
    public String limit() {
        return "the message is larger than " + (mostBytes >> 20) + " MiB";
    }

    @Override
    public Optional<HttpResponse> refuse(RequestHeaders headers) {
        String type = headers.get(HttpHeaderNames.CONTENT_TYPE, "").toLowerCase(Locale.ROOT);
        if (headers.method() != HttpMethod.POST
                || !type.startsWith("application/grpc")
                || type.startsWith("application/grpc-web")) {
            return Optional.of(HttpResponse.of(
                    HttpStatus.UNSUPPORTED_MEDIA_TYPE, MediaType.PLAIN_TEXT_UTF_8, "This path is for gRPC."));
        }
        String encoding = headers.get("grpc-encoding", "identity");
        if (!encoding.equals("identity") && !encoding.equals("gzip")) {
            return Optional.of(error(
                    RpcStatus.UNIMPLEMENTED, "the encoding (" + encoding + ") must be gzip or none", Optional.empty()));
        }
        return Optional.empty();
    }

    @Override
    public Envelope open(RequestHeaders headers, byte[] body) throws IOException {
        if (body.length < FRAME_HEADER_BYTES) {
            throw new IOException("the call holds no message");
        }
        int length = ByteBuffer.wrap(body).getInt(1);
        if (length != body.length - FRAME_HEADER_BYTES) {
            throw new IOException("the frame's length (" + Integer.toUnsignedLong(length)
                    + ") is not that of its message (" + (body.length - FRAME_HEADER_BYTES) + ")");
        }
        boolean packed = (body[0] & 1) != 0;
        if (packed && !headers.get("grpc-encoding", "identity").equals("gzip")) {
            throw new IOException("the frame says compressed and the headers do not say how");
        }
        return new Envelope(Form.PROTOBUF, Arrays.copyOfRange(body, FRAME_HEADER_BYTES, body.length), packed);
    }

    @Override
    public HttpResponse answer(RequestHeaders headers, Outcome outcome) {
        if (outcome instanceof Outcome.TryLater later) {
            return error(RpcStatus.UNAVAILABLE, later.reason(), Optional.of(later.after()));
        }
        if (outcome instanceof Outcome.TooLarge large) {
            // without RetryInfo it is final by OTLP's rules
            return error(RpcStatus.RESOURCE_EXHAUSTED, large.reason(), Optional.empty());
        }
        if (outcome instanceof Outcome.Refused refused) {
            return error(RpcStatus.INVALID_ARGUMENT, refused.reason(), Optional.empty());
        }
        if (outcome instanceof Outcome.Unauthenticated unknown) {
            return error(RpcStatus.UNAUTHENTICATED, unknown.reason(), Optional.empty());
        }
        if (outcome instanceof Outcome.Forbidden forbidden) {
            return error(RpcStatus.PERMISSION_DENIED, forbidden.reason(), Optional.empty());
        }
        return HttpResponse.of(started().build(), HttpData.wrap(EMPTY_MESSAGE), DONE);
    }

    private static HttpResponse error(int code, String message, Optional<Duration> retryAfter) {
        // grpc-message is percent-encoded, where a blank is a blank or %20
        String encoded = URLEncoder.encode(message, StandardCharsets.UTF_8).replace("+", "%20");
        byte[] details = RpcStatus.encode(code, message, retryAfter);
        return HttpResponse.of(started()
                .endOfStream(true)
                .set("grpc-status", Integer.toString(code))
                .set("grpc-message", encoded)
                .set(
                        "grpc-status-details-bin",
                        Base64.getEncoder().withoutPadding().encodeToString(details))
                .build());
    }

    private static ResponseHeadersBuilder started() {
        return ResponseHeaders.builder(HttpStatus.OK).contentType(GRPC).set("grpc-accept-encoding", "gzip,identity");
    }
}
