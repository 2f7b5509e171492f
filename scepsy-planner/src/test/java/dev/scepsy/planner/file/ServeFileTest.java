package dev.scepsy.planner.file;

import static org.assertj.core.api.Assertions.assertThat;

import dev.scepsy.planner.serve.settings.ServeSettings;
import dev.scepsy.planner.serve.settings.ServeSettings.Mode;
import dev.scepsy.planner.serve.settings.ServeSettings.TriggerKind;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.DayOfWeek;
import java.time.Duration;
import java.time.LocalTime;
import java.time.ZoneId;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** {@code serve.yaml} means what the contract says, and what is wrong in it is told with its line and a remedy, all at once. */
class ServeFileTest {

    @TempDir
    Path folder;

    @BeforeEach
    void filesBesideIt() {
        var unused = ContractExamples.besideServe(folder.resolve("serve.yaml"));
    }

    @Test
    void readsTheContractsExample() {
        ServeSettings settings = legal(ContractExamples.SERVE.replace("http://...", "http://chat.example/hook"));

        assertThat(settings.listen().web()).isEqualTo(new InetSocketAddress("127.0.0.1", 8844));
        assertThat(settings.forward()).containsExactly(URI.create("http://127.0.0.1:14318"));
        assertThat(settings.cluster().orElseThrow().file()).hasValue(folder.resolve("cluster.yaml"));
        assertThat(settings.cluster().orElseThrow().namespace()).hasValue("models");
        assertThat(settings.models()).isEqualTo(folder.resolve("models.yaml"));
        assertThat(settings.targets().get("research").perSecond()).hasValue(0.5);
        assertThat(settings.targets().get("research").latencyLimitSeconds()).hasValue(30);
        assertThat(settings.replan().quietHours())
                .containsExactly(new ServeSettings.QuietHours(
                        EnumSet.range(DayOfWeek.MONDAY, DayOfWeek.FRIDAY),
                        LocalTime.of(8, 0),
                        LocalTime.of(18, 0),
                        ZoneId.of("Europe/Berlin")));
        assertThat(settings.webhook()).hasValue(URI.create("http://chat.example/hook"));
        assertThat(settings.traceLink()).hasValue("http://jaeger/trace/{traceId}");
        ServeSettings.Access access = settings.access().orElseThrow();
        assertThat(access.hosts()).containsExactly("scepsy.example");
        assertThat(access.tls().orElseThrow().key()).isEqualTo(folder.resolve("key.pem"));
    }

    /** Every default of the contract, and only those. */
    @Test
    void onlyModelsMustBeSaid() {
        ServeSettings settings = legal("models: models.yaml");

        assertThat(settings)
                .isEqualTo(new ServeSettings(
                        new ServeSettings.Listen(
                                new InetSocketAddress("127.0.0.1", 4317),
                                new InetSocketAddress("127.0.0.1", 4318),
                                new InetSocketAddress("127.0.0.1", 8844)),
                        List.of(),
                        Optional.empty(),
                        folder.resolve("models.yaml"),
                        Optional.empty(),
                        new ServeSettings.StoreSettings(
                                "jdbc:h2:file:" + folder.resolve("scepsy-data/scepsy"), Optional.empty()),
                        new ServeSettings.StatisticsSettings(
                                Duration.ofHours(24),
                                30,
                                Duration.ofSeconds(10),
                                Duration.ofMinutes(15),
                                100_000,
                                1,
                                "default"),
                        200,
                        new ServeSettings.EngineSettings(Duration.ofSeconds(5), List.of()),
                        Map.of(),
                        new ServeSettings.TargetDefaults(0.95, Duration.ofMinutes(5), 1.2),
                        new ServeSettings.Replan(
                                Mode.OBSERVE,
                                EnumSet.allOf(TriggerKind.class),
                                0.1,
                                Duration.ofMinutes(30),
                                8,
                                0,
                                new ServeSettings.Verify(Duration.ofMinutes(10), 0.25, true),
                                List.of()),
                        Optional.empty(),
                        Optional.empty(),
                        Optional.empty()));
    }

    @Test
    void everyKeyCanBeGivenAnotherValue() {
        ServeSettings settings = legal("""
                listen: {otlpGrpc: "[::1]:0", otlpHttp: 14318, web: "localhost:18844"}
                cluster: {kubernetes: {}}
                models: models.yaml
                store: jdbc:postgresql://db.example:5432/scepsy?sslmode=verify-full
                storePasswordFile: key.pem
                statistics: {window: 1h30m, requiredExecutions: 10, settle: 0s, open: 90s, openExecutions: 7, samplingRatio: 0.25}
                traces: {root: "span:GET /ask"}
                executions: {keep: 0}
                engines: {scrapeEvery: 500ms, endpoints: [{model: m, url: "http://10.0.0.5:8000"}]}
                targets: {default: {quantile: 1, bin: 1m, headroom: 1}}
                replan:
                  mode: apply
                  triggers: {rate: false}
                  minimumGain: 0
                  cooldown: 0s
                  maximumMoves: 1
                  verify: {after: 1m, tolerance: 0, goBack: false}
                  quietHours:
                    - {days: [sat-mon, Wednesday], from: "22:00", to: "06:00", zone: UTC}
                x-note: mine
                """);

        assertThat(settings.listen().otlpHttp().getPort()).isEqualTo(14318);
        assertThat(settings.cluster().orElseThrow().namespace()).hasValue("");
        assertThat(settings.store().url()).isEqualTo("jdbc:postgresql://db.example:5432/scepsy?sslmode=verify-full");
        assertThat(settings.store().passwordFile()).hasValue(folder.resolve("key.pem"));
        assertThat(settings.statistics())
                .isEqualTo(new ServeSettings.StatisticsSettings(
                        Duration.ofMinutes(90), 10, Duration.ZERO, Duration.ofSeconds(90), 7, 0.25, "span:GET /ask"));
        assertThat(settings.executionsKept()).isZero();
        assertThat(settings.engines().scrapeEvery()).isEqualTo(Duration.ofMillis(500));
        assertThat(settings.engines().endpoints())
                .containsExactly(new ServeSettings.Endpoint("m", URI.create("http://10.0.0.5:8000")));
        assertThat(settings.targetDefaults()).isEqualTo(new ServeSettings.TargetDefaults(1, Duration.ofMinutes(1), 1));
        assertThat(settings.replan().mode()).isEqualTo(Mode.APPLY);
        assertThat(settings.replan().triggers())
                .containsExactlyInAnyOrder(TriggerKind.DRIFT, TriggerKind.QUEUE, TriggerKind.CLUSTER);
        assertThat(settings.replan().verify()).isEqualTo(new ServeSettings.Verify(Duration.ofMinutes(1), 0, false));
        assertThat(settings.replan().quietHours().get(0).days())
                .containsExactlyInAnyOrder(DayOfWeek.SATURDAY, DayOfWeek.SUNDAY, DayOfWeek.MONDAY, DayOfWeek.WEDNESDAY);
    }

    @Test
    void tenMistakesAreToldTogetherEachWithItsLineAndARemedy() {
        assertThat(problems("""
                listen: {otlpGrpc: "0.0.0.0:4317", web: "8844x"}
                forward: ["http://127.0.0.1:4318"]
                cluster: {kubernets: {namespace: models}}
                models: missing.yaml
                store: "jdbc:postgresql://scepsy:geheim@db/scepsy"
                statistics: {window: 24, samplingRatio: 2}
                replan:
                  mode: apply
                  cooldown: 30 minutes
                  quietHours: [{days: mon-fry, from: "08:00", to: "24:00"}]
                web: {traceLink: "javascript:alert(1)//{traceId}"}
                forward: []
                """))
                .containsExactly(
                        "1:20: listen.otlpGrpc: The address (0.0.0.0:4317) is open to other machines, and without access"
                                + " whoever reaches it could decide. Make a token (scepsy serve token --name N --role operator"
                                + " --tokens tokens.txt) and add access: {tokens: tokens.txt}, or listen on 127.0.0.1:4317.",
                        "1:41: listen.web: The address (8844x) must be HOST:PORT, such as 127.0.0.1:8844.",
                        "2:11: forward[0]: The endpoint (http://127.0.0.1:4318) is this service's own address: it would send"
                                + " to itself.",
                        "3:10: cluster.file: The cluster needs file (a cluster.yaml), kubernetes, or both. Without a cluster"
                                + " leave the key out: the service then observes.",
                        "3:11: cluster.kubernets: The key (kubernets) is unknown. Maybe kubernetes is meant. Known keys: file,"
                                + " kubernetes; own ones start with x-.",
                        "4:9: models: The models (missing.yaml) cannot be used: There is no such file ("
                                + folder.resolve("missing.yaml") + ").",
                        "5:8: store: The store's address must be without user and password. Say them by SCEPSY_STORE_USER and"
                                + " SCEPSY_STORE_PASSWORD, or storePasswordFile.",
                        "6:22: statistics.window: The window (24) must be a time with its unit (ms, s, m, h, d), such as 24h."
                                + " A number alone does not say whether it means seconds.",
                        "6:41: statistics.samplingRatio: The samplingRatio (2) must lie in (0, 1].",
                        "9:13: replan.cooldown: The cooldown (30 minutes) must be a time with its unit (ms, s, m, h, d), such"
                                + " as 30m.",
                        "10:16: replan.quietHours[0]: The key (zone) is missing.",
                        "10:23: replan.quietHours[0].days: The days (mon-fry) must be a day (mon, tue, wed, thu, fri, sat,"
                                + " sun), a range such as mon-fri, or a list of such.",
                        "10:51: replan.quietHours[0].to: The to (24:00) must be a time of day from \"00:00\" to \"23:59\"."
                                + " Midnight is \"00:00\".",
                        "11:18: web.traceLink: The traceLink (javascript:alert(1)//{traceId}) must be an http or https"
                                + " address, such as http://jaeger:16686/trace/{traceId}.",
                        "12:1: forward: The key (forward) is given twice, first in line 2. Keep one.");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "jdbc:postgresql://db/scepsy?user=me&password=geheim",
                "jdbc:postgresql://me:geheim@db/scepsy",
                "jdbc:postgresql://db/scepsy?sslmode=require&sslpassword=geheim",
                "jdbc:h2:file:./x;USER=sa;PASSWORD=geheim",
                "jdbc:h2:file:./x;password = geheim"
            })
    void aPasswordInTheStoresAddressIsRefusedAndNotRepeated(String store) {
        assertThat(problems("models: models.yaml\nstore: \"" + store + "\""))
                .singleElement()
                .asString()
                .contains("without user and password", "SCEPSY_STORE_PASSWORD")
                .doesNotContain("geheim");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "jdbc:h2:tcp://localhost/x",
                "jdbc:h2:mem:x",
                "jdbc:h2:./x",
                "jdbc:h2:file:",
                "jdbc:h2:file:./x;AUTO_SERVER=TRUE",
                "jdbc:postgresql:scepsy",
                "jdbc:postgresql://db",
                "jdbc:mysql://db/x",
                "x"
            })
    void whatIsNoStoreIsRefused(String store) {
        assertThat(problems("models: models.yaml\nstore: \"" + store + "\"")).hasSize(1);
    }

    @ParameterizedTest
    @CsvSource({
        "http://localhost:4318, own address",
        "http://127.0.0.1:8844/otlp, own address",
        "http://me:secret@jaeger:4318, without user and password",
        "jaeger:4318, must be like",
        "ftp://jaeger, must be like",
        "http://jaeger:4318/v1/traces, without /v1/traces"
    })
    void whatCannotBePassedOnToIsRefused(String target, String why) {
        assertThat(problems("models: models.yaml\nforward: [\"" + target + "\"]"))
                .singleElement()
                .asString()
                .contains("2:11: forward[0]", why);
    }

    @Test
    void applyingNeedsAClusterThatCanBeApplied() {
        assertThat(problems("models: models.yaml\nreplan: {mode: apply}\ncluster: {file: cluster.yaml}"))
                .containsExactly("2:16: replan.mode: The mode (apply) needs cluster.kubernetes: a plan is applied to"
                        + " nothing else. Add it, or use propose.");
        assertThat(problems("models: models.yaml\nreplan: {mode: apply}")).hasSize(1);
    }

    @Test
    void withoutAClusterItObservesAndSaysSoWhereMoreWasAskedFor() {
        Reading<ServeSettings> reading = read("models: models.yaml\nreplan: {mode: propose, cooldown: 1h}");

        assertThat(reading.legalValue().orElseThrow().replan().mode()).isEqualTo(Mode.OBSERVE);
        assertThat(reading.legalValue().orElseThrow().replan().cooldown()).isEqualTo(Duration.ofHours(1));
        assertThat(reading.warnings())
                .singleElement()
                .asString()
                .endsWith("Without cluster there is nothing to plan for: the mode is observe.");
        assertThat(legal("models: models.yaml\ncluster: {file: cluster.yaml}")
                        .replan()
                        .mode())
                .isEqualTo(Mode.PROPOSE);
    }

    @Test
    void withAccessItMayListenForOthersAndIsWarnedOfTokensInTheClear() {
        String text = "models: models.yaml\nlisten: {web: \"0.0.0.0:8844\"}\naccess: {tokens: tokens.txt}";

        Reading<ServeSettings> reading = read(text);

        assertThat(reading.legalValue()
                        .orElseThrow()
                        .listen()
                        .web()
                        .getAddress()
                        .isAnyLocalAddress())
                .isTrue();
        assertThat(reading.warnings()).singleElement().asString().contains(":3:9: access: Without access.tls");
        assertThat(legal(text.replace("tokens.txt}", "tokens.txt, tls: {certificate: cert.pem, key: key.pem}}")))
                .isNotNull();
    }

    @Test
    void twoServersOnOneAddressAreRefused() {
        assertThat(problems("models: models.yaml\nlisten: {web: \"127.0.0.1:4318\"}"))
                .containsExactly(
                        "2:15: listen.web: The address (127.0.0.1:4318) is that of otlpHttp too. Give each a port"
                                + " of its own.");
    }

    @Test
    void tokensThatOthersMayReadAreRefusedWithTheCommandThatHelps() throws IOException {
        Path tokens = folder.resolve("tokens.txt");
        Files.setPosixFilePermissions(tokens, PosixFilePermissions.fromString("rw-r--r--"));

        assertThat(problems("models: models.yaml\naccess: {tokens: tokens.txt}"))
                .singleElement()
                .asString()
                .contains("2:18: access.tokens", "mode 0644", "Run: chmod 600 " + tokens);
    }

    @Test
    void tokensMayBeMissingOnlyForWhoMakesThem() {
        String text = "models: models.yaml\naccess: {tokens: other.txt}";

        assertThat(problems(text)).singleElement().asString().contains("There is no such file");
        assertThat(ServeFile.readBeforeTokens(ContractExamples.file(folder, "serve.yaml", text))
                        .legalValue()
                        .orElseThrow()
                        .access()
                        .orElseThrow()
                        .tokens())
                .isEqualTo(folder.resolve("other.txt"));
    }

    @Test
    void hostsAreNamesAndTlsNeedsBothFiles() {
        assertThat(
                        problems(
                                "models: models.yaml\naccess: {tokens: tokens.txt, hosts: [\"https://a.example\", b.example:443], tls: {certificate: no.pem}}"))
                .hasSize(4)
                .satisfies(
                        problems -> assertThat(problems.get(0)).contains("access.hosts[0]", "without http:// and port"))
                .satisfies(problems -> assertThat(problems.get(2)).contains("The key (key) is missing"))
                .satisfies(problems -> assertThat(problems.get(3)).contains("access.tls.certificate", "no.pem"));
    }

    @ParameterizedTest
    @CsvSource({"24h, 86400000", "1h30m, 5400000", "0.5s, 500", "250ms, 250", "2d, 172800000", "1h2m3s, 3723000"})
    void aTimeHasUnits(String text, long millis) {
        Duration time = ServeValues.time(text).orElseThrow();

        assertThat(time).isEqualTo(Duration.ofMillis(millis));
        assertThat(ServeValues.time(ServeValues.shown(time))).hasValue(time);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "24", "h", "-5m", "5 m", "1m1h", "1s1s", "1e3s", "PT5M", "5min", "1h1h1h1h"})
    void whatHasNoUnitsIsNoTime(String text) {
        assertThat(ServeValues.time(text)).isEmpty();
    }

    private ServeSettings legal(String text) {
        Reading<ServeSettings> reading = read(text);
        assertThat(reading.whyMalformed()).isEmpty();
        assertThat(reading.warnings()).isEmpty();
        return reading.legalValue().orElseThrow();
    }

    /** As printed, without the file's name. */
    private List<String> problems(String text) {
        return read(text).whyMalformed().stream()
                .map(problem -> problem.toString().substring(problem.file().length() + 1))
                .toList();
    }

    private Reading<ServeSettings> read(String text) {
        return ServeFile.read(ContractExamples.file(folder, "serve.yaml", text));
    }
}
