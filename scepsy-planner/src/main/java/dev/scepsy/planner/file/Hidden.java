package dev.scepsy.planner.file;

import java.util.regex.Pattern;

/** Sentences for people, without the passwords and tokens that addresses in them carry. */
public final class Hidden {

    /** With a scheme whatever stands before the last @, for passwords may hold anything; without, {@code user:password@}. */
    private static final Pattern USER_OF_AN_ADDRESS =
            Pattern.compile("(?:(?<=://)\\S*|(?<![^\\s\"'(])[^\\s\"'(:@]+:\\S+)@(?!sha256:)");

    private static final Pattern SECRET_OF_A_QUERY = Pattern.compile(
            "(?i)(?<=[?&])([^=&?\\s]*(?:token|key|password|passwd|secret|auth|credential)[^=&?\\s]*=)[^&\\s\"')]+");

    private Hidden() {}

    /** {@code sentence} with {@code http://...@host} for {@code http://user:password@host}. */
    public static String passwords(String sentence) {
        String text =
                sentence.contains("@") ? USER_OF_AN_ADDRESS.matcher(sentence).replaceAll("...@") : sentence;
        return text.contains("=") ? SECRET_OF_A_QUERY.matcher(text).replaceAll("$1...") : text;
    }
}
