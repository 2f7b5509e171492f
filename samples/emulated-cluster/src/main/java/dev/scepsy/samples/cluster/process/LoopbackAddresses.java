package dev.scepsy.samples.cluster.process;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;

/**
 * Addresses of this machine's loopback network, so that several programs can listen on the same port. Linux answers to all of 127.0.0.0/8; elsewhere
 * each has to be configured first. Random ones, because other clusters on this machine draw as well. Not thread-safe.
 */
public final class LoopbackAddresses {
    private static final int TRIES = 20;

    private final SplittableRandom random = new SplittableRandom();
    private final Set<String> taken = new HashSet<>();

    /**
     * An address that nobody else got here and on which these ports are free.
     *
     * @throws IOException if this machine has none to give
     */
    public String take(Collection<Integer> ports) throws IOException {
        IOException last = new IOException("no try");
        for (int i = 0; i < TRIES; i++) {
            String address = "127." + random.nextInt(1, 255) + "." + random.nextInt(256) + "." + random.nextInt(2, 255);
            if (taken.contains(address)) {
                continue;
            }
            try {
                for (int port : ports.isEmpty() ? List.of(0) : ports) {
                    new ServerSocket(port, 1, InetAddress.getByName(address)).close();
                }
                taken.add(address);
                return address;
            } catch (IOException notThere) {
                last = notThere;
            }
        }
        throw new IOException(
                "this machine gives out no loopback address of its own for a pod (" + last.getMessage()
                        + "); on Linux all of 127.0.0.0/8 are there",
                last);
    }

    public void release(String address) {
        taken.remove(address);
    }
}
