package dev.scepsy.javaagent.app;

import com.sun.management.OperatingSystemMXBean;
import dev.langchain4j.data.message.AiMessage;
import dev.langchain4j.data.message.UserMessage;
import dev.langchain4j.model.chat.ChatModel;
import dev.langchain4j.model.chat.request.ChatRequest;
import dev.langchain4j.model.chat.request.ChatRequestParameters;
import dev.langchain4j.model.chat.response.ChatResponse;
import dev.langchain4j.model.chat.response.ChatResponseMetadata;
import dev.langchain4j.model.output.FinishReason;
import dev.langchain4j.model.output.TokenUsage;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.util.concurrent.locks.LockSupport;

/**
 * What one call of a model that answers at once costs, in processor time: prints nanoseconds per call of the calling thread, and
 * of the whole process. One thread calls in bursts and then pauses, so that the agent's thread keeps up and nothing is dropped. Argument: seconds, after as
 * many warm ones.
 */
public final class CallerCostApp {

    private static final int BURST = 20_000;
    private static final long PAUSE_NANOS = 500_000_000;

    private static final ChatResponse ANSWER = ChatResponse.builder()
            .aiMessage(AiMessage.from("hello"))
            .metadata(ChatResponseMetadata.builder()
                    .id("1")
                    .modelName("m-1")
                    .tokenUsage(new TokenUsage(3, 4))
                    .finishReason(FinishReason.STOP)
                    .build())
            .build();
    private static final ChatRequestParameters PARAMETERS =
            ChatRequestParameters.builder().modelName("m").temperature(0.5).build();

    private CallerCostApp() {}

    private static final class AtOnce implements ChatModel {
        @Override
        public ChatRequestParameters defaultRequestParameters() {
            return PARAMETERS;
        }

        @Override
        public ChatResponse doChat(ChatRequest request) {
            return ANSWER;
        }
    }

    public static void main(String[] arguments) {
        long nanos = (long) (Double.parseDouble(arguments[0]) * 1e9);
        ChatModel model = new AtOnce();
        ChatRequest request =
                ChatRequest.builder().messages(UserMessage.from("hello")).build();
        measure(model, request, nanos, PAUSE_NANOS / 20);
        LockSupport.parkNanos(nanos / 4); // What still waits is worked off.
        System.out.println(measure(model, request, nanos, PAUSE_NANOS));
    }

    private static String measure(ChatModel model, ChatRequest request, long nanos, long pauseNanos) {
        ThreadMXBean threads = ManagementFactory.getThreadMXBean();
        OperatingSystemMXBean process = (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();
        long calls = 0;
        long own = 0;
        long used = 0;
        long all = process.getProcessCpuTime();
        for (long end = System.nanoTime() + nanos; System.nanoTime() - end < 0; calls += BURST) {
            long before = threads.getCurrentThreadCpuTime();
            for (int i = 0; i < BURST; i++) {
                used += model.chat(request) == ANSWER ? 1 : 0;
            }
            own += threads.getCurrentThreadCpuTime() - before;
            LockSupport.parkNanos(pauseNanos);
        }
        all = process.getProcessCpuTime() - all;
        if (used != calls) {
            throw new IllegalStateException(used + " answers to " + calls + " calls");
        }
        return own / calls + " " + all / calls;
    }
}
