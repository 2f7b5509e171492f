package dev.scepsy.planner.receive;

import com.linecorp.armeria.common.HttpResponse;
import com.linecorp.armeria.common.RequestHeaders;
import dev.scepsy.planner.otlp.OtlpDecoder.Form;
import java.io.IOException;
import java.util.Optional;

/** What OTLP over gRPC and over HTTP do not share: envelopes, limits, answers. */
interface Transport {

    /**
     * A body without its envelope.
     *
     * @param form how it is encoded
     * @param sent the request as sent
     * @param gzip whether that is compressed
     */
    @SuppressWarnings("ArrayRecordComponent") // carried, never compared
    record Envelope(Form form, byte[] sent, boolean gzip) {}

    /** Longest body, envelope included. */
    int mostBytes();

    /** How a request is called that is longer. */
    String limit();

    /** The answer to a request whose headers already say that it will not do. */
    Optional<HttpResponse> refuse(RequestHeaders headers);

    /** @throws IOException saying what is wrong with the envelope, for people */
    Envelope open(RequestHeaders headers, byte[] body) throws IOException;

    HttpResponse answer(RequestHeaders headers, Outcome outcome);
}
