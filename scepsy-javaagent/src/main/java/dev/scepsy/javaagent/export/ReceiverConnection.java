package dev.scepsy.javaagent.export;

import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.net.Proxy;
import java.net.ProxySelector;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.net.URI;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import org.jspecify.annotations.Nullable;

/**
 * HTTP/1.1 to one receiver over a socket of our own. The JDK's clients bring what belongs to the application: its authenticator and
 * cookies, its key store and host name verifier, its proxies' passwords, its handlers of URLs, its response cache; none of that may
 * go to a receiver of spans. So: no redirects, no authentication, no cookies, no client certificate but the exporter's own.
 *
 * <p>An HTTP proxy is used where the JVM's options name one ({@code http.proxyHost}, {@code https.proxyHost}), without credentials;
 * what the application puts in the place of the JDK's choice is not asked. Keeps the connection while it is answered. Used by one
 * thread; {@link #abort} by any.
 */
final class ReceiverConnection {

    /** What a receiver said. */
    record Response(int status, String reason, String contentType, byte[] body) {}

    private static final int NOT_HTTP = -1;
    private static final int MAX_LINE = 16_384;
    private static final int MAX_BODY = 65_536;

    private final URI endpoint;
    private final int connectMillis;
    private final int readMillis;
    private final @Nullable SSLContext givenContext;
    private @Nullable SSLContext ownContext;
    private volatile @Nullable Socket open;
    private boolean answered;

    /** @param context the exporter's own certificates and keys; null: the JVM's trusted ones and no key */
    ReceiverConnection(URI endpoint, int connectMillis, int readMillis, @Nullable SSLContext context) {
        this.endpoint = endpoint;
        this.connectMillis = connectMillis;
        this.readMillis = readMillis;
        this.givenContext = context;
    }

    /** Sends, and waits for the answer; once more where a kept connection turns out to be closed. */
    Response post(Map<String, List<String>> headers, byte[] body) throws IOException {
        boolean kept = open != null;
        try {
            return postOnce(headers, body);
        } catch (SocketTimeoutException silent) {
            abort();
            throw silent;
        } catch (IOException failed) {
            abort();
            if (kept && !answered) {
                return postOnce(headers, body);
            }
            throw failed;
        }
    }

    /** Closes the connection, whatever waits on it. */
    void abort() {
        Socket socket = open;
        open = null;
        if (socket != null) {
            try {
                socket.close();
            } catch (IOException closed) {
                // That is what was wanted.
            }
        }
    }

    private Response postOnce(Map<String, List<String>> headers, byte[] body) throws IOException {
        answered = false;
        Proxy proxy = proxy();
        Socket socket = open;
        if (socket == null) {
            socket = connect(proxy);
        }
        OutputStream out = socket.getOutputStream();
        out.write(head(headers, body.length, proxy).getBytes(StandardCharsets.ISO_8859_1));
        out.write(body);
        out.flush();
        Reading reading = new Reading(socket.getInputStream());
        Response response = reading.response();
        if (!reading.mayGoOn) {
            abort();
        }
        return response;
    }

    private String head(Map<String, List<String>> headers, int length, Proxy proxy) throws IOException {
        String path = endpoint.getRawPath() == null || endpoint.getRawPath().isEmpty() ? "/" : endpoint.getRawPath();
        if (endpoint.getRawQuery() != null) {
            path += "?" + endpoint.getRawQuery();
        }
        boolean plainProxy = proxy.type() == Proxy.Type.HTTP && !isSecure();
        StringBuilder head = new StringBuilder("POST ")
                .append(plainProxy ? "http://" + authority() : "")
                .append(path)
                .append(" HTTP/1.1\r\nHost: ")
                .append(authority())
                .append("\r\nContent-Length: ")
                .append(length)
                .append("\r\n");
        for (Map.Entry<String, List<String>> header : headers.entrySet()) {
            for (String value : header.getValue()) {
                head.append(legal(header.getKey()))
                        .append(": ")
                        .append(legal(value))
                        .append("\r\n");
            }
        }
        return head.append("\r\n").toString();
    }

    private static String legal(String part) throws IOException {
        if (part.chars().anyMatch(character -> character < ' ' && character != '\t')) {
            throw new IOException("a header of otel.exporter.otlp.headers has a line break in it");
        }
        return part;
    }

    private boolean isSecure() {
        return "https".equalsIgnoreCase(endpoint.getScheme());
    }

    private int port() {
        return endpoint.getPort() > 0 ? endpoint.getPort() : isSecure() ? 443 : 80;
    }

    private String host() throws IOException {
        String host = endpoint.getHost();
        if (host == null) {
            throw new UnknownHostException(String.valueOf(endpoint));
        }
        return host;
    }

    private String authority() throws IOException {
        return host() + (endpoint.getPort() > 0 ? ":" + endpoint.getPort() : "");
    }

    /** The JDK's own choice, which follows the JVM's options; one that the application has put there is the application's. */
    private Proxy proxy() {
        try {
            ProxySelector selector = ProxySelector.getDefault();
            if (selector == null || !selector.getClass().getName().startsWith("sun.net.")) {
                return Proxy.NO_PROXY;
            }
            URI asked = new URI(endpoint.getScheme(), null, host(), port(), "/", null, null);
            return selector.select(asked).stream()
                    .filter(proxy -> proxy.type() == Proxy.Type.HTTP)
                    .findFirst()
                    .orElse(Proxy.NO_PROXY);
        } catch (Exception | LinkageError unknown) {
            return Proxy.NO_PROXY;
        }
    }

    private Socket connect(Proxy proxy) throws IOException {
        String host = host();
        InetSocketAddress address = proxy.address() instanceof InetSocketAddress via
                ? new InetSocketAddress(via.getHostString(), via.getPort())
                : new InetSocketAddress(withoutBrackets(host), port());
        if (address.isUnresolved()) {
            throw new UnknownHostException(address.getHostString());
        }
        Socket socket = new Socket(Proxy.NO_PROXY); // Else a SOCKS proxy would be asked for, and its password.
        open = socket;
        socket.setTcpNoDelay(true);
        socket.setSoTimeout(readMillis);
        socket.connect(address, connectMillis);
        if (!isSecure()) {
            return socket;
        }
        if (proxy.type() == Proxy.Type.HTTP) {
            tunnel(socket, host + ":" + port());
        }
        SSLSocket secure =
                (SSLSocket) context().getSocketFactory().createSocket(socket, withoutBrackets(host), port(), true);
        open = secure;
        SSLParameters parameters = secure.getSSLParameters();
        parameters.setEndpointIdentificationAlgorithm("HTTPS");
        secure.setSSLParameters(parameters);
        secure.startHandshake();
        return secure;
    }

    private void tunnel(Socket socket, String target) throws IOException {
        socket.getOutputStream()
                .write(("CONNECT " + target + " HTTP/1.1\r\nHost: " + target + "\r\n\r\n")
                        .getBytes(StandardCharsets.ISO_8859_1));
        Reading reading = new Reading(socket.getInputStream());
        int status = reading.head();
        if (status / 100 != 2) {
            throw new IOException("the proxy answers " + status);
        }
    }

    private static String withoutBrackets(String host) {
        return host.startsWith("[") && host.endsWith("]") ? host.substring(1, host.length() - 1) : host;
    }

    /** Trusts what the JVM trusts; has no key, whatever key store the application uses. */
    private SSLContext context() throws IOException {
        SSLContext given = givenContext;
        if (given != null) {
            return given;
        }
        SSLContext own = ownContext;
        if (own == null) {
            try {
                own = SSLContext.getInstance("TLS");
                own.init(null, null, null);
            } catch (GeneralSecurityException unavailable) {
                throw new IOException(unavailable);
            }
            ownContext = own;
        }
        return own;
    }

    /** One answer as it comes in. */
    private final class Reading {

        private final InputStream in;
        private final long deadlineNanos = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(readMillis);
        private final Map<String, String> headers = new HashMap<>();
        private String reason = "";
        private boolean mayGoOn;

        private Reading(InputStream in) {
            this.in = new java.io.BufferedInputStream(in);
        }

        private Response response() throws IOException {
            int status = head();
            while (status / 100 == 1) {
                status = head();
            }
            return new Response(
                    status,
                    reason,
                    headers.getOrDefault("content-type", ""),
                    status == NOT_HTTP ? new byte[0] : body(status));
        }

        private int head() throws IOException {
            headers.clear();
            String[] first = line().split(" ", 3);
            if (first.length < 2 || !first[0].startsWith("HTTP/1.") || !first[1].matches("\\d{3}")) {
                return NOT_HTTP;
            }
            reason = first.length > 2 ? first[2] : "";
            for (String header = line(); !header.isEmpty(); header = line()) {
                int colon = header.indexOf(':');
                if (colon > 0) {
                    headers.put(
                            header.substring(0, colon).trim().toLowerCase(Locale.ROOT),
                            header.substring(colon + 1).trim());
                }
            }
            mayGoOn = first[0].equals("HTTP/1.1") && !"close".equalsIgnoreCase(headers.get("connection"));
            return Integer.parseInt(first[1]);
        }

        private byte[] body(int status) throws IOException {
            if (status == 204 || status == 304) {
                return new byte[0];
            }
            ByteArrayOutputStream body = new ByteArrayOutputStream();
            if ("chunked".equalsIgnoreCase(headers.get("transfer-encoding"))) {
                for (long size = chunkSize(); size > 0; size = chunkSize()) {
                    copy(body, size);
                    line();
                }
                while (!line().isEmpty()) {
                    continue; // Trailers.
                }
            } else if (headers.containsKey("content-length")) {
                copy(body, number(headers.get("content-length"), 10));
            } else {
                mayGoOn = false;
                copy(body, Long.MAX_VALUE);
            }
            return body.toByteArray();
        }

        private long chunkSize() throws IOException {
            return number(line().replaceFirst(";.*", "").trim(), 16);
        }

        private long number(@Nullable String text, int radix) throws IOException {
            try {
                return Long.parseLong(text, radix);
            } catch (NumberFormatException malformed) {
                throw new IOException("an answer of no legal length");
            }
        }

        /** The first bytes are kept; an answer that is longer than anybody reads ends the connection. */
        private void copy(ByteArrayOutputStream to, long size) throws IOException {
            for (long left = size; left > 0; left--) {
                int next = in.read();
                if (next < 0) {
                    mayGoOn = false;
                    return;
                }
                if (to.size() == MAX_BODY) {
                    mayGoOn = false;
                    return;
                }
                to.write(next);
                inTime();
            }
        }

        private String line() throws IOException {
            StringBuilder line = new StringBuilder();
            for (int next = in.read(); next != '\n'; next = in.read()) {
                if (next < 0) {
                    throw new EOFException("the receiver closed the connection without an answer");
                }
                answered = true;
                if (line.length() == MAX_LINE) {
                    throw new IOException("an answer that is not HTTP");
                }
                if (next != '\r') {
                    line.append((char) next);
                }
                inTime();
            }
            return line.toString();
        }

        private void inTime() throws SocketTimeoutException {
            if (System.nanoTime() > deadlineNanos) {
                throw new SocketTimeoutException("the answer took longer than " + readMillis + " ms");
            }
        }
    }
}
