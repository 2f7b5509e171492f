package dev.scepsy.planner.receive;

import dev.scepsy.planner.otlp.OtlpDecoder.Form;

/**
 * One request of an exporter, by whichever transport it came. Nobody changes the arrays.
 *
 * @param signal what it carries
 * @param form how it is encoded
 * @param sent its body as sent, compressed or not; of gRPC the message without its frame
 * @param gzip whether {@code sent} is compressed
 * @param message the body unpacked; empty of signals that the intake does not read
 */
@SuppressWarnings("ArrayRecordComponent") // carried, never compared
public record ReceivedRequest(Signal signal, Form form, byte[] sent, boolean gzip, byte[] message) {}
