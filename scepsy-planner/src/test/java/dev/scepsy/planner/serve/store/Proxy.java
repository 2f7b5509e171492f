package dev.scepsy.planner.serve.store;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.locks.LockSupport;

/** A network between a service and its database that a test can stop (nothing arrives any more, nothing is said) or cut. */
final class Proxy implements AutoCloseable {

    private final ServerSocket listening;
    private final int port;
    private final List<Socket> sockets = new CopyOnWriteArrayList<>();
    private volatile boolean stopped;
    private volatile boolean cut;

    Proxy(int port) throws IOException {
        this.port = port;
        this.listening = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        start(this::accept);
    }

    int port() {
        return listening.getLocalPort();
    }

    /** Bytes wait from now on, both ways. */
    void stop() {
        stopped = true;
    }

    /** Connections break, new ones too. */
    void cut() {
        cut = true;
        sockets.forEach(Proxy::closeQuietly);
    }

    /** All is well again; what waited arrives. */
    void restore() {
        stopped = false;
        cut = false;
    }

    @Override
    public void close() throws IOException {
        cut();
        stopped = false;
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
                Socket server = new Socket(InetAddress.getLoopbackAddress(), port);
                sockets.add(client);
                sockets.add(server);
                start(() -> pass(client, server));
                start(() -> pass(server, client));
            } catch (IOException e) {
                // Closed, or the server is not there: the client sees it.
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
                while (stopped) {
                    LockSupport.parkNanos(1_000_000);
                }
                out.write(bytes, 0, read);
            }
        } catch (IOException e) {
            // The other side sees it too.
        }
    }

    private static void start(Runnable work) {
        Thread thread = new Thread(work, "proxy");
        thread.setDaemon(true);
        thread.start();
    }

    private static void closeQuietly(Socket socket) {
        try {
            socket.close();
        } catch (IOException e) {
            // It is closed.
        }
    }
}
