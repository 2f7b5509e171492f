package dev.scepsy.javaagent.app;

import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.net.Authenticator;
import java.net.CacheRequest;
import java.net.CacheResponse;
import java.net.CookieHandler;
import java.net.CookieManager;
import java.net.HttpCookie;
import java.net.PasswordAuthentication;
import java.net.Proxy;
import java.net.ProxySelector;
import java.net.ResponseCache;
import java.net.SocketAddress;
import java.net.URI;
import java.net.URL;
import java.net.URLConnection;
import java.net.URLStreamHandler;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentSkipListSet;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import javax.net.ssl.HttpsURLConnection;
import org.jspecify.annotations.Nullable;

/**
 * An application that puts something of its own wherever the JVM has one of a kind, interrupts every thread there is, goes to the end of
 * its stack and breaks its standard error. Says which of its own things anybody used.
 */
public final class RoughApp {

    private static final Set<String> USED = new ConcurrentSkipListSet<>();
    private static final long PATIENCE_SECONDS = 60;

    private RoughApp() {}

    public static void main(String[] arguments) throws Exception {
        putOwnThingsEverywhere(URI.create(arguments[0]));
        LoadedWork.go("before");
        interruptEverybody();
        toTheEndOfTheStack(0);
        System.setErr(new PrintStream(OutputStream.nullOutputStream()) {
            @Override
            public void println(@Nullable String line) {
                throw new IllegalStateException("nothing may be written here");
            }
        });
        LoadedWork.go("after");
        System.setErr(null);
        System.out.println("used: " + USED);
    }

    private static void putOwnThingsEverywhere(URI receiver) {
        Authenticator.setDefault(new Authenticator() {
            @Override
            protected PasswordAuthentication getPasswordAuthentication() {
                USED.add("authenticator");
                return new PasswordAuthentication("user", "password".toCharArray());
            }
        });
        CookieManager cookies = new CookieManager() {
            @Override
            public Map<String, List<String>> get(URI uri, Map<String, List<String>> headers) throws IOException {
                USED.add("cookies");
                return super.get(uri, headers);
            }
        };
        HttpCookie session = new HttpCookie("session", "secret");
        session.setPath("/");
        cookies.getCookieStore().add(receiver, session);
        CookieHandler.setDefault(cookies);
        ProxySelector.setDefault(new ProxySelector() {
            @Override
            public List<Proxy> select(URI uri) {
                USED.add("proxies");
                return List.of(Proxy.NO_PROXY);
            }

            @Override
            public void connectFailed(URI uri, SocketAddress address, IOException failure) {}
        });
        ResponseCache.setDefault(new ResponseCache() {
            @Override
            public @Nullable CacheResponse get(URI uri, String method, Map<String, List<String>> headers) {
                USED.add("cache");
                return null;
            }

            @Override
            public @Nullable CacheRequest put(URI uri, URLConnection connection) {
                USED.add("cache");
                return null;
            }
        });
        URL.setURLStreamHandlerFactory(protocol -> protocol.startsWith("http") ? new OwnHandler() : null);
        HttpsURLConnection.setDefaultHostnameVerifier((host, session2) -> {
            USED.add("verifier");
            return true;
        });
    }

    /** Opens nothing. */
    private static final class OwnHandler extends URLStreamHandler {

        @Override
        protected URLConnection openConnection(URL url) {
            USED.add("handlers");
            throw new IllegalStateException("nobody may open " + url);
        }
    }

    /** And waits until none of the agent's threads is interrupted any more: one that stays so can only spin. */
    private static void interruptEverybody() {
        for (int i = 0; i < 3; i++) {
            Thread.getAllStackTraces().keySet().stream()
                    .filter(thread -> thread != Thread.currentThread())
                    .forEach(Thread::interrupt);
        }
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS);
        while (agentThreads().anyMatch(Thread::isInterrupted)
                || agentThreads().findAny().isEmpty()) {
            if (System.nanoTime() > deadline) {
                throw new IllegalStateException(
                        "interrupted for ever: " + agentThreads().toList());
            }
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(10));
        }
    }

    private static java.util.stream.Stream<Thread> agentThreads() {
        return Thread.getAllStackTraces().keySet().stream()
                .filter(thread -> thread.getName().startsWith("scepsy"));
    }

    private static int toTheEndOfTheStack(int depth) {
        try {
            return toTheEndOfTheStack(depth + 1) + 1;
        } catch (StackOverflowError end) {
            try {
                LoadedWork.go("deep");
            } catch (StackOverflowError tooDeep) {
                throw tooDeep; // The caller has a little more room.
            }
            return depth;
        }
    }
}
