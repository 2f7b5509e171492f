package dev.scepsy.planner.file;

import dev.scepsy.planner.parser.ParserUnderTest;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;

/** The readers of the contract's files and of a model's {@code config.json}, for any bytes. */
public final class ContractFileParsers {

    private ContractFileParsers() {}

    /** By file name. */
    public static Map<String, ParserUnderTest> all(Path folder) {
        Map<String, ParserUnderTest> parsers = new LinkedHashMap<>();
        for (ContractReaders kind : ContractReaders.values()) {
            parsers.put(kind.fileName(), bytes -> judge(kind.read(written(folder, kind.fileName(), bytes))));
        }
        parsers.put("config.json", bytes -> {
            var unused = ArchitectureFile.read("m", written(folder, "config.json", bytes));
        });
        return parsers;
    }

    private static Path written(Path folder, String name, byte[] bytes) {
        try {
            return Files.write(folder.resolve(name), bytes);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void judge(Reading<?> reading) {
        for (Problem problem : reading.whyMalformed()) {
            if (problem.line() < 1
                    || problem.message().isBlank()
                    || problem.toString().length() > 10_000) {
                throw new IllegalStateException("A problem without a line or words, or without end: " + problem.path());
            }
        }
        if (reading.whyMalformed().isEmpty() && reading.legalValue().isEmpty()) {
            throw new IllegalStateException("Neither a value nor a problem.");
        }
    }
}
