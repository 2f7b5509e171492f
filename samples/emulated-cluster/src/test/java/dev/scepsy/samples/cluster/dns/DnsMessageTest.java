package dev.scepsy.samples.cluster.dns;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Bytes of DNS messages, written by hand after RFC 1035. */
class DnsMessageTest {
    private static final String NAME = "_http._tcp.e.default.svc.cluster.local";

    @Test
    void aQuestionIsReadWithItsPayloadSize() {
        DnsMessage.Query plain = DnsMessage.read(question("Generator.Default.svc.cluster.local", DnsMessage.A, 0))
                .orElseThrow();
        assertThat(plain.id()).isEqualTo(0x1234);
        assertThat(plain.name()).isEqualTo("Generator.Default.svc.cluster.local");
        assertThat(plain.key()).isEqualTo("generator.default.svc.cluster.local");
        assertThat(plain.payloadBytes()).isEqualTo(512);
        assertThat(plain.edns()).isFalse();

        DnsMessage.Query extended =
                DnsMessage.read(question(NAME, DnsMessage.SRV, 8192)).orElseThrow();
        assertThat(extended.edns()).isTrue();
        assertThat(extended.payloadBytes()).isEqualTo(8192);
    }

    @Test
    void whatIsNoQuestionIsNotAnswered() {
        byte[] question = question(NAME, DnsMessage.SRV, 0);
        for (int length = 0; length < question.length; length++) {
            assertThat(DnsMessage.read(Arrays.copyOf(question, length)))
                    .as("%d bytes", length)
                    .isEmpty();
        }
        question[2] |= (byte) 0x80;
        assertThat(DnsMessage.read(question)).as("an answer").isEmpty();
    }

    @Test
    void anAddressIsWrittenByteByByte() {
        DnsMessage.Query query =
                DnsMessage.read(question("a.b", DnsMessage.A, 0)).orElseThrow();
        byte[] answer = DnsMessage.write(
                query,
                DnsMessage.NO_ERROR,
                new DnsZone.Answer(true, List.of(new DnsZone.Record.Address("a.b", "127.0.0.1")), List.of()),
                "b",
                5);

        assertThat(answer)
                .containsExactly(
                        0x12, 0x34, 0x85, 0x00, 0, 1, 0, 1, 0, 0, 0,
                        0, // header: answer, authoritative, recursion desired
                        1, 'a', 1, 'b', 0, 0, 1, 0, 1, // the question
                        0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 5, 0, 4, 127, 0, 0, 1); // a pointer to it, A, IN, 5 s
    }

    @Test
    void moreThanFitsIsCutAndSaysSo() {
        DnsZone.Answer many = pods(40);
        byte[] small = DnsMessage.write(
                DnsMessage.read(question(NAME, DnsMessage.SRV, 0)).orElseThrow(),
                DnsMessage.NO_ERROR,
                many,
                "cluster.local",
                5);
        assertThat(small.length).isLessThanOrEqualTo(512);
        assertThat(truncated(small)).isTrue();
        assertThat(answers(small)).isBetween(5, 10);

        byte[] large = DnsMessage.write(
                DnsMessage.read(question(NAME, DnsMessage.SRV, 4096)).orElseThrow(),
                DnsMessage.NO_ERROR,
                many,
                "cluster.local",
                5);
        assertThat(large.length).isLessThanOrEqualTo(4096);
        assertThat(truncated(large)).isFalse();
        assertThat(answers(large)).isEqualTo(40);
    }

    private static DnsZone.Answer pods(int count) {
        List<String> hosts = IntStream.range(0, count)
                .mapToObj(i -> "127-0-0-1-" + (30_000 + i) + ".e.default.svc.cluster.local")
                .toList();
        return new DnsZone.Answer(
                true,
                hosts.stream()
                        .map(host -> (DnsZone.Record) new DnsZone.Record.Server(NAME, 1, 30_000, host))
                        .toList(),
                hosts.stream()
                        .map(host -> (DnsZone.Record) new DnsZone.Record.Address(host, "127.0.0.1"))
                        .toList());
    }

    private static boolean truncated(byte[] message) {
        return (message[2] & 2) != 0;
    }

    private static int answers(byte[] message) {
        return ByteBuffer.wrap(message).getShort(6);
    }

    /** @param payload 0: no EDNS */
    private static byte[] question(String name, int type, int payload) {
        ByteBuffer out = ByteBuffer.allocate(512);
        out.putShort((short) 0x1234).putShort((short) 0x0100);
        out.putShort((short) 1).putShort((short) 0).putShort((short) 0).putShort((short) (payload > 0 ? 1 : 0));
        for (String label : name.split("\\.", -1)) {
            out.put((byte) label.length()).put(label.getBytes(StandardCharsets.US_ASCII));
        }
        out.put((byte) 0).putShort((short) type).putShort((short) 1);
        if (payload > 0) {
            out.put((byte) 0)
                    .putShort((short) 41)
                    .putShort((short) payload)
                    .putInt(0)
                    .putShort((short) 0);
        }
        return Arrays.copyOf(out.array(), out.position());
    }
}
