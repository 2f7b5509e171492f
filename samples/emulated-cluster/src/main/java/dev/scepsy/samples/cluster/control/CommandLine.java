package dev.scepsy.samples.cluster.control;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;

/** Reads the command line of {@code vllm serve}: {@code --flag value}, {@code --flag=value}, and what stands alone. */
record CommandLine(List<String> words) {
    CommandLine {
        words = List.copyOf(words);
    }

    /** All values of a flag; empty if it is absent or has none. */
    List<String> values(String flag) {
        List<String> values = new ArrayList<>();
        for (int i = 0; i < words.size(); i++) {
            String word = words.get(i);
            if (word.startsWith(flag + "=")) {
                values.add(word.substring(flag.length() + 1));
            } else if (word.equals(flag)) {
                for (int j = i + 1; j < words.size() && !words.get(j).startsWith("--"); j++) {
                    values.add(words.get(j));
                }
            }
        }
        return values;
    }

    boolean has(String flag) {
        return words.contains(flag);
    }

    Optional<String> value(String flag) {
        return values(flag).stream().findFirst();
    }

    OptionalInt number(String flag) {
        return value(flag).map(Integer::parseInt).map(OptionalInt::of).orElse(OptionalInt.empty());
    }

    OptionalLong longNumber(String flag) {
        return value(flag).map(Long::parseLong).map(OptionalLong::of).orElse(OptionalLong.empty());
    }

    /** What the parser of {@code vllm serve} is given: empty where something else runs. */
    Optional<List<String>> optionsOfVllm() {
        int serve = words.indexOf("serve");
        return serve > 0 && words.get(serve - 1).endsWith("vllm")
                ? Optional.of(words.subList(serve + 1, words.size()))
                : Optional.empty();
    }

    /** What is served: {@code --model}, or the word after {@code serve}, or the first word that is no flag. */
    Optional<String> model() {
        Optional<String> flagged = value("--model");
        if (flagged.isPresent()) {
            return flagged;
        }
        int serve = words.indexOf("serve");
        int candidate = serve + 1;
        return candidate < words.size() && !words.get(candidate).startsWith("--")
                ? Optional.of(words.get(candidate))
                : Optional.empty();
    }
}
