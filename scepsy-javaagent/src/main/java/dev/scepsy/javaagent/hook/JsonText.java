package dev.scepsy.javaagent.hook;

import org.jspecify.annotations.Nullable;

/**
 * JSON strings, written and read. Every text that goes into JSON here goes through {@link #quote}. No JSON library: hooks see
 * the application's classes first, so a library of ours would meet the application's of the same name.
 */
final class JsonText {

    private static final String HEX = "0123456789abcdef";

    private JsonText() {}

    /** Appends a text with its quotes. What is no character of its own (half a pair) is escaped too. */
    static void quote(StringBuilder json, String text) {
        json.append('"');
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            switch (c) {
                case '"' -> json.append("\\\"");
                case '\\' -> json.append("\\\\");
                case '\n' -> json.append("\\n");
                case '\r' -> json.append("\\r");
                case '\t' -> json.append("\\t");
                default -> {
                    if (Character.isHighSurrogate(c)
                            && i + 1 < text.length()
                            && Character.isLowSurrogate(text.charAt(i + 1))) {
                        json.append(c).append(text.charAt(++i));
                    } else if (c < ' ' || Character.isSurrogate(c)) {
                        escape(json, c);
                    } else {
                        json.append(c);
                    }
                }
            }
        }
        json.append('"');
    }

    private static void escape(StringBuilder json, char c) {
        json.append("\\u");
        for (int shift = 12; shift >= 0; shift -= 4) {
            json.append(HEX.charAt((c >> shift) & 15));
        }
    }

    /** Appends {@code ,"name":"value"}; nothing for no value. */
    static void field(StringBuilder json, String name, @Nullable String value) {
        if (value != null) {
            json.append(',');
            quote(json, name);
            json.append(':');
            quote(json, value);
        }
    }

    /** Where the string that begins at a quote ends: the index of its closing quote; the text's length for none. */
    static int endOfString(String text, int quote) {
        int at = quote + 1;
        while (at < text.length() && text.charAt(at) != '"') {
            at += text.charAt(at) == '\\' ? 2 : 1;
        }
        return Math.min(at, text.length());
    }

    /** The text with every escape of JSON's resolved; what is no escape stays as it is. */
    static String unescape(String text) {
        if (text.indexOf('\\') < 0) {
            return text;
        }
        StringBuilder plain = new StringBuilder(text.length());
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c != '\\' || i + 1 == text.length()) {
                plain.append(c);
                continue;
            }
            char escaped = text.charAt(i + 1);
            int code = escaped == 'u' ? hex(text, i + 2) : -1;
            if (code >= 0) {
                plain.append((char) code);
                i += 5;
                continue;
            }
            switch (escaped) {
                case '"', '\\', '/' -> plain.append(escaped);
                case 'b' -> plain.append('\b');
                case 'f' -> plain.append('\f');
                case 'n' -> plain.append('\n');
                case 'r' -> plain.append('\r');
                case 't' -> plain.append('\t');
                default -> plain.append(c).append(escaped);
            }
            i++;
        }
        return plain.toString();
    }

    /** Four hex digits; -1 where they are not there. */
    private static int hex(String text, int from) {
        if (from + 4 > text.length()) {
            return -1;
        }
        int code = 0;
        for (int i = from; i < from + 4; i++) {
            int digit = Character.digit(text.charAt(i), 16);
            if (digit < 0) {
                return -1;
            }
            code = code * 16 + digit;
        }
        return code;
    }
}
