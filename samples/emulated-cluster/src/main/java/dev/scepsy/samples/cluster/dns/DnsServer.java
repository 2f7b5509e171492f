package dev.scepsy.samples.cluster.dns;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.datagram.DatagramPacket;
import io.vertx.core.datagram.DatagramSocket;
import io.vertx.core.datagram.DatagramSocketOptions;
import java.util.HashMap;
import java.util.Map;
import java.util.function.DoubleSupplier;

/**
 * Answers over UDP on loopback. It remembers each answer, also that there is nothing, for the records' time to live, as the caches between a pod and
 * CoreDNS may: news are up to that late. Confined to the event loop.
 */
public final class DnsServer {
    private static final int QUERY = 0;

    private final DnsZone zone;
    private final DoubleSupplier nowSeconds;
    private final double ttlSeconds;
    private final int writtenTtlSeconds;
    private final DatagramSocket socket;
    private final Map<Question, Remembered> remembered = new HashMap<>();

    private record Question(String name, int type) {}

    private record Remembered(DnsZone.Answer answer, double untilSeconds) {}

    private DnsServer(
            DnsZone zone, DoubleSupplier nowSeconds, double ttlSeconds, double timeScale, DatagramSocket socket) {
        this.zone = zone;
        this.nowSeconds = nowSeconds;
        this.ttlSeconds = ttlSeconds;
        this.writtenTtlSeconds = (int) Math.ceil(ttlSeconds / timeScale);
        this.socket = socket;
    }

    /**
     * Listens.
     *
     * @param port 0: any free one
     * @param nowSeconds emulated time
     * @param ttlSeconds how long an answer is remembered, emulated seconds, at least 0; what clients are told is as long in real seconds, rounded up
     * @param timeScale emulated seconds per real second
     */
    public static Future<DnsServer> listen(
            Vertx vertx,
            String host,
            int port,
            DnsZone zone,
            DoubleSupplier nowSeconds,
            double ttlSeconds,
            double timeScale) {
        DatagramSocket socket = vertx.createDatagramSocket(new DatagramSocketOptions());
        DnsServer server = new DnsServer(zone, nowSeconds, ttlSeconds, timeScale, socket);
        socket.handler(server::handle);
        return socket.listen(port, host).map(listening -> server);
    }

    /** The UDP port. */
    public int port() {
        return socket.localAddress().port();
    }

    private void handle(DatagramPacket packet) {
        DnsMessage.read(packet.data().getBytes())
                .map(this::answer)
                .ifPresent(bytes -> socket.send(
                        Buffer.buffer(bytes),
                        packet.sender().port(),
                        packet.sender().hostAddress()));
    }

    private byte[] answer(DnsMessage.Query query) {
        String name = query.key();
        DnsZone.Answer nothing = DnsZone.Answer.NOTHING_OF_THIS_TYPE;
        if (query.opcode() != QUERY) {
            return write(query, DnsMessage.NOT_IMPLEMENTED, nothing);
        }
        if (!name.equals(zone.domain()) && !name.endsWith("." + zone.domain())) {
            return write(query, DnsMessage.REFUSED, nothing);
        }
        double now = nowSeconds.getAsDouble();
        remembered.values().removeIf(each -> each.untilSeconds() <= now);
        DnsZone.Answer answer = remembered
                .computeIfAbsent(
                        new Question(name, query.type()),
                        asked -> new Remembered(zone.lookup(asked.name(), asked.type()), now + ttlSeconds))
                .answer();
        return write(query, answer.exists() ? DnsMessage.NO_ERROR : DnsMessage.NO_SUCH_NAME, answer);
    }

    private byte[] write(DnsMessage.Query query, int code, DnsZone.Answer answer) {
        return DnsMessage.write(query, code, answer, zone.domain(), writtenTtlSeconds);
    }
}
