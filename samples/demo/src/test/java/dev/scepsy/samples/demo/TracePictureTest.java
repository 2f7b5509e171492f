package dev.scepsy.samples.demo;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TracePictureTest {

    @TempDir
    Path folder;

    @Test
    void drawsModelCallsInTheColourOfTheirModel() throws Exception {
        Path traces = Files.writeString(
                folder.resolve("traces.jsonl"), TracesTest.request("a", 2_000_000_000L, 4_500_000_000L, 0));
        Path picture = folder.resolve("trace.svg");

        TracePicture.draw(traces, picture);

        assertThat(Files.readString(picture))
                .contains("chat executor", "2.50 s", "#3b6fb6", "Drawn by samples/demo TracePicture");
        assertThat(DocumentBuilderFactory.newInstance().newDocumentBuilder().parse(picture.toFile()))
                .isNotNull();
    }

    @Test
    void drawsNothingOfNoTraces() throws IOException {
        Path picture = folder.resolve("trace.svg");
        TracePicture.draw(Files.writeString(folder.resolve("traces.jsonl"), ""), picture);
        assertThat(picture).doesNotExist();
    }
}
