package dev.scepsy.javaagent.hook;

import dev.langchain4j.http.client.HttpRequest;
import dev.scepsy.javaagent.install.HookTable;
import dev.scepsy.javaagent.install.Target;
import dev.scepsy.javaagent.trace.Attempts;
import dev.scepsy.javaagent.trace.GenAi;
import dev.scepsy.javaagent.trace.Operation;
import dev.scepsy.javaagent.trace.Token;
import dev.scepsy.javaagent.trace.Tracer;
import java.net.URI;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;

/** What happens below a model call: attempts and pauses of LangChain4j's retries, and the server that is asked. */
final class HttpHooks {

    private final Tracer tracer;

    HttpHooks(Tracer tracer) {
        this.tracer = tracer;
    }

    void register(HookTable hooks) {
        hooks.put(Target.RETRY, (self, arguments) -> {
            countAttempts(arguments);
            return null;
        });
        hooks.put(Target.HTTP, (self, arguments) -> {
            nameServer((HttpRequest) arguments[0]);
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

    private @Nullable Token nameServer(HttpRequest request) {
        Operation current = tracer.current();
        if (current != null && current.kind().isModelCall() && current.get(GenAi.SERVER_ADDRESS) == null) {
            URI uri = URI.create(request.url());
            current.put(GenAi.SERVER_ADDRESS, uri.getHost());
            int port = uri.getPort() > 0 ? uri.getPort() : "http".equalsIgnoreCase(uri.getScheme()) ? 80 : 443;
            current.put(GenAi.SERVER_PORT, (long) port);
        }
        return null;
    }
}
