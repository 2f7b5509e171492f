package dev.scepsy.planner.receive;

import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/** Netty's threads, on the JDK's own transport, that end when told: by default they would idle for two seconds first, each group. */
public final class EventLoops extends MultiThreadIoEventLoopGroup {

    private static final int MOST_SECONDS = 5;

    /** {@code threads} daemon threads called {@code name-1} and so on. */
    public EventLoops(int threads, String name) {
        this(threads, name, new AtomicInteger());
    }

    private EventLoops(int threads, String name, AtomicInteger number) {
        super(
                threads,
                task -> {
                    Thread thread = new Thread(task, name + "-" + number.incrementAndGet());
                    thread.setDaemon(true);
                    return thread;
                },
                NioIoHandler.newFactory());
    }

    @Override
    public Future<?> shutdownGracefully() {
        return shutdownGracefully(0, MOST_SECONDS, TimeUnit.SECONDS);
    }
}
