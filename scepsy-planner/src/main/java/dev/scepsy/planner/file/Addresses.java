package dev.scepsy.planner.file;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.NetworkInterface;
import java.net.SocketException;
import java.net.URI;
import java.net.UnknownHostException;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Addresses as people write them: where to listen, where to pass requests on to, what to ask. */
public final class Addresses {

    private static final Pattern LISTENED = Pattern.compile("(?:(\\[[0-9a-fA-F:.]+]|[^:]+):)?(\\d{1,5})");

    private Addresses() {}

    /**
     * {@code HOST:PORT} or {@code PORT} of this machine's loopback; port 0 takes any free one.
     *
     * @param example what the sentence about a wrong one shows
     * @param problem told the sentence
     */
    public static Optional<InetSocketAddress> listened(String text, String example, Consumer<String> problem) {
        Matcher matcher = LISTENED.matcher(text.strip());
        if (!matcher.matches() || Integer.parseInt(matcher.group(2)) > 65_535) {
            problem.accept("The address (" + text + ") must be HOST:PORT, such as " + example + ".");
            return Optional.empty();
        }
        String host = matcher.group(1) == null ? "127.0.0.1" : matcher.group(1);
        InetSocketAddress address = new InetSocketAddress(host, Integer.parseInt(matcher.group(2)));
        if (address.isUnresolved()) {
            problem.accept("The host (" + host + ") of " + text + " is not known.");
            return Optional.empty();
        }
        return Optional.of(address);
    }

    /**
     * An OTLP/HTTP endpoint that requests are passed on to.
     *
     * @param own where the program itself listens: it must not send to itself
     * @param owner what it is called in the sentence, such as {@code this command}
     * @param problem told what is wrong, a sentence
     */
    public static Optional<URI> forwarded(
            String text, List<InetSocketAddress> own, String owner, Consumer<String> problem) {
        URI url = uri(text);
        if (url.getRawUserInfo() != null) {
            problem.accept(
                    "The endpoint (" + text + ") must be without user and password: they would be sent nowhere.");
            return Optional.empty();
        }
        if (!isWeb(url) || url.getRawQuery() != null || url.getRawFragment() != null) {
            problem.accept("The endpoint (" + text + ") must be like http://localhost:14318.");
            return Optional.empty();
        }
        if (url.getPath() != null && url.getPath().endsWith("/v1/traces")) {
            problem.accept("The endpoint (" + text
                    + ") must be without /v1/traces: metrics and logs have paths of their own.");
            return Optional.empty();
        }
        if (isOwn(url, own)) {
            problem.accept("The endpoint (" + text + ") is " + owner + "'s own address: it would send to itself.");
            return Optional.empty();
        }
        return Optional.of(url);
    }

    /** The address that {@code text} is; an empty one where it is none. */
    static URI uri(String text) {
        try {
            return URI.create(text.strip());
        } catch (IllegalArgumentException e) {
            return URI.create("");
        }
    }

    /** Whether it begins with http or https, and has a host and a port that can be. */
    static boolean isWeb(URI url) {
        return ("http".equalsIgnoreCase(url.getScheme()) || "https".equalsIgnoreCase(url.getScheme()))
                && url.getHost() != null
                && url.getPort() != 0
                && url.getPort() <= 65_535;
    }

    private static boolean isOwn(URI url, List<InetSocketAddress> addresses) {
        int port = url.getPort() >= 0 ? url.getPort() : "https".equalsIgnoreCase(url.getScheme()) ? 443 : 80;
        if (addresses.stream().noneMatch(address -> address.getPort() == port)) {
            return false;
        }
        InetAddress[] targets;
        try {
            targets = InetAddress.getAllByName(url.getHost());
        } catch (UnknownHostException e) {
            return false;
        }
        return addresses.stream()
                .filter(address -> address.getPort() == port && port != 0)
                .anyMatch(address -> Arrays.stream(targets)
                        .anyMatch(target -> target.equals(address.getAddress())
                                || (address.getAddress().isAnyLocalAddress() && isThisMachine(target))
                                || target.isAnyLocalAddress()));
    }

    private static boolean isThisMachine(InetAddress address) {
        try {
            return address.isLoopbackAddress() || NetworkInterface.getByInetAddress(address) != null;
        } catch (SocketException e) {
            return false;
        }
    }
}
