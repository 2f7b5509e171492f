package dev.scepsy.planner.file;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.core.JsonLocation;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.MappingIterator;
import com.fasterxml.jackson.databind.ObjectReader;
import com.fasterxml.jackson.databind.ObjectWriter;
import com.fasterxml.jackson.dataformat.csv.CsvGenerator;
import com.fasterxml.jackson.dataformat.csv.CsvMapper;
import com.fasterxml.jackson.dataformat.csv.CsvParser;
import java.io.Closeable;
import java.io.IOException;
import java.io.Reader;
import java.io.StringReader;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * Comma-separated values with a header line (RFC 4180): a quoted cell may hold commas, line ends and doubled quotes. Cells are
 * without blanks around them; blank lines are no rows. Immutable.
 *
 * @param header names of the columns; empty for an empty file
 * @param rows in the order of the file
 */
public record CsvTable(List<String> header, List<Row> rows) {

    private static final CsvMapper CSV = new CsvMapper();
    private static final ObjectReader READER =
            CSV.readerFor(String[].class).with(CsvParser.Feature.WRAP_AS_ARRAY).with(CsvParser.Feature.TRIM_SPACES);
    private static final ObjectWriter WRITER =
            CSV.writerFor(String[].class).with(CsvGenerator.Feature.STRICT_CHECK_FOR_QUOTING);

    public CsvTable {
        header = List.copyOf(header);
        rows = List.copyOf(rows);
    }

    /**
     * One row.
     *
     * @param line where it begins, from 1; 0 where it comes from no file
     * @param cells may be fewer or more than the header's
     */
    public record Row(int line, List<String> cells, List<String> header) {

        public Row {
            cells = List.copyOf(cells);
        }

        /** The cell in {@code column}; empty where the column or the cell is absent or blank. */
        public Optional<String> cell(String column) {
            int index = header.indexOf(column);
            return index < 0 || index >= cells.size() || cells.get(index).isBlank()
                    ? Optional.empty()
                    : Optional.of(cells.get(index));
        }
    }

    /** Reads {@code file}; throws where it is no text, or its quotes are not closed. */
    public static CsvTable read(Path file) throws TextFile.Unreadable {
        return of(TextFile.read(file));
    }

    /** Reads {@code text}; throws where its quotes are not closed. */
    public static CsvTable of(String text) throws TextFile.Unreadable {
        try (Rows rows = new Rows(new StringReader(text))) {
            List<Row> all = new ArrayList<>();
            for (Optional<Row> row = rows.next(); row.isPresent(); row = rows.next()) {
                all.add(row.get());
            }
            return new CsvTable(rows.header(), all);
        } catch (TextFile.Unreadable e) {
            throw e;
        } catch (IOException impossible) {
            throw new IllegalStateException("A text in memory is always readable.", impossible);
        }
    }

    /** One row as text, with the line's end; cells are quoted where they must be. */
    public static String line(List<String> cells) {
        try {
            return WRITER.writeValueAsString(cells.toArray(new String[0]));
        } catch (JsonProcessingException impossible) {
            throw new IllegalStateException("Texts can always be written.", impossible);
        }
    }

    /** Rows one after another, of a file of any length. For one thread. */
    public static final class Rows implements Closeable {

        private final MappingIterator<String[]> records;
        private final List<String> header;

        /** Reads the header; throws where that is malformed or {@code text} cannot be read. */
        public Rows(Reader text) throws IOException {
            records = READER.readValues(text);
            header = next(List.of()).map(Row::cells).orElse(List.of());
        }

        public List<String> header() {
            return header;
        }

        /** The next row that is not blank; empty at the end. */
        public Optional<Row> next() throws IOException {
            return next(header);
        }

        private Optional<Row> next(List<String> columns) throws IOException {
            while (true) {
                int line = records.getCurrentLocation().getLineNr();
                try {
                    if (!records.hasNextValue()) {
                        return Optional.empty();
                    }
                    List<String> cells = Arrays.asList(records.nextValue());
                    if (!cells.stream().allMatch(String::isBlank) || cells.size() > 1) {
                        return Optional.of(new Row(line, cells, columns));
                    }
                } catch (JacksonException malformed) {
                    throw new TextFile.Unreadable(line, "The row is malformed: " + sentence(malformed) + ".");
                }
            }
        }

        private static String sentence(JacksonException malformed) {
            JsonLocation at = (JsonLocation) malformed.getLocation();
            return malformed.getOriginalMessage() + (at == null ? "" : " (in line " + at.getLineNr() + ")");
        }

        @Override
        public void close() throws IOException {
            records.close();
        }
    }
}
