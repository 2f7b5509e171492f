package dev.scepsy.samples.cluster.route;

import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOption;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.channel.socket.SocketChannel;

/** One direction of a connection through a proxy: what comes from one side goes to the other, and so does how it ends. */
final class Pipe extends ChannelInboundHandlerAdapter {
    private final SocketChannel to;

    private Pipe(SocketChannel to) {
        this.to = to;
    }

    /** Joins two sides that do not read yet. */
    static void join(SocketChannel client, SocketChannel backend) {
        if (!client.isActive()) {
            reset(backend);
            return;
        }
        client.pipeline().addLast(new Pipe(backend));
        backend.pipeline().addLast(new Pipe(client));
        client.config().setAutoRead(true);
        backend.config().setAutoRead(true);
    }

    /** Ends a connection so that the other end sees a reset. */
    static void reset(SocketChannel channel) {
        if (channel.isActive()) {
            channel.config().setOption(ChannelOption.SO_LINGER, 0);
        }
        channel.close();
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object bytes) {
        to.writeAndFlush(bytes).addListener(written -> {
            if (!written.isSuccess()) {
                reset((SocketChannel) context.channel());
            }
        });
    }

    @Override
    public void channelWritabilityChanged(ChannelHandlerContext context) {
        // This side takes no more for now: hold up the one that sends to it.
        to.config().setAutoRead(context.channel().isWritable());
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext context, Object event) {
        if (event instanceof ChannelInputShutdownEvent) {
            SocketChannel from = (SocketChannel) context.channel();
            to.writeAndFlush(Unpooled.EMPTY_BUFFER).addListener(flushed -> {
                to.shutdownOutput();
                if (from.isOutputShutdown()) {
                    to.close();
                    from.close();
                }
            });
        }
    }

    @Override
    public void channelInactive(ChannelHandlerContext context) {
        if (to.isActive()) {
            to.writeAndFlush(Unpooled.EMPTY_BUFFER).addListener(ChannelFutureListener.CLOSE);
        }
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
        reset(to);
        reset((SocketChannel) context.channel());
    }
}
