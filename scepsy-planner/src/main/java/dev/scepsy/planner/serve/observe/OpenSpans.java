package dev.scepsy.planner.serve.observe;

import dev.scepsy.planner.span.EngineTimes;
import dev.scepsy.planner.span.GenAi;
import dev.scepsy.planner.span.Operation;
import dev.scepsy.planner.span.Origin;
import dev.scepsy.planner.span.Sampling;
import dev.scepsy.planner.span.Span;
import dev.scepsy.planner.span.TraceId;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.OptionalLong;
import java.util.zip.DeflaterOutputStream;
import java.util.zip.InflaterInputStream;
import org.jspecify.annotations.Nullable;

/** Spans of executions that were still open when the service ended, as bytes: a clean end loses none. */
final class OpenSpans {

    private static final int FORM = 1;
    private static final Operation[] OPERATIONS = Operation.values();
    private static final Span.Kind[] KINDS = Span.Kind.values();

    private OpenSpans() {}

    static byte[] bytes(List<Span> spans) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        bytes.write(FORM);
        try (DataOutputStream out = new DataOutputStream(new DeflaterOutputStream(bytes))) {
            Map<String, Integer> texts = new HashMap<>();
            out.writeInt(spans.size());
            for (Span span : spans) {
                write(span, texts, out);
            }
        } catch (IOException e) {
            throw new IllegalStateException("Memory cannot be written.", e);
        }
        return bytes.toByteArray();
    }

    private static void write(Span span, Map<String, Integer> texts, DataOutputStream out) throws IOException {
        out.writeLong(span.traceId().high());
        out.writeLong(span.traceId().low());
        out.writeLong(span.spanId());
        out.writeLong(span.parentSpanId());
        out.writeBoolean(span.parentRemote());
        text(span.name(), texts, out);
        out.writeByte(span.kind().ordinal());
        out.writeLong(span.startEpochNanos());
        out.writeLong(span.endEpochNanos());
        out.writeBoolean(span.error());
        GenAi genAi = span.genAi();
        out.writeByte(genAi.operation().ordinal());
        text(genAi.model(), texts, out);
        text(genAi.workflow(), texts, out);
        text(genAi.agent(), texts, out);
        out.writeLong(genAi.executionId());
        out.writeLong(genAi.backoffNanos());
        out.writeLong(genAi.inputTokens().orElse(-1));
        out.writeLong(genAi.outputTokens().orElse(-1));
        out.writeDouble(genAi.targetPerSecond().orElse(Double.NaN));
        out.writeDouble(genAi.weight().orElse(Double.NaN));
        EngineTimes engine = genAi.engine();
        out.writeBoolean(engine != null);
        if (engine != null) {
            out.writeLong(engine.queueNanos());
            out.writeLong(engine.prefillNanos());
            out.writeLong(engine.decodeNanos());
        }
        text(span.origin().service(), texts, out);
        text(span.origin().instance(), texts, out);
        text(span.origin().host(), texts, out);
        out.writeDouble(span.sampling() == null ? Double.NaN : span.sampling().probability());
    }

    /** A number of one that is known; else its text, which gets the next number. 0: null. */
    private static void text(@Nullable String text, Map<String, Integer> texts, DataOutputStream out)
            throws IOException {
        if (text == null) {
            out.writeInt(0);
            return;
        }
        Integer known = texts.putIfAbsent(text, texts.size() + 1);
        if (known != null) {
            out.writeInt(known);
        } else {
            byte[] utf8 = text.getBytes(java.nio.charset.StandardCharsets.UTF_8);
            out.writeInt(-1);
            out.writeInt(utf8.length);
            out.write(utf8);
        }
    }

    /** @throws IllegalArgumentException if they are of a newer form, or damaged */
    static List<Span> read(byte[] bytes) {
        if (bytes.length == 0) {
            return List.of();
        }
        if (bytes[0] != FORM) {
            throw new IllegalArgumentException("Saved spans are of form " + bytes[0] + "; this program reads form "
                    + FORM + ". Use the program that wrote them, or a newer one.");
        }
        List<Span> spans = new ArrayList<>();
        try (DataInputStream in =
                new DataInputStream(new InflaterInputStream(new ByteArrayInputStream(bytes, 1, bytes.length - 1)))) {
            List<String> texts = new ArrayList<>();
            for (int left = in.readInt(); left > 0; left--) {
                spans.add(span(texts, in));
            }
        } catch (IOException | IndexOutOfBoundsException e) {
            throw new IllegalArgumentException("Saved spans are damaged.", e);
        }
        return spans;
    }

    private static Span span(List<String> texts, DataInputStream in) throws IOException {
        TraceId traceId = new TraceId(in.readLong(), in.readLong());
        long spanId = in.readLong();
        long parent = in.readLong();
        boolean remote = in.readBoolean();
        String name = text(texts, in);
        Span.Kind kind = KINDS[in.readByte()];
        long start = in.readLong();
        long end = in.readLong();
        boolean error = in.readBoolean();
        GenAi genAi = new GenAi(
                OPERATIONS[in.readByte()],
                text(texts, in),
                text(texts, in),
                text(texts, in),
                in.readLong(),
                in.readLong(),
                tokens(in.readLong()),
                tokens(in.readLong()),
                optional(in.readDouble()),
                optional(in.readDouble()),
                in.readBoolean() ? new EngineTimes(in.readLong(), in.readLong(), in.readLong()) : null);
        Origin origin = new Origin(text(texts, in), text(texts, in), text(texts, in));
        double probability = in.readDouble();
        return new Span(
                traceId,
                spanId,
                parent,
                remote,
                name == null ? "" : name,
                kind,
                start,
                end,
                error,
                genAi,
                origin,
                Double.isNaN(probability) ? null : new Sampling(probability));
    }

    private static @Nullable String text(List<String> texts, DataInputStream in) throws IOException {
        int number = in.readInt();
        if (number == 0) {
            return null;
        }
        if (number > 0) {
            return texts.get(number - 1);
        }
        String text = new String(in.readNBytes(in.readInt()), java.nio.charset.StandardCharsets.UTF_8);
        texts.add(text);
        return text;
    }

    private static OptionalLong tokens(long count) {
        return count < 0 ? OptionalLong.empty() : OptionalLong.of(count);
    }

    private static OptionalDouble optional(double value) {
        return Double.isNaN(value) ? OptionalDouble.empty() : OptionalDouble.of(value);
    }
}
