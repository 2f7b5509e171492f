package dev.scepsy.planner.receive;

import java.time.Duration;

/**
 * What a receiver bears.
 *
 * @param grpcMessageBytes largest message over gRPC, as sent
 * @param httpBodyBytes largest body over HTTP, as sent
 * @param unpackedBytes largest request after decompression
 * @param bytesInFlight of all requests that are being received or wait for their turn; above it senders are asked to come again
 * @param bodyTimeout from a request's first byte to its answer; a sender that stalls is cut off then
 * @param connections open at a time
 * @param workers requests that are worked on at a time
 */
public record ReceiverLimits(
        int grpcMessageBytes,
        int httpBodyBytes,
        int unpackedBytes,
        long bytesInFlight,
        Duration bodyTimeout,
        int connections,
        int workers) {

    /** As documented: 4 MiB, 16 MiB, 64 MiB, an eighth of the heap and at most 256 MiB in flight, 30 s, 1,000 connections. */
    public static ReceiverLimits defaults() {
        long eighth = Runtime.getRuntime().maxMemory() / 8;
        return new ReceiverLimits(
                4 << 20,
                16 << 20,
                64 << 20,
                Math.max(32L << 20, Math.min(256L << 20, eighth)),
                Duration.ofSeconds(30),
                1000,
                Math.min(4, Math.max(2, Runtime.getRuntime().availableProcessors())));
    }

    public ReceiverLimits withBodyTimeout(Duration other) {
        return new ReceiverLimits(
                grpcMessageBytes, httpBodyBytes, unpackedBytes, bytesInFlight, other, connections, workers);
    }

    public ReceiverLimits withBytesInFlight(long other) {
        return new ReceiverLimits(
                grpcMessageBytes, httpBodyBytes, unpackedBytes, other, bodyTimeout, connections, workers);
    }
}
