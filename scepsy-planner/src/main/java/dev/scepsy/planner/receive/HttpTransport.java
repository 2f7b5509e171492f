package dev.scepsy.planner.receive;

import com.linecorp.armeria.common.HttpData;
import com.linecorp.armeria.common.HttpHeaderNames;
import com.linecorp.armeria.common.HttpMethod;
import com.linecorp.armeria.common.HttpResponse;
import com.linecorp.armeria.common.HttpStatus;
import com.linecorp.armeria.common.MediaType;
import com.linecorp.armeria.common.RequestHeaders;
import com.linecorp.armeria.common.ResponseHeaders;
import com.linecorp.armeria.common.ResponseHeadersBuilder;
import dev.scepsy.planner.file.Json;
import dev.scepsy.planner.otlp.OtlpDecoder.Form;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Locale;
import java.util.Optional;

/** OTLP/HTTP: the body is the request, answers are in the form of the request (opentelemetry.io, OTLP 1.x, section OTLP/HTTP). */
final class HttpTransport implements Transport {

    private static final MediaType PROTOBUF = MediaType.parse(Form.PROTOBUF.mediaType());
    private static final byte[] NOTHING = {};

    private final int mostBytes;

    HttpTransport(ReceiverLimits limits) {
        mostBytes = limits.httpBodyBytes();
    }

    @Override
    public int mostBytes() {
        return mostBytes;
    }

    @Override
    public String limit() {
        return "the body is larger than " + (mostBytes >> 20) + " MiB";
    }

    @Override
    public Optional<HttpResponse> refuse(RequestHeaders headers) {
        if (headers.method() != HttpMethod.POST) {
            return Optional.of(
                    answer(headers, HttpStatus.METHOD_NOT_ALLOWED, 0, "OTLP is sent by POST", Optional.empty()));
        }
        String type = headers.get(HttpHeaderNames.CONTENT_TYPE, "");
        if (form(headers).isEmpty()) {
            return Optional.of(answer(
                    headers,
                    HttpStatus.UNSUPPORTED_MEDIA_TYPE,
                    RpcStatus.INVALID_ARGUMENT,
                    "the content type (" + type + ") must be application/x-protobuf or application/json",
                    Optional.empty()));
        }
        String encoding = encoding(headers);
        if (!encoding.equals("identity") && !encoding.equals("gzip")) {
            return Optional.of(answer(
                    headers,
                    HttpStatus.UNSUPPORTED_MEDIA_TYPE,
                    RpcStatus.INVALID_ARGUMENT,
                    "the content encoding (" + encoding + ") must be gzip or none",
                    Optional.empty()));
        }
        return Optional.empty();
    }

    @Override
    public Envelope open(RequestHeaders headers, byte[] body) {
        return new Envelope(
                form(headers).orElse(Form.PROTOBUF), body, encoding(headers).equals("gzip"));
    }

    @Override
    public HttpResponse answer(RequestHeaders headers, Outcome outcome) {
        if (outcome instanceof Outcome.TryLater later) {
            return answer(
                    headers,
                    HttpStatus.SERVICE_UNAVAILABLE,
                    RpcStatus.UNAVAILABLE,
                    later.reason(),
                    Optional.of(later.after()));
        }
        if (outcome instanceof Outcome.TooLarge large) {
            return answer(
                    headers,
                    HttpStatus.REQUEST_ENTITY_TOO_LARGE,
                    RpcStatus.RESOURCE_EXHAUSTED,
                    large.reason(),
                    Optional.empty());
        }
        if (outcome instanceof Outcome.Refused refused) {
            return answer(
                    headers, HttpStatus.BAD_REQUEST, RpcStatus.INVALID_ARGUMENT, refused.reason(), Optional.empty());
        }
        if (outcome instanceof Outcome.Unauthenticated unknown) {
            return answer(
                    headers, HttpStatus.UNAUTHORIZED, RpcStatus.UNAUTHENTICATED, unknown.reason(), Optional.empty());
        }
        if (outcome instanceof Outcome.Forbidden forbidden) {
            return answer(
                    headers, HttpStatus.FORBIDDEN, RpcStatus.PERMISSION_DENIED, forbidden.reason(), Optional.empty());
        }
        // an empty Export...ServiceResponse
        return form(headers).filter(Form.JSON::equals).isPresent()
                ? HttpResponse.of(HttpStatus.OK, MediaType.JSON, "{}")
                : HttpResponse.of(HttpStatus.OK, PROTOBUF, NOTHING);
    }

    private static HttpResponse answer(
            RequestHeaders headers, HttpStatus status, int code, String message, Optional<Duration> retryAfter) {
        boolean json = form(headers).filter(Form.PROTOBUF::equals).isEmpty();
        byte[] body = json
                ? Json.object(object -> object.field("code", code).field("message", message))
                        .getBytes(StandardCharsets.UTF_8)
                : RpcStatus.encode(code, message, retryAfter);
        ResponseHeadersBuilder answer = ResponseHeaders.builder(status).contentType(json ? MediaType.JSON : PROTOBUF);
        if (status.equals(HttpStatus.UNAUTHORIZED)) {
            answer.set(HttpHeaderNames.WWW_AUTHENTICATE, "Bearer realm=\"scepsy\"");
        }
        retryAfter.ifPresent(after -> answer.set(HttpHeaderNames.RETRY_AFTER, Long.toString(after.toSeconds())));
        return HttpResponse.of(answer.build(), HttpData.wrap(body));
    }

    private static Optional<Form> form(RequestHeaders headers) {
        String type = headers.get(HttpHeaderNames.CONTENT_TYPE, "");
        int parameters = type.indexOf(';');
        String media =
                (parameters < 0 ? type : type.substring(0, parameters)).strip().toLowerCase(Locale.ROOT);
        for (Form form : Form.values()) {
            if (form.mediaType().equals(media)) {
                return Optional.of(form);
            }
        }
        return Optional.empty();
    }

    private static String encoding(RequestHeaders headers) {
        String encoding =
                headers.get(HttpHeaderNames.CONTENT_ENCODING, "").strip().toLowerCase(Locale.ROOT);
        return encoding.isEmpty() ? "identity" : encoding;
    }
}
