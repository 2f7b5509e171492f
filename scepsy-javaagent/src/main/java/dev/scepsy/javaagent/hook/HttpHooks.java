package dev.scepsy.javaagent.hook;

import dev.langchain4j.http.client.HttpRequest;
import dev.scepsy.javaagent.install.HookTable;
import dev.scepsy.javaagent.install.Target;
import dev.scepsy.javaagent.setting.Settings;
import dev.scepsy.javaagent.trace.Attempts;
import dev.scepsy.javaagent.trace.GenAi;
import dev.scepsy.javaagent.trace.Operation;
import dev.scepsy.javaagent.trace.Tracer;
import java.net.URI;
import java.util.concurrent.Callable;

/**
 * What happens below a model call: attempts and pauses of LangChain4j's retries, the server that is asked, and what the request
 * tells it about the call.
 */
final class HttpHooks {

    private final Tracer tracer;
    private final OutgoingHeaders outgoing = new OutgoingHeaders(Settings.ofThisJvm());

    HttpHooks(Tracer tracer) {
        this.tracer = tracer;
    }

    void register(HookTable hooks) {
        hooks.put(Target.RETRY, (self, arguments) -> {
            countAttempts(arguments);
            return null;
        });
        hooks.put(Target.HTTP, (self, arguments) -> {
            HttpRequest request = (HttpRequest) arguments[0];
            Operation current = tracer.current();
            if (current != null && self != null) {
                URI uri = URI.create(request.url());
                nameServer(current, uri);
                arguments[0] = outgoing.withHeaders(request, uri, self, current);
            }
            return null;
        });
    }

    private void countAttempts(Object[] arguments) {
        Operation current = tracer.current();
        if (current == null || !current.kind().isModelCall() || current.hasAttempts()) {
            return; // Not below a model call, or a retry inside a retry: the outer one counts.
        }
        Attempts attempts = current.attempts();
        Callable<?> work = (Callable<?>) arguments[0];
        arguments[0] = (Callable<Object>) () -> {
            attempts.starts();
            try {
                return work.call();
            } catch (Throwable failure) {
                attempts.failed();
                throw failure;
            }
        };
    }

    private static void nameServer(Operation current, URI uri) {
        if (current.kind().isModelCall() && current.get(GenAi.SERVER_ADDRESS) == null) {
            current.put(GenAi.SERVER_ADDRESS, uri.getHost());
            int port = uri.getPort() > 0 ? uri.getPort() : "http".equalsIgnoreCase(uri.getScheme()) ? 80 : 443;
            current.put(GenAi.SERVER_PORT, (long) port);
        }
    }
}
