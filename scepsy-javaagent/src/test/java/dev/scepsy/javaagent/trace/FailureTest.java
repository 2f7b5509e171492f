package dev.scepsy.javaagent.trace;

import static org.assertj.core.api.Assertions.assertThat;

import dev.langchain4j.agentic.agent.AgentInvocationException;
import dev.langchain4j.exception.HttpException;
import dev.langchain4j.exception.InternalServerException;
import dev.langchain4j.exception.RateLimitException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.UndeclaredThrowableException;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import org.junit.jupiter.api.Test;

class FailureTest {

    private static final IllegalStateException REASON = new IllegalStateException("why");

    /** As Azure's: the status is the response's. */
    public static final class HttpResponseException extends RuntimeException {
        public Response getResponse() {
            return new Response();
        }
    }

    public static final class Response {
        public int getStatusCode() {
            return 429;
        }
    }

    /** Spring's status is of a type of its own. */
    public static final class RestException extends RuntimeException {
        public Status getStatusCode() {
            return new Status(404);
        }
    }

    public record Status(int value) {}

    public static final class Rude extends RuntimeException {
        public int statusCode() {
            throw new IllegalStateException("not now");
        }

        @Override
        public String getMessage() {
            throw new IllegalStateException("nor now");
        }
    }

    @Test
    void theReasonIsTheFirstCauseThatIsNoWrapper() {
        Throwable wrapped = new CompletionException(new ExecutionException(new RuntimeException(
                new UndeclaredThrowableException(new InvocationTargetException(new AgentInvocationException(
                        "agent failed", new Exception(new UncheckedIOException(new IOException("unreachable")))))))));

        assertThat(Failure.reasonOf(wrapped)).isInstanceOf(IOException.class).hasMessage("unreachable");
        assertThat(Failure.reasonOf(new RuntimeException(REASON))).isSameAs(REASON);
        assertThat(Failure.reasonOf(new IllegalArgumentException(REASON)))
                .as("says something itself")
                .isInstanceOf(IllegalArgumentException.class);
        RuntimeException alone = new RuntimeException("alone");
        assertThat(Failure.reasonOf(alone)).isSameAs(alone);
    }

    @Test
    void aCircleOfCausesHasAnEnd() {
        RuntimeException one = new RuntimeException();
        RuntimeException other = new RuntimeException(one);
        one.initCause(other);

        assertThat(Failure.reasonOf(one)).isInstanceOf(RuntimeException.class);
        assertThat(Failure.statusOf(one)).isZero();
    }

    @Test
    void theHttpStatusIsFoundWhereverACauseHasIt() {
        assertThat(Failure.statusOf(new RuntimeException(
                        new InternalServerException("m", new HttpException(503, "engine overloaded")))))
                .isEqualTo(503);
        assertThat(Failure.statusOf(new RateLimitException(new HttpResponseException())))
                .isEqualTo(429);
        assertThat(Failure.statusOf(new RestException())).isEqualTo(404);
        assertThat(Failure.statusOf(REASON)).isZero();
        assertThat(Failure.statusOf(new HttpException(7, "no status"))).isZero();
        assertThat(Failure.statusOf(new Rude())).isZero();
        assertThat(Failure.messageOf(new Rude())).isNull();
    }
}
