package dev.scepsy.javaagent.hook;

import java.nio.charset.StandardCharsets;
import java.util.function.UnaryOperator;

/**
 * A redaction that looks at texts as a reader will see them. Besides the text itself it is asked about every string inside it
 * that is written otherwise: keys and values of JSON with their escapes resolved, JSON inside such strings, percent-encoded
 * pieces. What it changes is written back, in JSON with JSON's escapes; what it leaves alone keeps its very characters. JSON
 * that is none (cut, or with a comma too many) is looked at as far as it goes, and as a whole with its escapes resolved.
 *
 * <p>It does not see through base64, compression, HTML's entities, or letters that are composed of several characters.
 */
final class Redaction implements UnaryOperator<String> {

    static final String REDACTED = "[redacted]";

    /** JSON in JSON in JSON: each level doubles the backslashes. What is deeper is not shown. */
    private static final int DEPTH = 12;

    private final UnaryOperator<String> plain;

    Redaction(UnaryOperator<String> plain) {
        this.plain = plain;
    }

    @Override
    public String apply(String text) {
        return redact(text, 0);
    }

    private String redact(String text, int depth) {
        if (depth > DEPTH) {
            return REDACTED;
        }
        String shown = text;
        if (isJson(text) || text.indexOf('\\') >= 0) {
            shown = strings(shown, depth);
            shown = escaped(shown);
        }
        if (text.indexOf('%') >= 0) {
            shown = percentEncoded(shown, depth);
        }
        return ask(shown);
    }

    /** Fails closed: what the redaction cannot take is not shown. */
    private String ask(String text) {
        String shown = plain.apply(text);
        return shown == null ? REDACTED : shown;
    }

    private static boolean isJson(String text) {
        String bare = text.stripLeading();
        return bare.startsWith("{") || bare.startsWith("[") || bare.startsWith("\"");
    }

    /** Every quoted string, decoded, asked about, and written back where it changed. */
    private String strings(String text, int depth) {
        StringBuilder shown = new StringBuilder(text.length());
        int copied = 0;
        for (int quote = text.indexOf('"'); quote >= 0; ) {
            int end = JsonText.endOfString(text, quote);
            String decoded = JsonText.unescape(text.substring(quote + 1, end));
            String redacted = decoded.isEmpty() ? decoded : redact(decoded, depth + 1);
            if (!redacted.equals(decoded)) {
                shown.append(text, copied, quote);
                JsonText.quote(shown, redacted);
                copied = Math.min(end + 1, text.length());
            }
            quote = text.indexOf('"', end + 1);
        }
        return copied == 0 ? text : shown.append(text, copied, text.length()).toString();
    }

    /** As a whole, where escapes hide what the redaction would find: what then is shown is no JSON any more. */
    private String escaped(String text) {
        if (isSeen(text)) {
            return text;
        }
        String decoded = JsonText.unescape(text);
        String redacted = ask(decoded);
        boolean enough =
                redacted.equals(decoded) || JsonText.unescape(ask(text)).equals(redacted);
        return enough ? text : redacted;
    }

    /** Whether the text is whole JSON, all of whose strings have been asked about. */
    private static boolean isSeen(String text) {
        int level = 0;
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c == '"') {
                i = JsonText.endOfString(text, i);
                if (i == text.length()) {
                    return false;
                }
            } else if (c == '\\') {
                return false;
            } else if (c == '{' || c == '[') {
                level++;
            } else if (c == '}' || c == ']') {
                level--;
            }
        }
        return level == 0;
    }

    /** Every piece without blanks that holds a percent-encoded byte: shown decoded where the redaction changes it. */
    private String percentEncoded(String text, int depth) {
        StringBuilder shown = new StringBuilder(text.length());
        int from = 0;
        while (from < text.length()) {
            int to = from;
            boolean encoded = false;
            while (to < text.length() && isOfPiece(text.charAt(to))) {
                encoded |= byteAt(text, to) >= 0;
                to++;
            }
            String piece = text.substring(from, to);
            if (encoded) {
                String decoded = decode(piece, ' ');
                String redacted = redact(decoded, depth + 1);
                String kept = depth == 0 ? decode(piece, '+') : decoded; // Once: else each level would double the work.
                String other = kept.equals(decoded) ? redacted : redact(kept, depth + 1);
                piece = !redacted.equals(decoded) ? redacted : !other.equals(kept) ? other : piece;
            }
            shown.append(piece);
            if (to < text.length()) {
                shown.append(text.charAt(to));
            }
            from = to + 1;
        }
        return shown.toString();
    }

    private static boolean isOfPiece(char c) {
        return !Character.isWhitespace(c) && c != '"' && c != '\\';
    }

    private static int byteAt(String text, int percent) {
        if (text.charAt(percent) != '%' || percent + 2 >= text.length()) {
            return -1;
        }
        int high = Character.digit(text.charAt(percent + 1), 16);
        int low = Character.digit(text.charAt(percent + 2), 16);
        return high < 0 || low < 0 ? -1 : high * 16 + low;
    }

    /** @param plus what a plus stands for: a blank in forms, itself in paths */
    private static String decode(String piece, char plus) {
        byte[] bytes = piece.getBytes(StandardCharsets.UTF_8);
        byte[] decoded = new byte[bytes.length];
        int size = 0;
        for (int i = 0; i < bytes.length; i++) {
            int high = bytes[i] == '%' && i + 2 < bytes.length ? Character.digit(bytes[i + 1], 16) : -1;
            int low = high < 0 ? -1 : Character.digit(bytes[i + 2], 16);
            if (low >= 0) {
                decoded[size++] = (byte) (high * 16 + low);
                i += 2;
            } else {
                decoded[size++] = bytes[i] == '+' ? (byte) plus : bytes[i];
            }
        }
        return new String(decoded, 0, size, StandardCharsets.UTF_8);
    }
}
