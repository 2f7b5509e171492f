package dev.scepsy.planner.serve.store;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Instant;
import java.util.HexFormat;
import java.util.regex.Pattern;

/**
 * Values as every database takes them: PostgreSQL has no NUL in texts and no long keys, neither database half a surrogate pair, and
 * names of workflows come from anybody. Reversible.
 */
final class Stored {

    /** Characters of a key that is stored as it is. */
    static final int LONGEST_PLAIN_KEY = 80;

    private static final Pattern PLAIN_KEY = Pattern.compile("[!-\"$-~][ -~]{0," + (LONGEST_PLAIN_KEY - 1) + "}");
    private static final int DIGEST_BYTES = 20;
    private static final long NANOS = 1_000_000_000;

    private Stored() {}

    /** {@code id} itself where it is short and plain, else {@code #} and its digest. */
    static String key(String id) {
        return plainKey(id) ? id : digest(id);
    }

    /** Whether {@link #key} is the id itself. */
    static boolean plainKey(String id) {
        return PLAIN_KEY.matcher(id).matches();
    }

    /** Of several values together, whatever is in them. */
    static String digest(String... parts) {
        try {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            for (String part : parts) {
                byte[] bytes = part.getBytes(StandardCharsets.UTF_16BE);
                digest.update(ByteBuffer.allocate(Integer.BYTES).putInt(0, bytes.length));
                digest.update(bytes);
            }
            return "#" + HexFormat.of().formatHex(digest.digest(), 0, DIGEST_BYTES);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-256", e);
        }
    }

    /** A text with NUL, backslash and halves of surrogate pairs written out. */
    static String text(String plain) {
        StringBuilder safe = new StringBuilder(plain.length());
        for (int i = 0; i < plain.length(); i++) {
            char c = plain.charAt(i);
            if (c == '\\') {
                safe.append("\\\\");
            } else if (c == 0 || halfOfAPair(plain, i)) {
                safe.append(String.format("\\u%04x", (int) c));
            } else {
                safe.append(c);
            }
        }
        return safe.toString();
    }

    /** What {@link #text} was made of. */
    static String plain(String text) {
        if (text.indexOf('\\') < 0) {
            return text;
        }
        StringBuilder plain = new StringBuilder(text.length());
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c != '\\') {
                plain.append(c);
            } else if (text.charAt(i + 1) == '\\') {
                plain.append('\\');
                i++;
            } else {
                plain.append((char) HexFormat.fromHexDigits(text, i + 2, i + 6));
                i += 5;
            }
        }
        return plain.toString();
    }

    /** JSON that says the same without what databases do not take; such characters stand in strings only. */
    static String json(String json) {
        StringBuilder safe = null;
        for (int i = 0; i < json.length(); i++) {
            char c = json.charAt(i);
            boolean odd = c == 0 || halfOfAPair(json, i);
            if (odd && safe == null) {
                safe = new StringBuilder(json.length() + 16).append(json, 0, i);
            }
            if (safe != null) {
                if (odd) {
                    safe.append(String.format("\\u%04x", (int) c));
                } else {
                    safe.append(c);
                }
            }
        }
        return safe == null ? json : safe.toString();
    }

    /** Nanoseconds since 1970; times beyond the years 1677 and 2262 are these. */
    static long nanos(Instant at) {
        try {
            return Math.addExact(Math.multiplyExact(at.getEpochSecond(), NANOS), at.getNano());
        } catch (ArithmeticException e) {
            return at.getEpochSecond() < 0 ? Long.MIN_VALUE : Long.MAX_VALUE;
        }
    }

    static Instant instant(long nanos) {
        return Instant.ofEpochSecond(Math.floorDiv(nanos, NANOS), Math.floorMod(nanos, NANOS));
    }

    private static boolean halfOfAPair(String text, int i) {
        char c = text.charAt(i);
        if (Character.isHighSurrogate(c)) {
            return i + 1 == text.length() || !Character.isLowSurrogate(text.charAt(i + 1));
        }
        return Character.isLowSurrogate(c) && (i == 0 || !Character.isHighSurrogate(text.charAt(i - 1)));
    }
}
