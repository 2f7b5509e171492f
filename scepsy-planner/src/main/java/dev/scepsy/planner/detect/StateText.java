package dev.scepsy.planner.detect;

/**
 * A detector's state as text: words separated by spaces, the first of them says kind and version. Numbers are written so that they read
 * back the same; names are escaped.
 */
final class StateText {

    private StateText() {}

    /** Writes words. */
    static final class Writer {
        private final StringBuilder text = new StringBuilder();

        Writer(String kind) {
            text.append(kind);
        }

        Writer add(double value) {
            text.append(' ');
            if (value == Math.rint(value) && Math.abs(value) < 1e15) {
                text.append((long) value);
            } else {
                text.append(value);
            }
            return this;
        }

        Writer add(long value) {
            text.append(' ').append(value);
            return this;
        }

        Writer add(double[] values) {
            for (double value : values) {
                add(value);
            }
            return this;
        }

        Writer add(String name) {
            text.append(" =");
            for (int i = 0; i < name.length(); i++) {
                char letter = name.charAt(i);
                if (letter <= ' ' || letter == '%') {
                    text.append('%').append(String.format("%04x", (int) letter));
                } else {
                    text.append(letter);
                }
            }
            return this;
        }

        String text() {
            return text.toString();
        }
    }

    /** Reads them again. */
    static final class Reader {
        private final String[] words;
        private int next = 1;

        /** @throws IllegalArgumentException if it is of another kind or version */
        Reader(String kind, String text) {
            words = text.split(" ");
            if (!words[0].equals(kind)) {
                throw new IllegalArgumentException(
                        "The state begins with (" + words[0] + "), not with (" + kind + "): it is of another version.");
            }
        }

        double number() {
            String word = word();
            try {
                return Double.parseDouble(word);
            } catch (NumberFormatException e) {
                throw damaged(word, e);
            }
        }

        long whole() {
            String word = word();
            try {
                return Long.parseLong(word);
            } catch (NumberFormatException e) {
                throw damaged(word, e);
            }
        }

        /** A number of things that follow. */
        int count() {
            long count = whole();
            if (count < 0 || count > words.length - next) {
                throw damaged(String.valueOf(count), null);
            }
            return (int) count;
        }

        void numbers(double[] into) {
            for (int i = 0; i < into.length; i++) {
                into[i] = number();
            }
        }

        String name() {
            String word = word();
            if (!word.startsWith("=")) {
                throw damaged(word, null);
            }
            StringBuilder name = new StringBuilder();
            for (int i = 1; i < word.length(); i++) {
                if (word.charAt(i) == '%') {
                    if (i + 5 > word.length()) {
                        throw damaged(word, null);
                    }
                    try {
                        name.append((char) Integer.parseInt(word.substring(i + 1, i + 5), 16));
                    } catch (NumberFormatException e) {
                        throw damaged(word, e);
                    }
                    i += 4;
                } else {
                    name.append(word.charAt(i));
                }
            }
            return name.toString();
        }

        private String word() {
            if (next >= words.length) {
                throw new IllegalArgumentException("The state ends after " + words.length + " words: it is damaged.");
            }
            return words[next++];
        }

        private IllegalArgumentException damaged(String word, @org.jspecify.annotations.Nullable Throwable cause) {
            return new IllegalArgumentException(
                    "The word " + next + " of the state (" + word + ") is not what belongs there: it is damaged.",
                    cause);
        }
    }
}
