package dev.scepsy.samples.cluster.control;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;

/**
 * The parser of {@code vllm serve} of vLLM 0.32, as far as it refuses: unknown words, missing values, values where none belong. Its rules are
 * those of Python's argparse (a long option may be cut short where that is unambiguous) and of vLLM's own parser over it (underscores for
 * dashes, {@code --option.key value} for JSON, {@code -O2}).
 */
final class VllmOptions {

    /** What argparse exits with. */
    static final int EXIT_CODE = 2;

    private static final String RESOURCE = "vllm-serve-0.32.0.options";

    private enum Takes {
        VALUE,
        VALUES,
        OPTIONAL,
        FLAG,
        SWITCH
    }

    private static final TreeMap<String, Takes> KNOWN = read();

    private final List<String> words;
    private final List<String> extras = new ArrayList<>();
    private boolean modelSeen;
    private int at;

    private VllmOptions(List<String> words) {
        this.words = words;
    }

    /** @param words what follows {@code vllm serve}; empty if the parser takes them all, else what it prints */
    static Optional<String> refusal(List<String> words) {
        return new VllmOptions(words)
                .parse()
                .map(why -> "usage: vllm serve [model_tag] [options]\nvllm serve: error: " + why);
    }

    private static TreeMap<String, Takes> read() {
        TreeMap<String, Takes> known = new TreeMap<>();
        try (InputStream stream = Objects.requireNonNull(VllmOptions.class.getResourceAsStream(RESOURCE), RESOURCE);
                BufferedReader lines = new BufferedReader(new InputStreamReader(stream, StandardCharsets.UTF_8))) {
            for (String line :
                    lines.lines().filter(each -> !each.startsWith("#")).toList()) {
                String[] parts = line.split(" ");
                Takes takes = Takes.valueOf(parts[1].toUpperCase(Locale.ROOT));
                known.put(parts[0], takes);
                if (takes == Takes.FLAG && parts[0].startsWith("--")) {
                    known.put("--no-" + parts[0].substring(2), Takes.FLAG);
                }
            }
        } catch (IOException impossible) {
            throw new UncheckedIOException(impossible);
        }
        return known;
    }

    private Optional<String> parse() {
        while (at < words.size()) {
            String word = words.get(at++);
            Optional<String> wrong = word.startsWith("-") && word.length() > 1 ? option(word) : positional(word);
            if (wrong.isPresent()) {
                return wrong;
            }
        }
        if (extras.isEmpty()) {
            return Optional.empty();
        }
        String hint = extras.stream().anyMatch(extra -> extra.equals("--task") || extra.startsWith("--task="))
                ? "\n\nHint: --task is not a vllm serve option. For embedding, reranking, or reward models, use --runner pooling."
                : "";
        return Optional.of("unrecognized arguments: " + String.join(" ", extras) + hint);
    }

    private Optional<String> positional(String word) {
        if (modelSeen) {
            extras.add(word);
        }
        modelSeen = true;
        return Optional.empty();
    }

    private Optional<String> option(String word) {
        if (word.startsWith("-O")) {
            if (word.equals("-O") && at < words.size()) {
                at++;
            }
            return Optional.empty();
        }
        String[] parts = word.split("=", 2);
        String written = parts[0];
        boolean dotted = written.startsWith("--") && written.contains(".");
        String name = (dotted ? written.substring(0, written.indexOf('.')) : written);
        name = name.startsWith("--") ? "--" + name.substring(2).replace('_', '-') : name;
        List<String> meant = meant(name);
        if (meant.size() > 1) {
            return Optional.of("ambiguous option: " + name + " could match " + String.join(", ", meant));
        }
        if (meant.isEmpty()) {
            extras.add(word);
            return Optional.empty();
        }
        String found = meant.get(0);
        Takes takes = Objects.requireNonNull(KNOWN.get(found));
        if (takes == Takes.FLAG || takes == Takes.SWITCH) {
            return parts.length == 2
                    ? Optional.of("argument " + found + ": ignored explicit argument '" + parts[1] + "'")
                    : Optional.empty();
        }
        if (parts.length == 2) {
            return Optional.empty();
        }
        int values = valuesFrom(at, takes == Takes.VALUES ? Integer.MAX_VALUE : 1);
        at += values;
        return values > 0 || takes == Takes.OPTIONAL
                ? Optional.empty()
                : Optional.of("argument " + found + ": expected "
                        + (takes == Takes.VALUES ? "at least one argument" : "one argument"));
    }

    /** The options that {@code name} may stand for. */
    private static List<String> meant(String name) {
        if (KNOWN.containsKey(name)) {
            return List.of(name);
        }
        return name.startsWith("--") && name.length() > 2
                ? KNOWN.tailMap(name).keySet().stream()
                        .takeWhile(known -> known.startsWith(name))
                        .toList()
                : List.of();
    }

    /** How many of the next words, {@code most} at most, are values: negative numbers are, other words with a dash are not. */
    private int valuesFrom(int first, int most) {
        int count = 0;
        while (count < most && first + count < words.size() && isValue(words.get(first + count))) {
            count++;
        }
        return count;
    }

    private static boolean isValue(String word) {
        return !word.startsWith("-") || word.equals("-") || word.matches("-\\d+|-\\d*\\.\\d+");
    }
}
