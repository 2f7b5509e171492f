package dev.scepsy.planner.file;

import java.util.regex.Pattern;

/** Sentences for people, without the passwords that addresses in them carry. */
public final class Hidden {

    private static final Pattern USER_OF_AN_ADDRESS = Pattern.compile("(?<=://)[^/?#\\s\"'()]*@");

    private Hidden() {}

    /** {@code sentence} with {@code http://...@host} for {@code http://user:password@host}. */
    public static String passwords(String sentence) {
        return sentence.contains("://") ? USER_OF_AN_ADDRESS.matcher(sentence).replaceAll("...@") : sentence;
    }
}
