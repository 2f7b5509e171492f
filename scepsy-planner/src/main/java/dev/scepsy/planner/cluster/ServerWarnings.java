package dev.scepsy.planner.cluster;

import io.fabric8.kubernetes.client.http.AsyncBody;
import io.fabric8.kubernetes.client.http.HttpRequest;
import io.fabric8.kubernetes.client.http.HttpResponse;
import io.fabric8.kubernetes.client.http.Interceptor;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What the API server warns of in the {@code Warning} header of its answers, each sentence once. Thread-safe. */
final class ServerWarnings implements Interceptor {

    private static final int MOST = 20;

    /** {@code 299 - "text"}, RFC 7234, as Kubernetes writes it. */
    private static final Pattern WARNING = Pattern.compile("299 \\S+ \"((?:[^\"\\\\]|\\\\.)*)\"");

    private final Set<String> warnings = new LinkedHashSet<>();

    @Override
    public void after(HttpRequest request, HttpResponse<?> response, AsyncBody.Consumer<List<ByteBuffer>> consumer) {
        for (String header : response.headers("Warning")) {
            Matcher found = WARNING.matcher(header);
            while (found.find()) {
                add(found.group(1).replaceAll("\\\\(.)", "$1"));
            }
        }
    }

    private synchronized void add(String warning) {
        if (warnings.size() < MOST) {
            warnings.add(warning);
        }
    }

    /** The warnings since the last call. */
    synchronized List<String> take() {
        List<String> taken = new ArrayList<>(warnings);
        warnings.clear();
        return taken;
    }
}
