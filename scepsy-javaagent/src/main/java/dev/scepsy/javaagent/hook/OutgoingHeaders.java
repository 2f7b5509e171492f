package dev.scepsy.javaagent.hook;

import dev.langchain4j.http.client.HttpRequest;
import dev.scepsy.javaagent.setting.Settings;
import dev.scepsy.javaagent.trace.Operation;
import java.lang.reflect.Field;
import java.lang.reflect.Method;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * What a request to a model server says about the call it serves: {@code traceparent} (W3C), so that the engine's own spans join
 * the trace; and, to hosts that the user lists only, which workflow's which execution it is.
 *
 * <p>A client that follows redirects would carry the workflow to hosts nobody listed, so it is told nothing: only of LangChain4j's
 * own client over the JDK's is it known that it follows none.
 */
final class OutgoingHeaders {

    static final String TRACE_PARENT = "traceparent";
    static final String WORKFLOW = "scepsy-workflow";
    static final String EXECUTION = "scepsy-workflow-execution";

    private static final List<Method[]> FORMS = forms();

    /** Whether a client stays with the host it is sent to; by class, read from the client's own JDK client. */
    private static final ClassValue<List<Field>> JDK_CLIENTS = new ClassValue<>() {
        @Override
        protected List<Field> computeValue(Class<?> type) {
            return Arrays.stream(type.getDeclaredFields())
                    .filter(field -> field.getType() == HttpClient.class && field.trySetAccessible())
                    .toList();
        }
    };

    private final boolean traceParent;
    private final List<String> hosts;

    OutgoingHeaders(Settings settings) {
        traceParent = settings.flag("scepsy.propagation.traceparent", true);
        hosts = settings.text("scepsy.propagation.workflow.hosts")
                .map(list -> Arrays.stream(list.split(","))
                        .map(host -> host.trim().toLowerCase(Locale.ROOT))
                        .filter(host -> !host.isEmpty())
                        .toList())
                .orElse(List.of());
    }

    /** The request with our headers; the same request where there is nothing to say, or the application says it itself. */
    HttpRequest withHeaders(HttpRequest request, URI uri, Object client, Operation operation) {
        boolean parent = traceParent && operation.kind().isClient() && !has(request, TRACE_PARENT);
        Operation root = operation.executionRoot();
        boolean workflow = root != null && isListed(uri) && staysThere(client) && !has(request, EXECUTION);
        if ((!parent && !workflow) || request.getClass() != HttpRequest.class) {
            return request;
        }
        HttpRequest.Builder copy = HttpRequest.builder()
                .method(request.method())
                .url(request.url())
                .body(request.body());
        request.headers().forEach((name, values) -> copy.addHeader(name, values.toArray(new String[0])));
        copyForms(request, copy);
        if (parent) {
            copy.addHeader(TRACE_PARENT, traceParentOf(operation));
        }
        if (root != null && workflow) {
            copy.addHeader(WORKFLOW, URLEncoder.encode(root.workflowName(), StandardCharsets.UTF_8));
            copy.addHeader(EXECUTION, root.spanId());
        }
        return copy.build();
    }

    private static String traceParentOf(Operation operation) {
        return "00-" + operation.traceId() + "-" + operation.spanId() + (operation.sampled() ? "-01" : "-00");
    }

    private static boolean has(HttpRequest request, String header) {
        return request.headers().keySet().stream().anyMatch(header::equalsIgnoreCase);
    }

    /** Listed as {@code host}, {@code host:port}, or {@code *.domain}. */
    private boolean isListed(URI uri) {
        if (hosts.isEmpty() || uri.getHost() == null) {
            return false;
        }
        String host = uri.getHost().toLowerCase(Locale.ROOT);
        return hosts.stream()
                .anyMatch(listed -> listed.equals(host)
                        || listed.equals(host + ":" + uri.getPort())
                        || (listed.startsWith("*.") && host.endsWith(listed.substring(1))));
    }

    private static boolean staysThere(Object client) {
        List<Field> fields = JDK_CLIENTS.get(client.getClass());
        if (fields.isEmpty()) {
            return false;
        }
        try {
            for (Field field : fields) {
                if (!(field.get(client) instanceof HttpClient jdk)
                        || jdk.followRedirects() != HttpClient.Redirect.NEVER) {
                    return false;
                }
            }
            return true;
        } catch (IllegalAccessException unreadable) {
            return false;
        }
    }

    /** Forms came to LangChain4j's requests later than our lower bound: asked for by name. */
    private static List<Method[]> forms() {
        List<Method[]> forms = new ArrayList<>();
        for (String form : List.of("formDataFields", "formDataFiles")) {
            try {
                forms.add(new Method[] {
                    HttpRequest.class.getMethod(form), HttpRequest.Builder.class.getMethod(form, Map.class)
                });
            } catch (NoSuchMethodException absent) {
                continue;
            }
        }
        return forms;
    }

    private static void copyForms(HttpRequest request, HttpRequest.Builder copy) {
        for (Method[] form : FORMS) {
            try {
                if (form[0].invoke(request) instanceof Map<?, ?> fields && !fields.isEmpty()) {
                    form[1].invoke(copy, fields);
                }
            } catch (ReflectiveOperationException failed) {
                throw new IllegalStateException(failed); // The hook's guard keeps the request as it is.
            }
        }
    }
}
