package dev.scepsy.planner.file;

import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Sentences for people, without what an input made endless in them (a number of a megabyte, a name of a page) and without its control
 * characters.
 */
public final class Shortened {

    /** No name or path of any use is longer. */
    private static final int LONGEST_WORD = 300;

    private static final int SHOWN_OF_A_WORD = 60;

    /** A sentence may list the keys of the catalogue, which are some 2,000 letters. */
    private static final int LONGEST_SENTENCE = 6_000;

    /** What moves a terminal's cursor or changes its colours, line ends and tabs apart. */
    private static final Pattern CONTROL = Pattern.compile("[\\p{Cntrl}&&[^\\n\\t]]");

    private static final Pattern LONG_WORD = Pattern.compile("\\S{" + (LONGEST_WORD + 1) + ",}");

    private Shortened() {}

    /** {@code text} with its control characters as escapes. */
    public static String printable(String text) {
        return CONTROL.matcher(text)
                .replaceAll(control -> Matcher.quoteReplacement(String.format(
                        Locale.ROOT, "\\u%04x", (int) control.group().charAt(0))));
    }

    /** {@code input} with long words, and itself where it is still too long, cut; what was cut is said by dots. */
    public static String sentence(String input) {
        String sentence = printable(input);
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
