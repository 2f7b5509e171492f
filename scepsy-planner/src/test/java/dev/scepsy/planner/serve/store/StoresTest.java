package dev.scepsy.planner.serve.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import dev.scepsy.planner.serve.journal.Change;
import dev.scepsy.planner.serve.journal.Documents;
import dev.scepsy.planner.serve.journal.ProposalState;
import dev.scepsy.planner.serve.settings.ServeSettings.StoreSettings;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What is asked of addresses and credentials, and what an export has. */
class StoresTest {

    @ParameterizedTest
    @CsvSource({
        "jdbc:mysql://h/d, no database that is known here",
        "h2:file:x, no database that is known here",
        "jdbc:h2:mem:scepsy, would not outlive the service",
        "jdbc:h2:tcp://h/x, not in a file of this machine",
        "jdbc:h2:./x, not in a file of this machine",
        "jdbc:h2:file:, names no file",
        "jdbc:h2:file:x;INIT=RUNSCRIPT FROM 'http://evil', holds settings of H2",
        "jdbc:postgresql:scepsy, names no host and database",
        "jdbc:postgresql://h, names no host and database"
    })
    void otherAddressesAreRefusedWithWhatToDo(String url, String says) {
        assertThatThrownBy(() ->
                        Sources.of(StoreUrl.parse(url), new Stores.Credentials(Optional.empty(), Optional.empty())))
                .isInstanceOfSatisfying(
                        Stores.RefusedException.class,
                        e -> assertThat(e.exitCode()).isEqualTo(2))
                .hasMessageContaining(says)
                .hasMessageStartingWith("store: ");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "jdbc:postgresql://h/d?user=ann&password=correct-horse",
                "jdbc:postgresql://h/d?ssl=true&PASSWORD=correct-horse",
                "jdbc:postgresql://h/d?sslpassword=correct-horse",
                "jdbc:postgresql://ann:correct-horse@h/d",
                "jdbc:h2:file:x;PASSWORD=correct-horse"
            })
    void credentialsInTheAddressAreRefusedAndNotRepeated(String url) {
        assertThatThrownBy(() -> StoreUrl.parse(url))
                .hasMessageContaining("SCEPSY_STORE_PASSWORD")
                .hasMessageNotContaining("correct-horse");
    }

    @Test
    void whatIsShownOfAnAddressHasNoParameters() throws Exception {
        assertThat(StoreUrl.parse("jdbc:postgresql://a,b:5433/d?sslmode=require")
                        .shown())
                .isEqualTo("jdbc:postgresql://a,b:5433/d");
        assertThat(StoreUrl.parse("jdbc:h2:file:./data/scepsy").shown())
                .isEqualTo(Path.of("data/scepsy.mv.db").toAbsolutePath().toString());
    }

    @Test
    void credentialsComeFromTheEnvironmentOrAFileThatOthersCannotRead(@TempDir Path folder) throws Exception {
        Path file = folder.resolve("password");
        Files.writeString(file, "correct horse\n");
        StoreSettings withFile = new StoreSettings("jdbc:h2:file:x", Optional.of(file));
        StoreSettings without = new StoreSettings("jdbc:h2:file:x", Optional.empty());
        Map<String, String> environment = Map.of("SCEPSY_STORE_USER", "ann", "SCEPSY_STORE_PASSWORD", "battery");
        assertThat(Stores.credentials(without, environment))
                .isEqualTo(new Stores.Credentials(Optional.of("ann"), Optional.of("battery")))
                .asString()
                .doesNotContain("battery", "ann");
        assertThat(Stores.credentials(without, Map.of()))
                .isEqualTo(new Stores.Credentials(Optional.empty(), Optional.empty()));
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-r-----"));
        assertThat(Stores.credentials(withFile, Map.of()).password()).contains("correct horse");
        assertThatThrownBy(() -> Stores.credentials(withFile, environment))
                .hasMessageContaining("Leave one of them out");
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-r--r--"));
        assertThatThrownBy(() -> Stores.credentials(withFile, Map.of()))
                .isInstanceOfSatisfying(
                        Stores.RefusedException.class,
                        e -> assertThat(e.exitCode()).isEqualTo(2))
                .hasMessageContaining(file.toString())
                .hasMessageContaining("chmod 600")
                .hasMessageNotContaining("horse");
        StoreSettings missing = new StoreSettings("jdbc:h2:file:x", Optional.of(folder.resolve("none")));
        assertThatThrownBy(() -> Stores.credentials(missing, Map.of())).hasMessageContaining("There is no file");
    }

    @Test
    void anExportHasEverythingAsFilesAndEachPlanAsOneThatOtherVerbsTake(@TempDir Path folder) throws Exception {
        Path out = folder.resolve("out/of/it");
        try (JdbcStore store = Opened.store(Opened.h2(folder))) {
            store.journal()
                    .write(new Change()
                            .proposal(Entries.proposal("p-1", ProposalState.OPEN, "text"))
                            .plan(Entries.plan("a-1", ProposalState.KEPT, "text"))
                            .plan(Entries.plan("../evil", ProposalState.KEPT, "text"))
                            .pin(Entries.pin("critic", "why"))
                            .event(Entries.T0, "step", 1)
                            .event(Entries.T0, "step", 2));
            List<Path> written = Export.write(store, out);
            assertThat(written)
                    .hasSize(7)
                    .allSatisfy(file -> assertThat(file).hasParent(out).exists());
        }
        JsonNode proposals = Documents.parse(Files.readString(out.resolve("proposals.json")));
        assertThat(Documents.mapper().treeToValue(proposals.get(0), dev.scepsy.planner.serve.journal.Proposal.class))
                .isEqualTo(Entries.proposal("p-1", ProposalState.OPEN, "text"));
        assertThat(Documents.parse(Files.readString(out.resolve("plans.json")))).hasSize(2);
        assertThat(Documents.parse(Files.readString(out.resolve("pins.json")))
                        .get(0)
                        .get("model")
                        .asText())
                .isEqualTo("critic");
        assertThat(Files.readString(out.resolve("freeze.json"))).isEqualTo("{}\n");
        assertThat(Files.readAllLines(out.resolve("events.jsonl"))).hasSize(2);
        assertThat(Documents.parse(Files.readString(out.resolve("plan-a-1.json"))))
                .isEqualTo(Documents.parse("{\"gpusUsed\":6.0}"));
    }
}
