package dev.scepsy.samples.cluster;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.locks.LockSupport;

/** Between a service and its database: a network that can break, or fall silent. */
final class Network implements AutoCloseable {

    private final ServerSocket listening = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    private final int port;
    private final List<Socket> sockets = new CopyOnWriteArrayList<>();
    private volatile boolean silent;
    private volatile boolean cut;

    /** @param port where it leads */
    Network(int port) throws IOException {
        this.port = port;
        start(this::accept);
    }

    int port() {
        return listening.getLocalPort();
    }

    /** Bytes wait from now on, both ways. */
    void silence() {
        silent = true;
    }

    /** Connections break, new ones too. */
    void cut() {
        cut = true;
        sockets.forEach(Network::closeQuietly);
        sockets.clear();
    }

    /** All is well again; what waited arrives. */
    void restore() {
        silent = false;
        cut = false;
    }

    @Override
    public void close() throws IOException {
        cut();
        silent = false;
        listening.close();
    }

    private void accept() {
        while (!listening.isClosed()) {
            try {
                Socket client = listening.accept();
                if (cut) {
                    client.close();
                    continue;
                }
                try {
                    Socket server = new Socket(InetAddress.getLoopbackAddress(), port);
                    sockets.add(client);
                    sockets.add(server);
                    start(() -> pass(client, server));
                    start(() -> pass(server, client));
                } catch (IOException noServer) {
                    client.close();
                }
            } catch (IOException closed) {
                // the loop's condition says whether it is over
            }
        }
    }

    private void pass(Socket from, Socket to) {
        byte[] bytes = new byte[8_192];
        try (from;
                to) {
            InputStream in = from.getInputStream();
            OutputStream out = to.getOutputStream();
            for (int read = in.read(bytes); read >= 0; read = in.read(bytes)) {
                while (silent) {
                    LockSupport.parkNanos(1_000_000);
                }
                out.write(bytes, 0, read);
            }
        } catch (IOException e) {
            // the other side sees it too
        }
    }

    private static void start(Runnable work) {
        Thread thread = new Thread(work, "network");
        thread.setDaemon(true);
        thread.start();
    }

    private static void closeQuietly(Socket socket) {
        try {
            socket.close();
        } catch (IOException e) {
            // it is closed
        }
    }
}
