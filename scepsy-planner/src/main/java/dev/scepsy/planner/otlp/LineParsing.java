package dev.scepsy.planner.otlp;

import dev.scepsy.planner.span.Span;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ForkJoinPool;
import java.util.function.Consumer;

/**
 * Parses blocks of lines on all processors and hands on what is in them in the order of the blocks, on the caller's thread.
 * What is held is a few blocks. Used by one thread.
 */
final class LineParsing {

    private static final int MOST_AT_ONCE = 16;

    private final Queue<OtlpJson> parsers = new ConcurrentLinkedQueue<>();
    private final Deque<CompletableFuture<Parsed>> pending = new ArrayDeque<>();
    private final int atOnce = Math.min(MOST_AT_ONCE, ForkJoinPool.getCommonPoolParallelism() + 1);

    /** A line that is no OTLP; lines of a block are counted from 0. */
    record Malformed(long line, String message) {}

    /**
     * What one block holds.
     *
     * @param spans of its well-formed lines
     * @param malformed its other lines
     * @param lines how many lines it has
     * @param seen what its spans look like
     */
    record Parsed(List<Span> spans, List<Malformed> malformed, long lines, Seen seen) {}

    /** Takes a block, and gives {@code sink} what is ready. */
    void add(LineBlocks.Block block, Consumer<Parsed> sink) {
        boolean small = block.to() - block.from() <= 2 * LineBlocks.BLOCK_BYTES;
        if (small && pending.size() < atOnce && atOnce > 1) {
            // by default there would be a new thread for every block where there are two processors
            pending.addLast(CompletableFuture.supplyAsync(() -> parse(block), ForkJoinPool.commonPool()));
        } else {
            // this thread is a processor, too; and large blocks are not held side by side
            if (!small) {
                finish(sink);
            }
            pending.addLast(CompletableFuture.completedFuture(parse(block)));
        }
        while (!pending.isEmpty()
                && (pending.size() > atOnce || pending.peekFirst().isDone())) {
            sink.accept(pending.removeFirst().join());
        }
    }

    /** Gives {@code sink} all that is left. */
    void finish(Consumer<Parsed> sink) {
        while (!pending.isEmpty()) {
            sink.accept(pending.removeFirst().join());
        }
    }

    private Parsed parse(LineBlocks.Block block) {
        OtlpJson parser = parsers.poll();
        if (parser == null) {
            parser = new OtlpJson();
        }
        List<Span> spans = new ArrayList<>();
        List<Malformed> malformed = new ArrayList<>();
        byte[] bytes = block.bytes();
        long line = 0;
        if (block.tooLong()) {
            malformed.add(new Malformed(0, "longer than a line may be; it is passed over"));
            line = 1;
        }
        for (int from = block.from(); from < block.to(); line++) {
            int end = parser.readPlainLine(bytes, from, block.to(), spans::add);
            if (end >= 0) {
                from = end + 1;
                continue;
            }
            end = PlainJson.lineEnd(bytes, from, block.to());
            int to = end > from && bytes[end - 1] == '\r' ? end - 1 : end;
            if (!isBlank(bytes, from, to)) {
                try {
                    parser.readByGrammar(bytes, from, to - from, spans::add);
                } catch (MalformedOtlpException e) {
                    malformed.add(new Malformed(line, e.getMessage()));
                }
            }
            from = end + 1;
        }
        Parsed parsed = new Parsed(spans, malformed, line, parser.takeSeen());
        parsers.add(parser);
        block.done();
        return parsed;
    }

    private static boolean isBlank(byte[] bytes, int from, int to) {
        for (int i = from; i < to; i++) {
            if (bytes[i] != ' ' && bytes[i] != '\t' && bytes[i] != '\r') {
                return false;
            }
        }
        return true;
    }
}
