package dev.scepsy.planner.checkpoint;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/**
 * What all models of one {@code model_type} have in common and their files need not say: one line of {@code families.tsv},
 * which explains the columns. Immutable.
 *
 * @param type the model_type, in lower case
 * @param layout decoder, latent, hybrid or encoder
 * @param tied default of tie_word_embeddings
 * @param gated three matrices in the feed-forward, not two
 * @param bias none, qkv, all or key
 * @param queryKeyNorm none, head or full
 * @param norms norms of one layer, each of the hidden size
 * @param window which layers a window is for
 * @param defaults values of keys that files leave out
 */
record Family(
        String type,
        String layout,
        boolean tied,
        boolean gated,
        String bias,
        String queryKeyNorm,
        int norms,
        String window,
        Map<String, Object> defaults) {

    private static final Map<String, Family> KNOWN = load();

    static Optional<Family> of(String type) {
        return Optional.ofNullable(KNOWN.get(type));
    }

    /** A decoder like Llama, for files of unknown type in which nothing points elsewhere. */
    static Family plain(String type) {
        return new Family(type, "decoder", false, true, "key", "none", 2, "listed", Map.of());
    }

    boolean isEncoder() {
        return layout.equals("encoder");
    }

    private static Map<String, Family> load() {
        Map<String, Family> families = new HashMap<>();
        try (BufferedReader reader = new BufferedReader(new InputStreamReader(
                Objects.requireNonNull(Family.class.getResourceAsStream("families.tsv")), StandardCharsets.UTF_8))) {
            reader.lines()
                    .filter(line -> !line.startsWith("#") && !line.startsWith("type\t"))
                    .map(line -> line.split("\t", -1))
                    .forEach(cells -> families.put(cells[0], family(cells)));
        } catch (IOException e) {
            throw new UncheckedIOException("The built-in list of families cannot be read.", e);
        }
        return Map.copyOf(families);
    }

    private static Family family(String[] cells) {
        Map<String, Object> defaults = new LinkedHashMap<>();
        for (String pair : cells[8].isEmpty() ? new String[0] : cells[8].split(" ")) {
            String[] keyAndValue = pair.split("=");
            defaults.put(
                    keyAndValue[0], keyAndValue[1].matches("\\d+") ? Integer.parseInt(keyAndValue[1]) : keyAndValue[1]);
        }
        return new Family(
                cells[0],
                cells[1],
                Boolean.parseBoolean(cells[2]),
                Boolean.parseBoolean(cells[3]),
                cells[4],
                cells[5],
                Integer.parseInt(cells[6]),
                cells[7],
                Map.copyOf(defaults));
    }
}
