package dev.scepsy.planner.share;

import dev.scepsy.planner.share.MergeableStatistics.Distribution;
import dev.scepsy.planner.share.MergeableStatistics.Quantity;
import dev.scepsy.planner.share.MergeableStatistics.Sums;
import dev.scepsy.planner.stat.LogHistogram;
import java.io.ByteArrayOutputStream;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * The binary form of {@link MergeableStatistics}: a version, the workflow's sums, then each model's name and sums, in name
 * order. A sum is the number of its quantity and its magnitude, big-endian with its length before it; a histogram the distances between its
 * buckets and their counts; numbers are base 128, the lowest seven bits first. Version 2 adds models with their agents' sums, and the
 * models with too many agents. Equal values have equal bytes.
 */
public final class MergeableBytes {

    /** Of the newest form; values that tell no agents are written in the first. */
    public static final int VERSION = 2;

    private static final int WITHOUT_AGENTS = 1;

    private static final int MOST_BYTES_OF_A_SUM = 32;

    private MergeableBytes() {}

    /** The bytes of a value. */
    public static byte[] of(MergeableStatistics statistics) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        boolean tellsAgents =
                !statistics.agents().isEmpty() || !statistics.crowded().isEmpty();
        number(tellsAgents ? VERSION : WITHOUT_AGENTS, out);
        sums(statistics.workflow(), out);
        named(statistics.models(), out);
        if (tellsAgents) {
            number(statistics.agents().size(), out);
            statistics.agents().forEach((model, agents) -> {
                text(model, out);
                named(agents, out);
            });
            number(statistics.crowded().size(), out);
            statistics.crowded().forEach(model -> text(model, out));
        }
        return out.toByteArray();
    }

    /**
     * The value of bytes.
     *
     * @throws IllegalArgumentException if they are of a newer version, or none of any
     */
    public static MergeableStatistics read(byte[] bytes) {
        Input in = new Input(bytes);
        try {
            long version = in.number();
            if (version != VERSION && version != WITHOUT_AGENTS) {
                throw new IllegalArgumentException(
                        "The statistics are of version " + version + "; this program reads versions up to " + VERSION
                                + ". Use the program that wrote them, or a newer one.");
            }
            Sums workflow = in.sums();
            Map<String, Sums> models = in.named();
            Map<String, Map<String, Sums>> agents = new TreeMap<>();
            Set<String> crowded = new TreeSet<>();
            if (version == VERSION) {
                for (long left = in.number(); left > 0; left--) {
                    agents.put(in.text(), in.named());
                }
                for (long left = in.number(); left > 0; left--) {
                    crowded.add(in.text());
                }
            }
            if (in.at != bytes.length) {
                throw new IllegalArgumentException(
                        (bytes.length - in.at) + " bytes follow the end of the statistics: they are damaged.");
            }
            return MergeableStatistics.of(workflow, models, agents, crowded);
        } catch (ArrayIndexOutOfBoundsException e) {
            throw new IllegalArgumentException("The statistics break off after " + bytes.length + " bytes.", e);
        }
    }

    private static void named(Map<String, Sums> byName, ByteArrayOutputStream out) {
        number(byName.size(), out);
        byName.forEach((name, sums) -> {
            text(name, out);
            sums(sums, out);
        });
    }

    private static void text(String text, ByteArrayOutputStream out) {
        bytes(text.getBytes(StandardCharsets.UTF_8), out);
    }

    private static void sums(Sums sums, ByteArrayOutputStream out) {
        number(sums.values().size(), out);
        sums.values().forEach((quantity, value) -> {
            number(quantity.ordinal(), out);
            bytes(value.toByteArray(), out);
        });
        number(sums.distributions().size(), out);
        sums.distributions().forEach((distribution, histogram) -> {
            number(distribution.ordinal(), out);
            Map<Integer, Long> counts = histogram.countByBucket();
            number(counts.size(), out);
            int before = 0;
            for (Map.Entry<Integer, Long> count : counts.entrySet()) {
                number(count.getKey() - before, out);
                number(count.getValue(), out);
                before = count.getKey();
            }
        });
    }

    private static void bytes(byte[] bytes, ByteArrayOutputStream out) {
        number(bytes.length, out);
        out.writeBytes(bytes);
    }

    private static void number(long value, ByteArrayOutputStream out) {
        long rest = value;
        while ((rest & ~0x7fL) != 0) {
            out.write((int) (rest & 0x7f) | 0x80);
            rest >>>= 7;
        }
        out.write((int) rest);
    }

    private static final class Input {
        private final byte[] bytes;
        private int at;

        Input(byte[] bytes) {
            this.bytes = bytes;
        }

        long number() {
            long value = 0;
            for (int shift = 0; shift < Long.SIZE; shift += 7) {
                byte next = bytes[at++];
                value |= (long) (next & 0x7f) << shift;
                if (next >= 0) {
                    return value;
                }
            }
            throw new IllegalArgumentException("A number at byte " + at + " is too long: the statistics are damaged.");
        }

        byte[] bytes() {
            long length = number();
            if (length < 0 || length > bytes.length - at) {
                throw new IllegalArgumentException(
                        "A text at byte " + at + " is longer than the statistics: they are damaged.");
            }
            byte[] read = Arrays.copyOfRange(bytes, at, at + (int) length);
            at += (int) length;
            return read;
        }

        String text() {
            return new String(bytes(), StandardCharsets.UTF_8);
        }

        Map<String, Sums> named() {
            Map<String, Sums> byName = new TreeMap<>();
            for (long left = number(); left > 0; left--) {
                byName.put(text(), sums());
            }
            return byName;
        }

        Sums sums() {
            Map<Quantity, BigInteger> values = new EnumMap<>(Quantity.class);
            for (long left = number(); left > 0; left--) {
                Quantity quantity = one(Quantity.values(), number());
                byte[] magnitude = bytes();
                if (magnitude.length == 0 || magnitude.length > MOST_BYTES_OF_A_SUM) {
                    throw new IllegalArgumentException("The sum " + quantity + " at byte " + at
                            + " has no legal length: the statistics are damaged.");
                }
                values.put(quantity, new BigInteger(magnitude));
            }
            Map<Distribution, LogHistogram> distributions = new EnumMap<>(Distribution.class);
            for (long left = number(); left > 0; left--) {
                Distribution distribution = one(Distribution.values(), number());
                TreeMap<Integer, Long> counts = new TreeMap<>();
                int bucket = 0;
                for (long buckets = number(); buckets > 0; buckets--) {
                    bucket += (int) number();
                    counts.put(bucket, number());
                }
                distributions.put(distribution, LogHistogram.of(counts));
            }
            return new Sums(values, distributions);
        }

        private <T> T one(T[] all, long number) {
            if (number < 0 || number >= all.length) {
                throw new IllegalArgumentException(
                        "There is no quantity (" + number + ") at byte " + at + ": the statistics are damaged.");
            }
            return all[(int) number];
        }
    }
}
