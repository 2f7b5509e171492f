package dev.scepsy.planner.file;

import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** Which known name a mistyped one was probably meant to be. */
public final class Nearest {

    private static final Pattern SIZE = Pattern.compile("[0-9]+(b|gb|gib|g|m|mb)");
    private static final int MOST_SUGGESTED = 3;

    /** Shorter names stand in others by chance. */
    private static final int SHORTEST_WITHIN = 5;

    /** Of a name that is written in part: {@code 4090}. */
    private static final int SHORTEST_PART = 4;

    private Nearest() {}

    /**
     * The closest of {@code known} by edit distance, if at most a third of the letters differ; else the longest that stands
     * in it ({@code Llama-3.1-8B} in {@code meta-llama/Llama-3.1-8B-Instruct}); else those that share the name of
     * a product with it ({@code H100} of {@code NVIDIA-H100-80GB-HBM3}), else those that it is a part of ({@code gpt-oss}), at most
     * three, joined by "or".
     */
    public static Optional<String> to(String written, Collection<String> known) {
        if (written.length() > 200) {
            return Optional.empty();
        }
        Optional<String> near = known.stream()
                .filter(name -> distance(written, name) <= Math.max(1, Math.max(written.length(), name.length()) / 3))
                .min(Comparator.<String>comparingInt(name -> distance(written, name))
                        .thenComparing(Comparator.naturalOrder()));
        if (near.filter(name -> products(written).isEmpty() || shared(written, name) > 0)
                .isPresent()) {
            return near;
        }
        Optional<String> within = known.stream()
                .filter(name -> name.length() >= SHORTEST_WITHIN
                        && written.toLowerCase(Locale.ROOT).contains(name.toLowerCase(Locale.ROOT)))
                .max(Comparator.<String>comparingInt(String::length).thenComparing(Comparator.reverseOrder()));
        if (near.isEmpty() && within.isPresent()) {
            return within;
        }
        int most = known.stream().mapToInt(name -> shared(written, name)).max().orElse(0);
        if (most == 0) {
            Optional<String> part = longerThan(written, known);
            return part.isPresent() || !products(written).isEmpty() ? part : near;
        }
        return Optional.of(known.stream()
                .distinct()
                .filter(name -> shared(written, name) == most)
                .sorted()
                .limit(MOST_SUGGESTED)
                .collect(Collectors.joining(" or ")));
    }

    /** The names that {@code written} is a part of, dots and dashes apart. */
    private static Optional<String> longerThan(String written, Collection<String> known) {
        String part = letters(written);
        List<String> longer = known.stream()
                .distinct()
                .filter(name -> part.length() >= SHORTEST_PART
                        && !SIZE.matcher(part).matches()
                        && letters(name).contains(part))
                .sorted()
                .limit(MOST_SUGGESTED)
                .toList();
        return longer.isEmpty() ? Optional.empty() : Optional.of(String.join(" or ", longer));
    }

    private static String letters(String name) {
        return name.toLowerCase(Locale.ROOT).replaceAll("[^\\p{L}\\p{N}]", "");
    }

    /** How many words two names have in common; none where no product is among them. */
    private static int shared(String written, String name) {
        Set<String> products = products(written);
        products.retainAll(products(name));
        if (products.isEmpty()) {
            return 0;
        }
        Set<String> words = words(written);
        words.retainAll(words(name));
        return words.size();
    }

    /** Words of letters and digits that are no sizes: {@code h100}, {@code qwen2}. */
    private static Set<String> products(String name) {
        Set<String> words = words(name);
        words.removeIf(word -> word.chars().noneMatch(Character::isDigit)
                || word.chars().noneMatch(Character::isLetter)
                || SIZE.matcher(word).matches());
        return words;
    }

    private static Set<String> words(String name) {
        return new TreeSet<>(List.of(name.toLowerCase(Locale.ROOT).split("[^\\p{L}\\p{N}]+")));
    }

    private static int distance(String first, String second) {
        String a = first.toLowerCase(Locale.ROOT);
        String b = second.toLowerCase(Locale.ROOT);
        int[] row = new int[b.length() + 1];
        for (int j = 0; j < row.length; j++) {
            row[j] = j;
        }
        for (int i = 1; i <= a.length(); i++) {
            int diagonal = row[0];
            row[0] = i;
            for (int j = 1; j < row.length; j++) {
                int change = diagonal + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
                diagonal = row[j];
                row[j] = Math.min(change, 1 + Math.min(row[j], row[j - 1]));
            }
        }
        return row[b.length()];
    }
}
