package dev.scepsy.samples.cluster.dns;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/** DNS messages as RFC 1035 lays them out, as far as a server needs them that knows A and SRV and hears of EDNS. Pure functions. */
public final class DnsMessage {
    public static final int A = 1;
    public static final int AAAA = 28;
    public static final int SRV = 33;

    static final int NO_ERROR = 0;
    static final int NO_SUCH_NAME = 3;
    static final int NOT_IMPLEMENTED = 4;
    static final int REFUSED = 5;

    private static final int SOA = 6;
    private static final int OPT = 41;
    private static final int INTERNET = 1;
    private static final int HEADER_BYTES = 12;
    /** What fits into a packet where the question names no size. */
    private static final int PLAIN_PAYLOAD_BYTES = 512;
    /** What one UDP packet holds; a question may allow as much, as CoreDNS has it. */
    private static final int LARGEST_PAYLOAD_BYTES = 65_507;

    private DnsMessage() {}

    /**
     * A question.
     *
     * @param name as asked, without the dot at the end; {@link #key} compares
     * @param edns whether it says how large an answer may be
     * @param payloadBytes how large an answer may be
     */
    record Query(int id, boolean recursionDesired, int opcode, String name, int type, boolean edns, int payloadBytes) {
        /** The name for comparisons: DNS knows no case. */
        String key() {
            return name.toLowerCase(Locale.ROOT);
        }
    }

    /** Reads a question; empty if the packet holds none that can be answered. */
    static Optional<Query> read(byte[] packet) {
        ByteBuffer in = ByteBuffer.wrap(packet);
        if (packet.length < HEADER_BYTES) {
            return Optional.empty();
        }
        int id = in.getShort() & 0xffff;
        int flags = in.getShort() & 0xffff;
        int questions = in.getShort();
        int answers = in.getShort();
        int authorities = in.getShort();
        int additional = in.getShort();
        boolean isAnswer = (flags & 0x8000) != 0;
        if (isAnswer || questions != 1 || answers != 0 || authorities != 0) {
            return Optional.empty();
        }
        try {
            String name = readName(in);
            int type = in.getShort() & 0xffff;
            int questionClass = in.getShort() & 0xffff;
            if (questionClass != INTERNET) {
                return Optional.empty();
            }
            boolean edns = false;
            int payload = PLAIN_PAYLOAD_BYTES;
            for (int i = 0; i < additional; i++) {
                readName(in);
                int recordType = in.getShort() & 0xffff;
                int size = in.getShort() & 0xffff;
                in.getInt();
                in.position(in.position() + (in.getShort() & 0xffff));
                if (recordType == OPT) {
                    edns = true;
                    payload = Math.min(LARGEST_PAYLOAD_BYTES, Math.max(PLAIN_PAYLOAD_BYTES, size));
                }
            }
            return Optional.of(new Query(id, (flags & 0x0100) != 0, (flags >> 11) & 0xf, name, type, edns, payload));
        } catch (RuntimeException tooShortOrMalformed) {
            return Optional.empty();
        }
    }

    private static String readName(ByteBuffer in) {
        List<String> labels = new ArrayList<>();
        for (int length = in.get() & 0xff; length > 0; length = in.get() & 0xff) {
            if (length > 63) {
                throw new IllegalArgumentException("a question has no compressed name");
            }
            byte[] label = new byte[length];
            in.get(label);
            labels.add(new String(label, StandardCharsets.US_ASCII));
        }
        return String.join(".", labels);
    }

    /**
     * Writes an answer. What does not fit is left out and the answer marked as truncated.
     *
     * @param answer ignored unless {@code code} is {@link #NO_ERROR} or {@link #NO_SUCH_NAME}
     * @param domain whose authority is named where there is nothing
     */
    static byte[] write(Query query, int code, DnsZone.Answer answer, String domain, int ttlSeconds) {
        Writer out = new Writer();
        out.shorts(query.id(), 0, 1, 0, 0, 0);
        out.name(query.name());
        out.shorts(query.type(), INTERNET);
        int opt = query.edns() ? 11 : 0;
        int room = query.payloadBytes() - opt;
        int answers = out.records(answer.records(), ttlSeconds, room);
        boolean truncated = answers < answer.records().size();
        int authorities = 0;
        if (answer.records().isEmpty() && (code == NO_ERROR || code == NO_SUCH_NAME)) {
            out.startOfAuthority(domain, ttlSeconds);
            authorities = 1;
        }
        int additional = truncated ? 0 : out.records(answer.additional(), ttlSeconds, room);
        truncated |= additional < answer.additional().size();
        if (query.edns()) {
            out.name("");
            out.shorts(OPT, LARGEST_PAYLOAD_BYTES, 0, 0, 0);
        }
        int flags = 0x8400
                | query.opcode() << 11
                | (truncated ? 0x0200 : 0)
                | (query.recursionDesired() ? 0x0100 : 0)
                | code;
        byte[] bytes = out.bytes.toByteArray();
        ByteBuffer.wrap(bytes)
                .putShort(2, (short) flags)
                .putShort(6, (short) answers)
                .putShort(8, (short) authorities)
                .putShort(10, (short) (additional + (query.edns() ? 1 : 0)));
        return bytes;
    }

    private static final class Writer {
        private final Bytes bytes = new Bytes();
        private final Map<String, Integer> names = new HashMap<>();

        /** Writes as many as fit into {@code room} bytes in all; how many those were. */
        int records(List<DnsZone.Record> records, int ttlSeconds, int room) {
            int written = 0;
            for (DnsZone.Record record : records) {
                int before = bytes.size();
                record(record, ttlSeconds);
                if (bytes.size() > room) {
                    bytes.cut(before);
                    names.values().removeIf(at -> at >= before);
                    return written;
                }
                written++;
            }
            return written;
        }

        private void record(DnsZone.Record record, int ttlSeconds) {
            name(record.name());
            if (record instanceof DnsZone.Record.Address address) {
                head(A, ttlSeconds);
                shorts(4);
                for (String part : address.ip().split("\\.")) {
                    bytes.write(Integer.parseInt(part));
                }
            } else if (record instanceof DnsZone.Record.Server server) {
                head(SRV, ttlSeconds);
                // RFC 2782: the target's own labels are not shortened, but later names may point at them.
                int lengthAt = bytes.size();
                shorts(0, 0, server.weight(), server.port());
                plainName(server.target());
                bytes.putShort(lengthAt, bytes.size() - lengthAt - 2);
            }
        }

        void startOfAuthority(String domain, int ttlSeconds) {
            name(domain);
            head(SOA, ttlSeconds);
            int lengthAt = bytes.size();
            shorts(0);
            name("ns.dns." + domain);
            name("hostmaster." + domain);
            ints(1, 7200, 1800, 86400, ttlSeconds);
            bytes.putShort(lengthAt, bytes.size() - lengthAt - 2);
        }

        private void head(int type, int ttlSeconds) {
            shorts(type, INTERNET);
            ints(ttlSeconds);
        }

        /** A name, or a pointer to where it, or an end of it, was written before. */
        void name(String name) {
            writeName(name, true);
        }

        private void plainName(String name) {
            writeName(name, false);
        }

        private void writeName(String name, boolean shortened) {
            String rest = name;
            while (!rest.isEmpty()) {
                String key = rest.toLowerCase(Locale.ROOT);
                Integer known = names.get(key);
                if (shortened && known != null) {
                    shorts(0xc000 | known);
                    return;
                }
                if (bytes.size() < 0x4000) {
                    names.putIfAbsent(key, bytes.size());
                }
                int dot = rest.indexOf('.');
                byte[] label = (dot < 0 ? rest : rest.substring(0, dot)).getBytes(StandardCharsets.US_ASCII);
                bytes.write(label.length);
                bytes.writeBytes(label);
                rest = dot < 0 ? "" : rest.substring(dot + 1);
            }
            bytes.write(0);
        }

        void shorts(int... values) {
            for (int value : values) {
                bytes.write(value >> 8);
                bytes.write(value);
            }
        }

        private void ints(int... values) {
            for (int value : values) {
                shorts(value >>> 16, value);
            }
        }
    }

    /** Bytes that can be cut and changed. */
    private static final class Bytes extends ByteArrayOutputStream {
        void cut(int size) {
            count = size;
        }

        void putShort(int at, int value) {
            buf[at] = (byte) (value >> 8);
            buf[at + 1] = (byte) value;
        }
    }
}
