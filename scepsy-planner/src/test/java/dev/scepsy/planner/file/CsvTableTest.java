package dev.scepsy.planner.file;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;

class CsvTableTest {

    @Test
    void quotedCellsHoldCommasQuotesAndLineEnds() throws TextFile.Unreadable {
        CsvTable table = CsvTable.of("name , value\r\n\"a,b\", 1\n\n\"say \"\"x\"\"\nand y\",2\n3\n");

        assertThat(table.header()).containsExactly("name", "value");
        assertThat(table.rows())
                .extracting(CsvTable.Row::line, CsvTable.Row::cells)
                .containsExactly(
                        org.assertj.core.groups.Tuple.tuple(2, List.of("a,b", "1")),
                        org.assertj.core.groups.Tuple.tuple(4, List.of("say \"x\"\nand y", "2")),
                        org.assertj.core.groups.Tuple.tuple(6, List.of("3")));
        assertThat(table.rows().get(2).cell("value")).isEmpty();
        assertThat(table.rows().get(0).cell("other")).isEmpty();
    }

    @Test
    void aQuoteThatIsNotClosedIsToldWithTheLineItsRowBeginsIn() {
        assertThatThrownBy(() -> CsvTable.of("a,b\n1,2\n3,\"4\n5,6\n"))
                .isInstanceOfSatisfying(TextFile.Unreadable.class, wrong -> {
                    assertThat(wrong.line()).isEqualTo(3);
                    assertThat(wrong.sentence()).contains("Missing closing quote");
                });
    }

    @Test
    void whatIsWrittenIsReadBack() throws TextFile.Unreadable {
        List<String> cells = List.of("plain words", "a,b", "say \"x\"", "", "-1.5", "two\nlines");

        String text = CsvTable.line(List.of("1", "2", "3", "4", "5", "6")) + CsvTable.line(cells);

        assertThat(CsvTable.of(text).rows().get(0).cells()).isEqualTo(cells);
        assertThat(CsvTable.line(List.of("plain words", "-1.5", ""))).isEqualTo("plain words,-1.5,\n");
    }

    @Test
    void nothingIsATableWithoutColumns() throws TextFile.Unreadable {
        assertThat(CsvTable.of("")).isEqualTo(new CsvTable(List.of(), List.of()));
    }
}
