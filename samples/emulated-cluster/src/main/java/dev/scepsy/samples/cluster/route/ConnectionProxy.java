package dev.scepsy.samples.cluster.route;

import io.netty.bootstrap.Bootstrap;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.socket.SocketChannel;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * One port of a service as kube-proxy serves it in its iptables mode: it balances connections and knows nothing of requests. Each new TCP
 * connection goes to a backend chosen uniformly at random, whatever goes on inside it, and stays there: also when that backend is routed
 * to no more. Bytes, ends of streams and resets pass both ways; a side that does not read holds the other up.
 *
 * <p>Where kube-proxy lets a connection be refused (no backend, or the chosen one refuses: there is no second choice), this accepts and
 * resets it at once, for a port of one's own cannot stay one's own and refuse. Clients that try again only what was refused see more
 * failures here, not fewer.
 *
 * <p>Confined to the event loop.
 */
public final class ConnectionProxy {
    private static final int BACKLOG = 4096;

    /**
     * Where connections go.
     *
     * @param port 0: nobody listens there, connections are refused
     */
    public record Backend(String host, int port) {}

    private final EventLoopGroup loop;
    private final RandomGenerator random;
    private final Channel server;
    private List<Backend> backends = List.of();

    private ConnectionProxy(EventLoopGroup loop, RandomGenerator random, Acceptor acceptor, Channel server) {
        this.loop = loop;
        this.random = random;
        this.server = server;
        acceptor.proxy = this;
    }

    /** Listens on a free loopback port; without backends until {@link #route} names some. */
    public static Future<ConnectionProxy> open(Vertx vertx, RandomGenerator random) {
        EventLoopGroup loop = vertx.nettyEventLoopGroup();
        Acceptor acceptor = new Acceptor();
        Promise<ConnectionProxy> opened = Promise.promise();
        new ServerBootstrap()
                .group(loop)
                .channel(NioServerSocketChannel.class)
                .option(ChannelOption.SO_BACKLOG, BACKLOG)
                .childOption(ChannelOption.TCP_NODELAY, true)
                .childOption(ChannelOption.ALLOW_HALF_CLOSURE, true)
                // Nothing is read before the backend is there to take it.
                .childOption(ChannelOption.AUTO_READ, false)
                .childHandler(acceptor)
                .bind(Loopback.HOST, 0)
                .addListener(bound -> {
                    if (bound.isSuccess()) {
                        Channel server = ((ChannelFuture) bound).channel();
                        opened.complete(new ConnectionProxy(loop, random, acceptor, server));
                    } else {
                        opened.fail(bound.cause());
                    }
                });
        return opened.future();
    }

    /** The loopback port. */
    public int port() {
        return ((InetSocketAddress) server.localAddress()).getPort();
    }

    /** Where new connections go from now on; those there are stay. */
    public void route(List<Backend> newBackends) {
        backends = List.copyOf(newBackends);
    }

    /** Takes no more connections; those there are stay, as they do when a service is deleted. */
    public void close() {
        server.close();
    }

    private void accept(SocketChannel client) {
        List<Backend> now = backends;
        Backend chosen = now.isEmpty() ? new Backend("", 0) : now.get(random.nextInt(now.size()));
        if (chosen.port() == 0) {
            Pipe.reset(client);
            return;
        }
        new Bootstrap()
                .group(loop)
                .channel(NioSocketChannel.class)
                .option(ChannelOption.TCP_NODELAY, true)
                .option(ChannelOption.ALLOW_HALF_CLOSURE, true)
                .option(ChannelOption.AUTO_READ, false)
                .handler(new ChannelInboundHandlerAdapter())
                .connect(chosen.host(), chosen.port())
                .addListener(connected -> {
                    if (connected.isSuccess()) {
                        Pipe.join(client, (SocketChannel) ((ChannelFuture) connected).channel());
                    } else {
                        Pipe.reset(client);
                    }
                });
    }

    private static final class Acceptor extends ChannelInitializer<SocketChannel> {
        private @Nullable ConnectionProxy proxy;

        @Override
        protected void initChannel(SocketChannel client) {
            client.pipeline().addLast(new ChannelInboundHandlerAdapter() {
                @Override
                public void channelActive(ChannelHandlerContext context) {
                    ConnectionProxy opened = proxy;
                    if (opened == null) {
                        Pipe.reset(client);
                    } else {
                        opened.accept(client);
                    }
                }
            });
        }
    }
}
