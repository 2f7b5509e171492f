package dev.scepsy.javaagent.app;

import dev.langchain4j.agent.tool.P;
import dev.langchain4j.agent.tool.Tool;
import dev.langchain4j.agent.tool.ToolExecutionRequest;
import dev.langchain4j.data.message.AiMessage;
import dev.langchain4j.data.message.ChatMessage;
import dev.langchain4j.data.message.ToolExecutionResultMessage;
import dev.langchain4j.internal.RetryUtils;
import dev.langchain4j.model.chat.ChatModel;
import dev.langchain4j.model.chat.StreamingChatModel;
import dev.langchain4j.model.chat.listener.ChatModelErrorContext;
import dev.langchain4j.model.chat.listener.ChatModelListener;
import dev.langchain4j.model.chat.listener.ChatModelRequestContext;
import dev.langchain4j.model.chat.listener.ChatModelResponseContext;
import dev.langchain4j.model.chat.request.ChatRequest;
import dev.langchain4j.model.chat.request.ChatRequestParameters;
import dev.langchain4j.model.chat.response.ChatResponse;
import dev.langchain4j.model.chat.response.StreamingChatResponseHandler;
import dev.langchain4j.service.AiServices;
import dev.langchain4j.service.TokenStream;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.UnaryOperator;

/**
 * Steps of random programs with what LangChain4j lets an application put around a model: listeners that throw, judge or change
 * attributes, retries, services with tools and token streams. A call's id says below what its span belongs: {@code service} and
 * {@code tool}, all others below the program itself.
 */
final class ListenedSteps {

    private final int program;
    private final UnaryOperator<String> chat;
    private final Executor pool;

    /** @param chat asks the program's own model, as one of its calls */
    ListenedSteps(int program, UnaryOperator<String> chat, Executor pool) {
        this.program = program;
        this.chat = chat;
        this.pool = pool;
    }

    private String id(String what) {
        return "run-" + program + "/" + what;
    }

    /** A model that answers as it is told. */
    private abstract static class Model implements ChatModel {
        @Override
        public ChatRequestParameters defaultRequestParameters() {
            return ChatRequestParameters.builder().modelName("m").build();
        }
    }

    String listened(Random dice) {
        StringBuffer heard = new StringBuffer();
        boolean fails = dice.nextInt(4) == 0;
        List<ChatModelListener> listeners =
                List.of(listener(dice.nextInt(5), heard), listener(dice.nextInt(5), heard), listener(4, heard));
        Model model = new Model() {
            @Override
            public List<ChatModelListener> listeners() {
                return listeners;
            }

            @Override
            public ChatResponse doChat(ChatRequest request) {
                if (fails) {
                    throw new IllegalArgumentException("no answer");
                }
                return ChatResponse.builder()
                        .aiMessage(AiMessage.from("listened"))
                        .id(id("listened"))
                        .build();
            }
        };
        try {
            return model.chat("x") + heard;
        } catch (IllegalArgumentException | AssertionError thrown) {
            return thrown + "" + heard;
        }
    }

    /** One that throws, one that judges, one that changes attributes, one that throws what nobody expects, one that reads. */
    private ChatModelListener listener(int kind, StringBuffer heard) {
        return new ChatModelListener() {
            @Override
            public void onRequest(ChatModelRequestContext context) {
                heard.append(" request").append(kind);
                if (kind == 0) {
                    throw new IllegalStateException("listener");
                }
                if (kind == 2) {
                    context.attributes().put("seen", program);
                }
            }

            @Override
            public void onResponse(ChatModelResponseContext context) {
                heard.append(" response")
                        .append(kind)
                        .append(context.attributes().get("seen"));
                if (kind == 0) {
                    throw new IllegalStateException("listener");
                }
                if (kind == 1) {
                    heard.append(chat.apply("judge"));
                }
                if (kind == 2) {
                    context.attributes().clear();
                }
                if (kind == 3) {
                    throw new AssertionError("listener");
                }
            }

            @Override
            public void onError(ChatModelErrorContext context) {
                heard.append(" error").append(kind).append(context.error());
                if (kind == 0) {
                    throw new IllegalStateException("listener");
                }
                if (kind == 1) {
                    heard.append(chat.apply("judge-of-error"));
                }
            }
        };
    }

    /** LangChain4j's own retries, inside the model: one call, whatever it takes. */
    String retriedInside(Random dice) {
        int failures = dice.nextInt(3);
        AtomicInteger left = new AtomicInteger(failures);
        RetryUtils.RetryPolicy policy = RetryUtils.retryPolicyBuilder()
                .delayMillis(1)
                .jitterScale(0)
                .backoffExp(1)
                .build();
        Model model = new Model() {
            @Override
            public ChatResponse doChat(ChatRequest request) {
                return policy.withRetry(
                        () -> {
                            if (left.getAndDecrement() > 0) {
                                throw new IllegalStateException("again");
                            }
                            return ChatResponse.builder()
                                    .aiMessage(AiMessage.from("after " + failures))
                                    .id(id("attempts-" + (failures + 1)))
                                    .build();
                        },
                        3);
            }
        };
        return model.chat("x");
    }

    interface Teller {
        TokenStream tell(String question);
    }

    interface Helper {
        String help(String question);
    }

    /** A service's token stream, whose model answers on another thread, in pieces. */
    String tokens(Random dice) throws Exception {
        int pieces = dice.nextInt(4);
        boolean fails = dice.nextInt(4) == 0;
        StreamingChatModel model = new StreamingChatModel() {
            @Override
            public ChatRequestParameters defaultRequestParameters() {
                return ChatRequestParameters.builder().modelName("m").build();
            }

            @Override
            public void doChat(ChatRequest request, StreamingChatResponseHandler handler) {
                pool.execute(() -> {
                    for (int i = 0; i < pieces; i++) {
                        handler.onPartialResponse("piece" + i);
                    }
                    if (fails) {
                        handler.onError(new IllegalStateException("broken off"));
                    } else {
                        handler.onCompleteResponse(ChatResponse.builder()
                                .aiMessage(AiMessage.from("told"))
                                .id(id("service-stream"))
                                .build());
                    }
                });
            }
        };
        StringBuffer seen = new StringBuffer();
        CompletableFuture<String> done = new CompletableFuture<>();
        AiServices.builder(Teller.class)
                .streamingChatModel(model)
                .build()
                .tell("x")
                .onPartialResponse(seen::append)
                .onCompleteResponse(
                        response -> done.complete(response.aiMessage().text()))
                .onError(error -> done.complete(String.valueOf(error)))
                .start();
        return done.get() + seen;
    }

    /** A service that has its model's wish for a tool fulfilled; the tool asks a model, and may fail. */
    String helped(Random dice) {
        boolean fails = dice.nextInt(3) == 0;
        Model model = new Model() {
            @Override
            public ChatResponse doChat(ChatRequest request) {
                List<ChatMessage> messages = request.messages();
                boolean told = messages.get(messages.size() - 1) instanceof ToolExecutionResultMessage;
                AiMessage answer = told
                        ? AiMessage.from("helped by " + messages.get(messages.size() - 1))
                        : AiMessage.from(ToolExecutionRequest.builder()
                                .id("1")
                                .name("look")
                                .arguments("{\"what\":\"it\"}")
                                .build());
                return ChatResponse.builder()
                        .aiMessage(answer)
                        .id(id("service-" + told))
                        .build();
            }
        };
        return AiServices.builder(Helper.class)
                .chatModel(model)
                .tools(new Looking(fails))
                .build()
                .help("x");
    }

    final class Looking {
        private final boolean fails;

        private Looking(boolean fails) {
            this.fails = fails;
        }

        @Tool
        public String look(@P("what") String what) {
            String seen = chat.apply("tool-" + what);
            if (fails) {
                throw new IllegalStateException("cannot look");
            }
            return seen;
        }
    }
}
