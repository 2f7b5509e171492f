package dev.scepsy.planner.cli;

import dev.scepsy.planner.benchmark.BenchmarkCurve;
import dev.scepsy.planner.benchmark.BenchmarkFile;
import dev.scepsy.planner.engine.EngineRows;
import dev.scepsy.planner.file.CsvTable;
import dev.scepsy.planner.file.TextFile;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/** The readers of rows and of other tools' results, for any bytes. */
public final class RowsParser {

    private RowsParser() {}

    /** Rows of {@code engine --batch}. */
    public static void rows(Path folder, byte[] bytes) {
        Path file = written(folder.resolve("rows.csv"), bytes);
        try {
            EngineRows rows = new EngineRows("rows.csv", Optional.empty());
            int points = rows.points(CsvTable.read(file)).size();
            if (points > 0 && points > bytes.length) {
                throw new IllegalStateException("More points than bytes.");
            }
        } catch (TextFile.Unreadable refused) {
            if (refused.sentence().isBlank()) {
                throw new IllegalStateException("Refused without a word.", refused);
            }
        }
    }

    /** Files of {@code profile import}. */
    public static void results(Path folder, byte[] bytes) {
        BenchmarkFile file = BenchmarkFile.read(written(folder.resolve("results.json"), bytes));
        if (!file.problems().isEmpty()) {
            return;
        }
        try {
            var unused = BenchmarkCurve.of(file.runs());
        } catch (IllegalArgumentException refused) {
            if (refused.getMessage() == null) {
                throw new IllegalStateException("Refused without a word.", refused);
            }
        }
    }

    private static Path written(Path file, byte[] bytes) {
        try {
            return Files.write(file, bytes);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
