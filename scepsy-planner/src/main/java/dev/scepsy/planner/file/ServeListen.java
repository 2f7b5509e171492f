package dev.scepsy.planner.file;

import dev.scepsy.planner.serve.settings.ServeSettings.Listen;
import java.net.InetSocketAddress;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The part {@code listen} of {@code serve.yaml}: three addresses, of this machine alone unless {@code access} says who may. */
final class ServeListen {

    /** Keys, with the port each has where nothing is said. */
    private static final Map<String, Integer> PORTS = new LinkedHashMap<>();

    static {
        PORTS.put("otlpGrpc", 4317);
        PORTS.put("otlpHttp", 4318);
        PORTS.put("web", 8844);
    }

    /**
     * Where it listens.
     *
     * @param given the same as a list
     */
    record Listening(Listen listen, List<InetSocketAddress> given) {}

    private ServeListen() {}

    static Listening read(Fields top, boolean guarded) {
        Map<String, InetSocketAddress> addresses =
                top.mapping("listen", fields -> addresses(fields, guarded)).orElseGet(ServeListen::usual);
        List<InetSocketAddress> all = List.copyOf(addresses.values());
        return new Listening(new Listen(all.get(0), all.get(1), all.get(2)), all);
    }

    private static Map<String, InetSocketAddress> usual() {
        Map<String, InetSocketAddress> usual = new LinkedHashMap<>();
        PORTS.forEach((key, port) -> usual.put(key, loopback(port)));
        return usual;
    }

    private static Map<String, InetSocketAddress> addresses(Fields fields, boolean guarded) {
        Map<String, InetSocketAddress> addresses = new LinkedHashMap<>();
        PORTS.forEach((key, port) -> {
            InetSocketAddress address = fields.optionalWritten(key, "HOST:PORT, such as 127.0.0.1:" + port)
                    .flatMap(text ->
                            Addresses.listened(text, "127.0.0.1:" + port, sentence -> fields.problem(key, sentence)))
                    .orElseGet(() -> loopback(port));
            if (!guarded && !address.getAddress().isLoopbackAddress()) {
                fields.problem(
                        key,
                        "The address (" + address.getHostString() + ":" + address.getPort()
                                + ") is open to other machines, and without access whoever reaches it could decide. Make a"
                                + " token (scepsy serve token --name N --role operator --tokens tokens.txt) and add access:"
                                + " {tokens: tokens.txt}, or listen on 127.0.0.1:" + address.getPort() + ".");
            }
            addresses.forEach((other, taken) -> {
                if (taken.equals(address) && address.getPort() != 0 && fields.sound(key, other)) {
                    String culprit = fields.has(key) ? key : other;
                    fields.problem(
                            culprit,
                            "The address (" + address.getHostString() + ":" + address.getPort() + ") is that of "
                                    + (culprit.equals(key) ? other : key) + " too. Give each a port of its own.");
                }
            });
            addresses.put(key, address);
        });
        return addresses;
    }

    private static InetSocketAddress loopback(int port) {
        return new InetSocketAddress("127.0.0.1", port);
    }
}
