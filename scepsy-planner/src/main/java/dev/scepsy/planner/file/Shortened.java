package dev.scepsy.planner.file;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Sentences for people, without what an input made endless in them: a number of a megabyte, a name of a page. */
public final class Shortened {

    /** No name or path of any use is longer. */
    private static final int LONGEST_WORD = 300;

    private static final int SHOWN_OF_A_WORD = 60;

    /** A sentence may list the keys of the catalogue, which are some 2,000 letters. */
    private static final int LONGEST_SENTENCE = 6_000;

    private static final Pattern LONG_WORD = Pattern.compile("\\S{" + (LONGEST_WORD + 1) + ",}");

    private Shortened() {}

    /** {@code sentence} with long words, and itself where it is still too long, cut; what was cut is said by dots. */
    public static String sentence(String sentence) {
        if (sentence.length() <= LONGEST_WORD) {
            return sentence;
        }
        StringBuilder text = new StringBuilder();
        Matcher words = LONG_WORD.matcher(sentence);
        while (words.find()) {
            words.appendReplacement(text, Matcher.quoteReplacement(start(words.group(), SHOWN_OF_A_WORD) + "..."));
        }
        words.appendTail(text);
        return text.length() > LONGEST_SENTENCE ? start(text.toString(), LONGEST_SENTENCE) + "..." : text.toString();
    }

    /** The first letters; half a letter is none. */
    private static String start(String text, int length) {
        return text.substring(0, Character.isHighSurrogate(text.charAt(length - 1)) ? length - 1 : length);
    }
}
