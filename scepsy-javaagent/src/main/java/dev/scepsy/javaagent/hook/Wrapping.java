package dev.scepsy.javaagent.hook;

import dev.langchain4j.model.chat.request.ChatRequest;
import dev.langchain4j.model.chat.response.ChatResponse;
import dev.langchain4j.model.output.Response;
import dev.scepsy.javaagent.install.Lambda;
import dev.scepsy.javaagent.trace.GenAi;
import dev.scepsy.javaagent.trace.Operation;
import dev.scepsy.javaagent.trace.OperationKind;
import java.lang.reflect.Modifier;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Tells wrappers from models, so that one call of a served model is counted once and none is lost. A wrapper hands its request
 * on (the same, an equal one, one with the same last message), or hands back the answer or failure of a call that it made, or
 * is of a class that was seen to do so. Asking a server itself speaks against it. A class that always handed on and now
 * gives an answer again that it handed back before, without a call, has it from memory: no model worked.
 */
final class Wrapping {

    /** Per class of wrappers; of each answer only its hash code is kept. */
    private static final int ANSWERS_KEPT = 1024;

    private static final ClassValue<Habit> HABITS = new ClassValue<>() {
        @Override
        protected Habit computeValue(Class<?> type) {
            return new Habit(type);
        }
    };

    private Wrapping() {}

    /** A call of a model begins, maybe inside another one. */
    static void begins(@Nullable Operation around, Operation call, @Nullable Object request) {
        Note outer = around != null && around.kind() == call.kind() && around.kept() instanceof Note note ? note : null;
        call.keep(new Note(request, outer));
        if (outer != null) {
            outer.calledAnother(handsOn(outer.request, request));
        }
    }

    /** The call has its answer or failure, and will be ended next. */
    static void answers(Operation call, @Nullable Object answer, @Nullable Throwable failure) {
        if (!(call.kept() instanceof Note note)) {
            return;
        }
        boolean calledAnother = note.calledAnother;
        List<Object> parts = calledAnother || note.around != null ? partsOf(answer, failure) : List.of();
        Habit habit = call.subject() instanceof Lambda
                ? new Habit(Object.class)
                : HABITS.get(call.subject().getClass());
        boolean asksServer = call.get(GenAi.SERVER_ADDRESS) != null;
        if (calledAnother && note.isWrapper(parts, asksServer, habit)) {
            habit.handsOn = true;
            habit.remember(contentsOf(answer));
            call.stepAside();
        } else if (!calledAnother && failure == null) {
            if (!asksServer && habit.onlyHandsOn() && habit.hasAnswered(contentsOf(answer))) {
                call.stepAside();
            } else if (!habit.answersItself) { // Every call of its class would write it.
                habit.answersItself = true;
            }
        }
        if (note.around != null) {
            note.around.heard(parts);
        }
    }

    /** The call's method returns the future of its answer: one that a call inside it returned is its answer handed back. */
    static void promises(Operation call, Object future) {
        if (call.kept() instanceof Note note) {
            List<Object> same = List.of(future);
            if (note.handsBack(same)) {
                note.handedOn = true;
            }
            if (note.around != null) {
                note.around.heard(same);
            }
        }
    }

    /** Remembers the stream of a call that is still in its method; null from {@link #streamOf} before. */
    static void streams(Operation call, StreamedCall stream) {
        if (call.kept() instanceof Note note) {
            note.stream = stream;
        }
    }

    static @Nullable StreamedCall streamOf(Operation call) {
        return call.kept() instanceof Note note ? note.stream : null;
    }

    /** The call ends without either: cancelled, or silent for too long. */
    static void givenUp(Operation call) {
        if (call.kept() instanceof Note note && note.handedOn) {
            call.stepAside();
        }
    }

    /** Whether a retriever that is asked inside another one is asked the same. */
    static boolean retrievesFor(@Nullable Operation around, Object retriever, @Nullable Object query) {
        return around != null
                && around.kind() == OperationKind.RETRIEVAL
                && around.subject() != retriever
                && query != null
                && query.equals(around.kept());
    }

    static boolean handsOn(@Nullable Object asked, @Nullable Object handed) {
        if (asked == null || handed == null) {
            return false;
        }
        if (asked instanceof ChatRequest one && handed instanceof ChatRequest other) {
            return asked == handed || Objects.equals(lastOf(one.messages()), lastOf(other.messages()));
        }
        Collection<?> all = asked instanceof Collection<?> many ? many : List.of(asked);
        Collection<?> some = handed instanceof Collection<?> many ? many : List.of(handed);
        return asked == handed
                || (!some.isEmpty()
                        && some.stream().allMatch(one -> all.stream().anyMatch(part -> isSame(part, one))));
    }

    private static boolean isSame(@Nullable Object part, @Nullable Object other) {
        return Objects.equals(part, other) || Objects.equals(textOf(part), textOf(other));
    }

    private static @Nullable Object textOf(@Nullable Object part) {
        Object text = part == null ? null : Responses.textOf(part);
        return text == null ? part : text;
    }

    private static @Nullable Object lastOf(List<?> messages) {
        return messages.isEmpty() ? null : messages.get(messages.size() - 1);
    }

    /** What one would find again, by identity, in an answer that is handed back. */
    private static List<Object> partsOf(@Nullable Object answer, @Nullable Throwable failure) {
        List<Object> parts = new ArrayList<>(2);
        for (Throwable at = failure; at != null && parts.size() < 8; at = at.getCause()) {
            parts.add(at);
        }
        if (answer != null && !(answer instanceof String)) {
            parts.add(answer);
        }
        for (Object part : contentsOf(answer)) {
            if (!(part instanceof Number || part instanceof String)) {
                parts.add(part);
            }
        }
        return parts;
    }

    /** What an answer consists of. */
    private static List<Object> contentsOf(@Nullable Object answer) {
        Object content = answer;
        if (answer instanceof ChatResponse response) {
            content = response.aiMessage();
        } else if (answer instanceof Response<?> response) {
            content = response.content();
        } else if (answer != null) {
            Object embeddings = Responses.embeddingsIn(answer);
            content = embeddings == null ? answer : embeddings;
        }
        if (content instanceof Collection<?> many) {
            List<Object> contents = new ArrayList<>(many.size());
            for (Object one : many) {
                if (one != null) {
                    contents.add(one);
                }
            }
            return contents;
        }
        return content == null ? List.of() : List.of(content);
    }

    /** What is known of a call until its end. Calls inside it may come from any thread. */
    private static final class Note {

        private final @Nullable Object request;
        private final @Nullable Note around;
        private @Nullable List<Object> answersInside;
        private volatile boolean calledAnother;
        private volatile boolean handedOn;
        private volatile @Nullable StreamedCall stream;

        private Note(@Nullable Object request, @Nullable Note around) {
            this.request = request;
            this.around = around;
        }

        private void calledAnother(boolean withTheSame) {
            calledAnother = true;
            handedOn |= withTheSame;
        }

        private synchronized void heard(List<Object> parts) {
            if (answersInside == null) {
                answersInside = new ArrayList<>(parts.size());
            }
            answersInside.addAll(parts);
        }

        /** Of one that has called another. */
        private boolean isWrapper(List<Object> answer, boolean asksServer, Habit habit) {
            return handsBack(answer) || (!asksServer && (handedOn || habit.handsOn));
        }

        @SuppressWarnings("ReferenceEquality") // Identity is the point: answers of two models may well be equal.
        private synchronized boolean handsBack(List<Object> answer) {
            List<Object> heard = answersInside == null ? List.of() : answersInside;
            for (Object part : answer) {
                for (Object inside : heard) {
                    if (inside == part) {
                        return true;
                    }
                }
            }
            return false;
        }
    }

    /** What a class of models was seen to do. */
    private static final class Habit {

        private final boolean extendsModel;
        private volatile boolean handsOn;
        private volatile boolean answersItself;
        private final Map<Integer, Boolean> handedBack = new LinkedHashMap<>(0);

        private Habit(Class<?> type) {
            Class<?> above = type.getSuperclass();
            this.extendsModel = above != null && above != Object.class && !Modifier.isAbstract(above.getModifiers());
        }

        private void remember(List<Object> contents) {
            synchronized (handedBack) {
                contents.forEach(content -> handedBack.put(content.hashCode(), true));
                var oldest = handedBack.keySet().iterator();
                while (handedBack.size() > ANSWERS_KEPT) {
                    oldest.next();
                    oldest.remove();
                }
            }
        }

        private boolean onlyHandsOn() {
            return handsOn && !answersItself && !extendsModel;
        }

        private boolean hasAnswered(List<Object> contents) {
            synchronized (handedBack) {
                return !contents.isEmpty()
                        && contents.stream().allMatch(content -> handedBack.containsKey(content.hashCode()));
            }
        }
    }
}
