package dev.scepsy.planner.receive;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Optional;

/**
 * {@code google.rpc.Status} in protobuf: what OTLP answers instead of success, over HTTP as the body, over gRPC as
 * {@code grpc-status-details-bin}. Where a sender may come again it carries {@code google.rpc.RetryInfo}.
 */
final class RpcStatus {

    static final int INVALID_ARGUMENT = 3;
    static final int PERMISSION_DENIED = 7;
    static final int RESOURCE_EXHAUSTED = 8;
    static final int UNIMPLEMENTED = 12;
    static final int UNAVAILABLE = 14;
    static final int UNAUTHENTICATED = 16;

    private static final byte[] RETRY_INFO =
            "type.googleapis.com/google.rpc.RetryInfo".getBytes(StandardCharsets.US_ASCII);

    private RpcStatus() {}

    static byte[] encode(int code, String message, Optional<Duration> retryAfter) {
        ByteArrayOutputStream status = new ByteArrayOutputStream();
        varint(status, 1 << 3);
        varint(status, code);
        bytes(status, 2, message.getBytes(StandardCharsets.UTF_8));
        retryAfter.ifPresent(delay -> {
            ByteArrayOutputStream duration = new ByteArrayOutputStream();
            varint(duration, 1 << 3);
            varint(duration, delay.toSeconds());
            ByteArrayOutputStream retryInfo = new ByteArrayOutputStream();
            bytes(retryInfo, 1, duration.toByteArray());
            ByteArrayOutputStream any = new ByteArrayOutputStream();
            bytes(any, 1, RETRY_INFO);
            bytes(any, 2, retryInfo.toByteArray());
            bytes(status, 3, any.toByteArray());
        });
        return status.toByteArray();
    }

    private static void bytes(ByteArrayOutputStream out, int field, byte[] value) {
        varint(out, (field << 3) | 2);
        varint(out, value.length);
        out.writeBytes(value);
    }

    private static void varint(ByteArrayOutputStream out, long value) {
        long rest = value;
        while ((rest & ~0x7FL) != 0) {
            out.write((int) ((rest & 0x7F) | 0x80));
            rest >>>= 7;
        }
        out.write((int) rest);
    }
}
