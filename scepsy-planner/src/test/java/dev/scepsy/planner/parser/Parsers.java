package dev.scepsy.planner.parser;

import dev.scepsy.planner.cli.RowsParser;
import dev.scepsy.planner.cluster.IntentParser;
import dev.scepsy.planner.file.ContractFileParsers;
import dev.scepsy.planner.measure.AnswerParser;
import dev.scepsy.planner.otlp.TraceParsers;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;

/** Every parser there is, by name; also what Jazzer calls, with a parser's name as its argument. */
public final class Parsers {

    private static ParserUnderTest chosen = bytes -> {};

    private Parsers() {}

    static Map<String, ParserUnderTest> all() {
        Path folder = folder();
        Map<String, ParserUnderTest> parsers = new LinkedHashMap<>(ContractFileParsers.all(folder));
        parsers.put("rows.csv", bytes -> RowsParser.rows(folder, bytes));
        parsers.put("benchmark-results", bytes -> RowsParser.results(folder, bytes));
        parsers.putAll(TraceParsers.all());
        parsers.put("intents", IntentParser::parse);
        parsers.put("answers", AnswerParser::parse);
        return parsers;
    }

    private static Path folder() {
        try {
            // in memory where there is such a folder: a fuzzer writes thousands of files a second
            Path memory = Path.of("/dev/shm");
            Path folder = Files.isWritable(memory)
                    ? Files.createTempDirectory(memory, "scepsy")
                    : Files.createTempDirectory("scepsy");
            folder.toFile().deleteOnExit();
            return folder;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Called by Jazzer once. */
    public static void fuzzerInitialize(String[] arguments) {
        ParserUnderTest named = all().get(arguments[0]);
        if (named == null) {
            throw new IllegalArgumentException("No parser " + arguments[0] + "; there are " + all().keySet());
        }
        chosen = named;
    }

    /** Called by Jazzer for every input. */
    public static void fuzzerTestOneInput(byte[] input) {
        chosen.parse(input);
    }
}
