package dev.scepsy.planner.otlp;

/** How the requests of a text are laid out. */
final class Layout {

    private Layout() {}

    /**
     * Whether a text is JSON laid out for people: a list, or an object that its first line does not end ({@code jq} makes
     * both). A first line that breaks off within a request, with further requests below, is a broken line instead.
     */
    static boolean isForPeople(byte[] bytes, int from, int to) {
        int at = skipBlank(bytes, from, to);
        if (at == to) {
            return false;
        }
        if (bytes[at] == '[') {
            return true;
        }
        int lineEnd = at;
        while (lineEnd < to && bytes[lineEnd] != '\n') {
            lineEnd++;
        }
        int last = lineEnd - 1;
        while (last > at && isBlank(bytes[last])) {
            last--;
        }
        int next = skipBlank(bytes, lineEnd, to);
        return bytes[at] == '{'
                && (bytes[last] == '{' || bytes[last] == '[' || bytes[last] == ',')
                && next < to
                && bytes[next] != '{';
    }

    private static int skipBlank(byte[] bytes, int from, int to) {
        int at = from;
        while (at < to && isBlank(bytes[at])) {
            at++;
        }
        return at;
    }

    private static boolean isBlank(byte character) {
        return character == ' ' || character == '\t' || character == '\r' || character == '\n';
    }
}
