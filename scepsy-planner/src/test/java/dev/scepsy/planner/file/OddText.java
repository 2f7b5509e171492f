package dev.scepsy.planner.file;

/** Bits of text that parsers of YAML, JSON and CSV stumble over. */
public final class OddText {

    private static final String[] BITS = {
        "{",
        "}",
        "[",
        "]",
        ":",
        ",",
        "\"",
        "'",
        "\n",
        "\t",
        " ",
        "-",
        "&a ",
        "*a ",
        "<<: *a\n",
        "!!str ",
        "? ",
        "|",
        ">",
        "#",
        "\\u0000",
        "\\ud800",
        "0x1F",
        "1e999",
        ".nan",
        "1_000",
        "~",
        "null",
        "true",
        "---\n",
        "...\n",
        "%YAML 1.2\n",
        "\u0000",
        "\uFEFF",
        "é",
        "😀",
        "999999999999999999999",
        "1e-400",
        "-0.0",
        "0.30000000000000004",
        "\r",
        "\u0085",
        "\u2028"
    };

    private OddText() {}

    /** All of them, always in the same order. */
    public static String[] bits() {
        return BITS.clone();
    }
}
