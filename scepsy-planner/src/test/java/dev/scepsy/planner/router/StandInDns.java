package dev.scepsy.planner.router;

import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** A DNS server that knows headless Services, as the cluster's does: SRV records, with the addresses beside them. */
final class StandInDns implements AutoCloseable {

    private static final int SRV = 33;

    private final DatagramSocket socket;
    private final Map<String, List<Integer>> services = new ConcurrentHashMap<>();

    StandInDns() {
        try {
            socket = new DatagramSocket(0, InetAddress.getByName("127.0.0.1"));
        } catch (IOException noPort) {
            throw new UncheckedIOException(noPort);
        }
        StandInEngine.daemon(this::serve);
    }

    int port() {
        return socket.getLocalPort();
    }

    /** Engines of the Service, all on the loopback. */
    void names(String service, StandInEngine... engines) {
        services.put(service, Arrays.stream(engines).map(StandInEngine::port).toList());
    }

    private void serve() {
        byte[] bytes = new byte[9000];
        while (!socket.isClosed()) {
            try {
                DatagramPacket packet = new DatagramPacket(bytes, bytes.length);
                socket.receive(packet);
                byte[] answer = answer(ByteBuffer.wrap(bytes, 0, packet.getLength()));
                socket.send(new DatagramPacket(answer, answer.length, packet.getSocketAddress()));
            } catch (IOException closed) {
                return;
            }
        }
    }

    private byte[] answer(ByteBuffer query) throws IOException {
        short id = query.getShort(0);
        query.position(12);
        StringBuilder name = new StringBuilder();
        for (int length = query.get(); length != 0; length = query.get()) {
            byte[] label = new byte[length];
            query.get(label);
            name.append(name.isEmpty() ? "" : ".").append(new String(label, StandardCharsets.US_ASCII));
        }
        int type = query.getShort();
        query.getShort();
        byte[] question = Arrays.copyOfRange(query.array(), 12, query.position());
        String service = name.toString().replaceFirst("^_http\\._tcp\\.", "").replaceFirst("\\..*", "");
        List<Integer> ports = type == SRV ? services.getOrDefault(service, List.of()) : List.of();
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        DataOutputStream out = new DataOutputStream(bytes);
        out.writeShort(id);
        out.writeShort(ports.isEmpty() ? 0x8583 : 0x8580);
        for (int count : new int[] {1, ports.size(), 0, ports.size()}) {
            out.writeShort(count);
        }
        out.write(question);
        for (int port : ports) {
            byte[] target = encoded("e" + port + "." + service);
            out.writeShort(0xc00c);
            record(out, SRV, 6 + target.length);
            out.writeShort(0);
            out.writeShort(100);
            out.writeShort(port);
            out.write(target);
        }
        for (int port : ports) {
            out.write(encoded("e" + port + "." + service));
            record(out, 1, 4);
            out.write(new byte[] {127, 0, 0, 1});
        }
        return bytes.toByteArray();
    }

    private static void record(DataOutputStream out, int type, int length) throws IOException {
        out.writeShort(type);
        out.writeShort(1);
        out.writeInt(5);
        out.writeShort(length);
    }

    private static byte[] encoded(String name) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        for (String label : name.split("\\.")) {
            bytes.write(label.length());
            bytes.write(label.getBytes(StandardCharsets.US_ASCII));
        }
        bytes.write(0);
        return bytes.toByteArray();
    }

    @Override
    public void close() {
        socket.close();
    }
}
