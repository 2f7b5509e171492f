package dev.scepsy.samples.cluster.route;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.scepsy.samples.cluster.Engines;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Connections through a port of a service, byte by byte. */
class ConnectionProxyTest {
    private static final int PATIENCE_MILLIS = 20_000;
    /** Exceeded by one in a thousand of truly uniform choices among four. */
    private static final double CHI_SQUARE_3 = 16.27;

    private final Vertx vertx = Vertx.vertx(new VertxOptions().setEventLoopPoolSize(1));
    private final List<AutoCloseable> open = new ArrayList<>();
    private ConnectionProxy proxy;

    @BeforeEach
    void start() throws Exception {
        proxy = ConnectionProxy.open(vertx, new SplittableRandom(7))
                .toCompletionStage()
                .toCompletableFuture()
                .get(20, TimeUnit.SECONDS);
    }

    @AfterEach
    void stop() throws Exception {
        for (AutoCloseable each : open) {
            each.close();
        }
        vertx.close().toCompletionStage().toCompletableFuture().get(20, TimeUnit.SECONDS);
    }

    @Test
    void newConnectionsAreSpreadUniformly() throws Exception {
        List<ServerSocket> backends = List.of(backend(), backend(), backend(), backend());
        route(backends.stream().map(ConnectionProxyTest::at).toList());
        int connections = 2000;
        int[] counts = new int[backends.size()];
        for (ServerSocket each : backends) {
            int index = backends.indexOf(each);
            Thread saying = new Thread(() -> greet(each, index), "backend-" + index);
            saying.setDaemon(true);
            saying.start();
        }
        for (int i = 0; i < connections; i++) {
            try (Socket client = connect()) {
                counts[client.getInputStream().read()]++;
            }
        }

        double expected = (double) connections / counts.length;
        double chiSquare = 0;
        for (int count : counts) {
            chiSquare += (count - expected) * (count - expected) / expected;
        }
        assertThat(chiSquare).as("counts %s", counts).isLessThan(CHI_SQUARE_3);
    }

    @Test
    void aConnectionStaysWithABackendThatLeaves() throws Exception {
        ServerSocket leaving = backend();
        route(List.of(at(leaving)));
        Socket client = connect();
        Socket server = accept(leaving);
        client.getOutputStream().write(1);
        assertThat(server.getInputStream().read()).isEqualTo(1);

        ServerSocket other = backend();
        route(List.of(at(other)));
        Socket second = connect();
        accept(other).getOutputStream().write(7);
        assertThat(second.getInputStream().read()).isEqualTo(7);

        client.getOutputStream().write(2);
        assertThat(server.getInputStream().read()).isEqualTo(2);
        server.getOutputStream().write(3);
        assertThat(client.getInputStream().read()).isEqualTo(3);
    }

    @Test
    void withoutABackendConnectionsAreReset() throws Exception {
        assertReset(connect());
        ServerSocket backend = backend();
        route(List.of(at(backend)));
        connect();
        accept(backend);
        route(List.of());
        assertReset(connect());
    }

    @Test
    void aBackendThatRefusesIsNotTriedAround() throws Exception {
        ServerSocket gone = backend();
        ConnectionProxy.Backend refusing = at(gone);
        gone.close();
        ServerSocket alive = backend();
        Thread saying = new Thread(() -> greet(alive, 5), "alive");
        saying.setDaemon(true);
        saying.start();
        route(List.of(refusing, at(alive), new ConnectionProxy.Backend("127.0.0.1", 0)));

        int served = 0;
        int lost = 0;
        for (int i = 0; i < 60; i++) {
            try (Socket client = connect()) {
                served += client.getInputStream().read() == 5 ? 1 : 0;
            } catch (SocketException reset) {
                lost++;
            }
        }
        assertThat(served).isBetween(10, 30);
        assertThat(served + lost).isEqualTo(60);
    }

    @Test
    void aResetOfTheBackendReachesTheClient() throws Exception {
        ServerSocket backend = backend();
        route(List.of(at(backend)));
        Socket client = connect();
        Socket server = accept(backend);
        server.getOutputStream().write(1);
        assertThat(client.getInputStream().read()).isEqualTo(1);
        server.setSoLinger(true, 0);
        server.close();

        assertReset(client);
    }

    @Test
    void aResetOfTheClientReachesTheBackend() throws Exception {
        ServerSocket backend = backend();
        route(List.of(at(backend)));
        Socket client = connect();
        Socket server = accept(backend);
        client.getOutputStream().write(1);
        assertThat(server.getInputStream().read()).isEqualTo(1);
        client.setSoLinger(true, 0);
        client.close();

        assertReset(server);
    }

    @Test
    void eachDirectionEndsOnItsOwn() throws Exception {
        ServerSocket backend = backend();
        route(List.of(at(backend)));
        Socket client = connect();
        Socket server = accept(backend);
        client.getOutputStream().write(new byte[] {1, 2});
        client.shutdownOutput();
        assertThat(server.getInputStream().readAllBytes()).containsExactly(1, 2);

        server.getOutputStream().write(new byte[] {3, 4});
        server.close();
        assertThat(client.getInputStream().readAllBytes()).containsExactly(3, 4);
    }

    @Test
    void aBackendThatDoesNotReadHoldsItsClientUpAndLosesNothing() throws Exception {
        ServerSocket backend = backend();
        route(List.of(at(backend)));
        long all = 128L << 20;
        try (SocketChannel client = SocketChannel.open(new InetSocketAddress(Loopback.HOST, proxy.port()))) {
            client.configureBlocking(false);
            Socket server = accept(backend);
            ByteBuffer bytes = ByteBuffer.allocate(1 << 20);
            long sent = 0;
            long stuckSince = System.nanoTime();
            while (sent < all && System.nanoTime() - stuckSince < 300_000_000L) {
                bytes.clear();
                int written = client.write(bytes);
                if (written > 0) {
                    sent += written;
                    stuckSince = System.nanoTime();
                } else {
                    Thread.onSpinWait();
                }
            }
            assertThat(sent).isBetween(1L, all - 1);

            client.shutdownOutput();
            long received = 0;
            InputStream in = server.getInputStream();
            byte[] buffer = new byte[1 << 16];
            for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
                received += read;
            }
            assertThat(received).isEqualTo(sent);
        }
    }

    @Test
    void aClosedProxyTakesNoConnectionButKeepsThoseThereAre() throws Exception {
        ServerSocket backend = backend();
        route(List.of(at(backend)));
        Socket client = connect();
        Socket server = accept(backend);
        int port = proxy.port();
        proxy.close();
        Engines.await("refused", () -> {
            try (Socket late = new Socket(Loopback.HOST, port)) {
                return !late.isConnected();
            } catch (IOException refused) {
                return true;
            }
        });

        client.getOutputStream().write(9);
        assertThat(server.getInputStream().read()).isEqualTo(9);
    }

    private void route(List<ConnectionProxy.Backend> backends) throws Exception {
        CompletableFuture<Boolean> routed = new CompletableFuture<>();
        // the proxy is confined to this loop
        vertx.nettyEventLoopGroup().execute(() -> {
            proxy.route(backends);
            routed.complete(true);
        });
        routed.get(20, TimeUnit.SECONDS);
    }

    private static void greet(ServerSocket backend, int greeting) {
        while (!backend.isClosed()) {
            try (Socket connection = backend.accept()) {
                connection.getOutputStream().write(greeting);
            } catch (IOException closed) {
                return;
            }
        }
    }

    private static void assertReset(Socket socket) {
        assertThatThrownBy(() -> {
                    if (socket.getInputStream().read() < 0) {
                        throw new AssertionError("ended in peace");
                    }
                })
                .isInstanceOf(SocketException.class)
                .hasMessageContaining("reset");
    }

    private static ConnectionProxy.Backend at(ServerSocket backend) {
        return new ConnectionProxy.Backend(Loopback.HOST, backend.getLocalPort());
    }

    private ServerSocket backend() throws IOException {
        ServerSocket backend = new ServerSocket(0, 128, InetAddress.getByName(Loopback.HOST));
        backend.setSoTimeout(PATIENCE_MILLIS);
        open.add(backend);
        return backend;
    }

    private Socket accept(ServerSocket backend) throws IOException {
        Socket connection = backend.accept();
        connection.setSoTimeout(PATIENCE_MILLIS);
        open.add(connection);
        return connection;
    }

    private Socket connect() throws IOException {
        Socket client = new Socket(Loopback.HOST, proxy.port());
        client.setSoTimeout(PATIENCE_MILLIS);
        open.add(client);
        return client;
    }
}
