package dev.scepsy.samples.demo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

/** Requests written byte by byte, as opentelemetry-proto says. */
class ScaledTimesTest {

    private static final ScaledClock CLOCK = new ScaledClock(10, 1_000);

    @Test
    void everyTimeOfASpanIsStretchedAndEverythingElseStays() {
        byte[] request = traces(1_100, 1_300, 1_200, 0.25);

        byte[] expected = traces(2_000, 4_000, 3_000, 2.5);
        ScaledTimes.ofTraces(request, CLOCK);
        assertThat(request).isEqualTo(expected);
    }

    @Test
    void timesOfMetricsPointsAreStretchedAndTheirValuesStay() {
        byte[] request = metrics(1_100, 1_200);

        ScaledTimes.ofMetrics(request, CLOCK);
        assertThat(request).isEqualTo(metrics(2_000, 3_000));
    }

    @Test
    void aTimeThatIsNotThereStaysAway() {
        byte[] request = metrics(0, 1_200);

        ScaledTimes.ofMetrics(request, CLOCK);
        assertThat(request).isEqualTo(metrics(0, 3_000));
    }

    @Test
    void whatIsNoProtobufIsRefused() {
        assertThatThrownBy(() -> ScaledTimes.ofTraces(new byte[] {7}, CLOCK))
                .isInstanceOf(IllegalArgumentException.class);
    }

    private static byte[] traces(long start, long end, long event, double backOff) {
        byte[] span = all(
                text(1, "0123456789abcdef"),
                text(5, "chat"),
                varint(6, 300),
                fixed64(7, start),
                fixed64(8, end),
                message(9, all(text(1, "scepsy.call.backoff_seconds"), message(2, fixed64(4, bits(backOff))))),
                message(9, all(text(1, "other"), message(2, fixed64(4, bits(0.25))))),
                message(9, all(text(1, "gen_ai.request.model"), message(2, text(1, "m")))),
                message(11, all(fixed64(1, event), text(2, "exception"))));
        byte[] resource = message(1, message(1, all(text(1, "service.name"), message(2, text(1, "research")))));
        return message(1, all(resource, message(2, all(message(1, text(1, "scope")), message(2, span)))));
    }

    private static byte[] metrics(long start, long at) {
        byte[] point = all(fixed64(2, start), fixed64(3, at), fixed64(6, 42));
        byte[] metric =
                all(text(1, "scepsy.executions"), message(7, all(message(1, point), varint(2, 2), varint(3, 1))));
        return message(1, message(2, message(2, metric)));
    }

    private static long bits(double value) {
        return Double.doubleToRawLongBits(value);
    }

    private static byte[] all(byte[]... parts) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        for (byte[] part : parts) {
            bytes.writeBytes(part);
        }
        return bytes.toByteArray();
    }

    private static byte[] text(int field, String text) {
        return message(field, text.getBytes(StandardCharsets.UTF_8));
    }

    private static byte[] message(int field, byte[] content) {
        return all(number(field << 3 | 2), number(content.length), content);
    }

    private static byte[] varint(int field, int value) {
        return all(number(field << 3), number(value));
    }

    private static byte[] fixed64(int field, long value) {
        ByteBuffer bytes = ByteBuffer.allocate(Long.BYTES).order(ByteOrder.LITTLE_ENDIAN);
        return all(number(field << 3 | 1), bytes.putLong(value).array());
    }

    private static byte[] number(int value) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        int left = value;
        for (; left >= 0x80; left >>>= 7) {
            bytes.write(left & 0x7f | 0x80);
        }
        bytes.write(left);
        return bytes.toByteArray();
    }
}
