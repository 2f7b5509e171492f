package dev.scepsy.planner.measure;

import java.net.URI;
import java.time.Duration;
import java.util.Optional;

/**
 * The address of one replica. Immutable. Its text never shows the key.
 *
 * @param base such as {@code http://127.0.0.1:8000/v1}, without a slash at its end
 * @param model the name requests carry
 * @param key sent as a bearer token
 * @param timeout most time of one request
 */
public record Endpoint(URI base, Api api, String model, Optional<String> key, Duration timeout) {

    /**
     * The endpoint at {@code address}, to which {@code /v1} is added where it names no path of its own.
     *
     * @throws IllegalArgumentException if it is no http address
     */
    public static Endpoint of(String address, Api api, String model, Optional<String> key, Duration timeout) {
        URI uri;
        try {
            uri = URI.create(address.contains("://") ? address : "http://" + address);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(
                    "The endpoint (" + address + ") is no address. Write it like http://127.0.0.1:8000/v1.", e);
        }
        String scheme = String.valueOf(uri.getScheme());
        if (!(scheme.equals("http") || scheme.equals("https"))
                || uri.getHost() == null
                || uri.getUserInfo() != null
                || uri.getPort() == 0
                || uri.getPort() > 65_535) {
            throw new IllegalArgumentException("The endpoint must be an http or https address with a host and without"
                    + " a password in it, like http://127.0.0.1:8000/v1.");
        }
        String path = uri.getPath() == null ? "" : uri.getPath().replaceAll("/+$", "");
        String full = path;
        for (Api each : Api.values()) {
            if (path.endsWith(each.path())) {
                full = path.substring(0, path.length() - each.path().length());
                break;
            }
        }
        String base = scheme + "://" + uri.getRawAuthority() + (full.isEmpty() ? "/v1" : full);
        return new Endpoint(URI.create(base), api, model, key, timeout);
    }

    /** Where requests go. */
    URI requests() {
        return URI.create(base + api.path());
    }

    /** Where the served names stand. */
    URI models() {
        return URI.create(base + "/models");
    }

    /** Where engines say what they count: beside the version of the interface. */
    URI metrics() {
        return URI.create(base.toString().replaceAll("/v1$", "") + "/metrics");
    }

    @Override
    public String toString() {
        return base + api.path() + " (model " + model + ")";
    }
}
