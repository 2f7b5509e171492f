package dev.scepsy.javaagent.hook;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.List;
import java.util.Random;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RedactionTest {

    private static final Pattern NAME = Pattern.compile("Jörg Maßlos|Jo\\w+n");
    private static final Redaction REDACTION =
            new Redaction(text -> NAME.matcher(text).replaceAll(Redaction.REDACTED));
    private static final ObjectMapper JSON = new ObjectMapper();

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '\0',
            value = {
                // A plain text, and one that holds nothing.
                "it was Jörg Maßlos|it was [redacted]",
                "nobody, 100 % sure|nobody, 100 % sure",
                // Values, keys, ASCII that is escaped, elements; what is not changed keeps its spelling.
                "{\"name\": \"J\\u00f6rg Ma\\u00dflos\"}|{\"name\": \"[redacted]\"}",
                "{\"J\\u00f6rg Ma\\u00dflos\":1, \"\\u0061\":2}|{\"[redacted]\":1, \"\\u0061\":2}",
                "[\"\\u004a\\u006fhan\", \"x\\/y\"]|[\"[redacted]\", \"x\\/y\"]",
                "\"J\\u00F6rg Ma\\u00DFlos\"|\"[redacted]\"",
                // The rest of a string is written back as JSON.
                "{\"a\":\"say \\\"J\\u00f6rg Ma\\u00dflos\\\"\\n\"}|{\"a\":\"say \\\"[redacted]\\\"\\n\"}",
                // JSON in JSON, twice.
                "{\"in\":\"{\\\"name\\\":\\\"J\\\\u00f6rg Ma\\\\u00dflos\\\"}\"}|{\"in\":\"{\\\"name\\\":\\\"[redacted]\\\"}\"}",
                "{\"a\":\"{\\\"b\\\":\\\"{\\\\\\\"c\\\\\\\":\\\\\\\"Jo\\\\\\\\u0068an\\\\\\\"}\\\"}\"}"
                        + "|{\"a\":\"{\\\"b\\\":\\\"{\\\\\\\"c\\\\\\\":\\\\\\\"[redacted]\\\\\\\"}\\\"}\"}",
                // Percent-encoded, as form, path, and inside JSON.
                "?q=J%C3%B6rg+Ma%C3%9Flos&n=1|?q=[redacted]&n=1",
                "http://h/J%C3%B6rg%20Ma%C3%9Flos/x|http://h/[redacted]/x",
                "http://h/a%20b|http://h/a%20b",
                "{\"u\":\"/J%C3%B6rg%20Ma%C3%9Flos\"}|{\"u\":\"/[redacted]\"}",
                "J%25C3%25B6rg%2520Ma%25C3%259Flos|[redacted]",
                // No JSON, or no whole one: cut, a comma too many, prose around it, single quotes.
                "{\"name\":\"J\\u00f6rg Ma\\u00dflos|{\"name\":\"[redacted]\"",
                "{\"name\":\"J\\u00f6rg Ma\\u00dflos\",,|{\"name\":\"[redacted]\",,",
                "found: {\"name\":\"J\\u00f6rg Ma\\u00dflos\"}.|found: {\"name\":\"[redacted]\"}.",
                "5\" and {\"name\":\"J\\u00f6rg Ma\\u00dflos\"}|5\" and {\"name\":\"[redacted]\"}",
                "{'name':'J\\u00f6rg Ma\\u00dflos'}|{'name':'[redacted]'}",
                "C:\\new\\Johan|C:\\new\\[redacted]",
                "\\u00|\\u00",
                "\\|\\",
                "\"|\"",
                "%|%",
                "%4|%4"
            })
    void textsAreSeenAsAReaderWillSeeThem(String text, String shown) {
        assertThat(REDACTION.apply(text)).isEqualTo(shown);
    }

    @Test
    void whatIsEncodedAgainAndAgainTakesNoTime() {
        String text = "+%25".repeat(20_000) + "{\"\\\\".repeat(20_000);

        assertThat(REDACTION.apply(text)).isNotNull();
    }

    @Test
    void anchorsSeeTheDecodedString() {
        Redaction whole = new Redaction(text -> text.matches("\\d{4}") ? Redaction.REDACTED : text);

        assertThat(whole.apply("{\"pin\":\"123\\u0034\",\"n\":1234}")).isEqualTo("{\"pin\":\"[redacted]\",\"n\":1234}");
    }

    @Test
    void whatIsNestedTooDeepIsNotShown() throws JsonProcessingException {
        String deep = "\"Johan\"";
        for (int i = 0; i < 14; i++) {
            deep = JSON.writeValueAsString(deep);
        }
        assertThat(REDACTION.apply(deep)).doesNotContain("Johan");
    }

    /** Whatever is escaped, and how often: the name is not to be found in what any reader makes of it. */
    @Test
    void noEscapingHidesAName() throws JsonProcessingException {
        Random random = new Random(16);
        for (int i = 0; i < 500; i++) {
            String name = random.nextBoolean() ? "Jörg Maßlos" : "Johan";
            String text = "\"" + escaped("he is " + name + ", \\ \n", random) + "\"";
            int levels = random.nextInt(3);
            for (int level = 0; level < levels; level++) {
                text = "{\"" + escaped("k", random) + "\":\"" + escaped(text, random) + "\"}";
            }
            String shown = REDACTION.apply(text);
            String read = shown;
            for (int level = 0; level <= levels; level++) {
                JsonNode node = JSON.readTree(read);
                read = node.isTextual() ? node.asText() : node.elements().next().asText();
                assertThat(read).doesNotContain(name);
            }
            assertThat(read).as(text).isEqualTo("he is [redacted], \\ \n");
        }
    }

    @Test
    void everyTextComesOutOfTheJsonAsItWentIn() throws JsonProcessingException {
        Random random = new Random(17);
        for (int i = 0; i < 500; i++) {
            StringBuilder text = new StringBuilder();
            for (int n = random.nextInt(12); n > 0; n--) {
                text.appendCodePoint(
                        switch (random.nextInt(4)) {
                            case 0 -> random.nextInt(0x80);
                            case 1 -> 0xD800 + random.nextInt(0x800);
                            case 2 -> 0x1F600 + random.nextInt(64);
                            default -> random.nextInt(0xD800);
                        });
            }
            StringBuilder json = new StringBuilder("{\"a\":1");
            JsonText.field(json, "t", text.toString());
            assertThat(JSON.readTree(json.append('}').toString()).get("t").asText())
                    .isEqualTo(text.toString());
            assertThat(JsonText.unescape(escaped(text.toString(), random))).isEqualTo(text.toString());
        }
    }

    private static String escaped(String text, Random random) {
        StringBuilder json = new StringBuilder();
        for (char c : text.toCharArray()) {
            if (random.nextBoolean() || List.of('"', '\\').contains(c) || c < ' ' || Character.isSurrogate(c)) {
                json.append(
                        String.format(java.util.Locale.ROOT, random.nextBoolean() ? "\\u%04x" : "\\u%04X", (int) c));
            } else {
                json.append(c);
            }
        }
        return json.toString();
    }
}
