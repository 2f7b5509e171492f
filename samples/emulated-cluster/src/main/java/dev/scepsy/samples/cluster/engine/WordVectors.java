package dev.scepsy.samples.cluster.engine;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Base64;
import java.util.HashSet;
import java.util.Locale;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.regex.Pattern;

/** Embeddings and relevance without a model: texts that share words are close. Deterministic. */
final class WordVectors {
    private static final Pattern NOT_A_WORD = Pattern.compile("[^\\p{L}\\p{Nd}]+");

    private WordVectors() {}

    /** Sum of a random direction per word, of length 1. */
    static float[] embed(String text, int dimensions) {
        double[] sum = new double[dimensions];
        for (String word : words(text)) {
            SplittableRandom random = new SplittableRandom(word.hashCode() * 0x9E3779B97F4A7C15L);
            for (int i = 0; i < dimensions; i++) {
                sum[i] += random.nextDouble() * 2 - 1;
            }
        }
        double length = 0;
        for (double value : sum) {
            length += value * value;
        }
        float[] vector = new float[dimensions];
        for (int i = 0; i < dimensions; i++) {
            vector[i] = (float) (length == 0 ? 0 : sum[i] / Math.sqrt(length));
        }
        return vector;
    }

    /** Part of the query's words that the document has, in (0, 1): smoothed, so that it is never certain. */
    static double relevance(String query, String document) {
        Set<String> wanted = words(query);
        Set<String> found = words(document);
        long common = wanted.stream().filter(found::contains).count();
        return (common + 0.05) / (wanted.size() + 0.1);
    }

    /** Little-endian floats, as OpenAI's {@code base64} format has them. */
    static String base64(float[] vector) {
        ByteBuffer bytes = ByteBuffer.allocate(vector.length * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
        for (float value : vector) {
            bytes.putFloat(value);
        }
        return Base64.getEncoder().encodeToString(bytes.array());
    }

    private static Set<String> words(String text) {
        Set<String> words = new HashSet<>();
        for (String word : NOT_A_WORD.split(text.toLowerCase(Locale.ROOT))) {
            if (!word.isEmpty()) {
                words.add(word);
            }
        }
        return words;
    }
}
