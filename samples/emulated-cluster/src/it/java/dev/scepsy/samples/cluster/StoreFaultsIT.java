package dev.scepsy.samples.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * Two planner services, as processes, on one PostgreSQL that goes away, falls silent and comes back; and whose leader is killed, paused beyond its
 * expiry, cut off, ended, or shown another time. Always one leads, and what is under way goes on. Only with {@code -Dscepsy.full=true}: 50 faults, or {@code
 * -Dscepsy.faults=N}; {@code -Dscepsy.seed=N} for another order.
 */
class StoreFaultsIT extends ServiceFaults<StoreFaultsIT.Fault> {

    private static final int FAULTS = Integer.getInteger("scepsy.faults", 50);
    private static final String NAME = "scepsy";

    /** A lease of the leader's, and a try of the stand-by's; then a slow machine. */
    private static final Duration TAKES_OVER = Duration.ofSeconds(120);

    enum Fault {
        STORE_CUT,
        STORE_SILENT,
        STORE_STOPPED,
        LEADER_KILLED,
        LEADER_PAUSED,
        LEADER_CUT_OFF,
        LEADER_STOPPED,
        LEADERS_CLOCK
    }

    /** A service with a network of its own. */
    private record Member(ServiceProcess process, Network network) {}

    private final List<Member> members = new ArrayList<>();
    private EmbeddedPostgres database;
    private Member leader;

    @BeforeEach
    void start() throws Exception {
        assumeTrue(FULL, "NOT RUN: two services on one PostgreSQL; -Dscepsy.full=true runs them");
        try {
            database = database(0);
        } catch (IOException | RuntimeException e) {
            String why = "NOT RUN: no PostgreSQL can be started here (" + e.getMessage() + ")";
            System.out.println(why);
            assumeTrue(false, why);
        }
        try (var connection = database.getPostgresDatabase().getConnection();
                var statement = connection.createStatement()) {
            statement.execute("create database " + NAME);
        }
        cluster = TestClusters.start(TestClusters.config().timeScale(ServiceFolder.TIME_SCALE));
        kubernetes = Engines.client(cluster);
        Instant origin = Instant.now();
        for (String name : List.of("one", "other")) {
            Path own = Files.createDirectory(folder.resolve(name));
            ServiceFolder.write(own);
            Network network = new Network(database.getPort());
            ServiceProcess process = new ServiceProcess(
                    own,
                    cluster.apiServerUrl(),
                    ServiceFolder.yaml("propose", "jdbc:postgresql://127.0.0.1:" + network.port() + "/" + NAME),
                    origin);
            process.variable("SCEPSY_STORE_USER", "postgres");
            members.add(new Member(process, network));
        }
        leader = members.get(0);
        service = leader.process();
        service.start();
        standby().process().launch();
        awaitStandby(standby());
        traces = TraceLoad.start(
                members.stream().map(Member::process).toList(), () -> service.now(), EXECUTIONS_PER_SECOND, SEED);
    }

    private EmbeddedPostgres database(int port) throws IOException {
        EmbeddedPostgres.Builder builder = EmbeddedPostgres.builder()
                .setDataDirectory(folder.resolve("database"))
                .setCleanDataDirectory(false)
                .setOverrideWorkingDirectory(new File(System.getProperty("java.io.tmpdir"), "scepsy-postgres-binaries"))
                .setServerConfig("max_connections", "60")
                .setServerConfig("shared_buffers", "16MB")
                .setPGStartupWait(Duration.ofSeconds(30));
        return (port == 0 ? builder : builder.setPort(port)).start();
    }

    @AfterEach
    void stop() throws Exception {
        for (Member member : members) {
            member.process().close();
            member.network().close();
        }
        if (database != null) {
            database.close();
        }
    }

    @Test
    void oneLeadsAtATimeAndWhatIsUnderWayGoesOn() throws Exception {
        suite(List.of(Fault.values()), FAULTS);
    }

    @Override
    boolean mayStopAPush(Fault fault) {
        return false;
    }

    @Override
    boolean mayFailRequests(Fault fault) {
        return false;
    }

    @Override
    void inject(Fault fault, Random random) throws Exception {
        Member former = leader;
        switch (fault) {
            case STORE_CUT -> {
                members.forEach(member -> member.network().cut());
                withoutStore();
            }
            case STORE_SILENT -> {
                members.forEach(member -> member.network().silence());
                withoutStore();
            }
            case STORE_STOPPED -> {
                database.close();
                withoutStore();
                await("the lead has run out, and no spans are taken", () -> service.sent("{}") == 503);
            }
            case LEADER_KILLED -> {
                former.process().kill();
                mayHaveLost();
                otherLeads();
            }
            case LEADER_STOPPED -> {
                assertThat(former.process().stop()).isEqualTo(143);
                otherLeads();
            }
            case LEADER_PAUSED -> {
                former.process().pause();
                mayHaveLost();
                otherLeads();
                former.process().goOn();
            }
            case LEADER_CUT_OFF -> {
                former.network().cut();
                mayHaveLost();
                otherLeads();
            }
            case LEADERS_CLOCK -> {
                Duration hour = Duration.ofHours(random.nextBoolean() ? 1 : -1);
                jump(hour);
            }
        }
    }

    /** Until it is told to be out of reach: nothing is decided, and what is asked is answered all the same. */
    private void withoutStore() {
        Engines.await("not ready without the store", () -> {
            ServiceProcess.Answer ready = service.get("/readyz");
            return ready.status() == 503 && ready.body().contains("store");
        });
        ServiceProcess.Answer decision =
                service.change("PUT", "/api/v1/freeze", "{\"reason\": \"nobody must find this written\"}");
        assertThat(decision.status()).as(decision.body()).isEqualTo(503);
        ServiceProcess.Answer planned = service.post("/api/v1/proposals", "{}");
        assertThat(planned.status()).as(planned.body()).isIn(409, 503);
        assertThat(service.get("/healthz").status()).isEqualTo(200);
    }

    private void otherLeads() {
        Member next = standby();
        await("the other one leads", () -> next.process().ready());
        leader = next;
        service = next.process();
    }

    @Override
    void heal(Fault fault) throws Exception {
        switch (fault) {
            case STORE_CUT, STORE_SILENT, LEADER_CUT_OFF ->
                members.forEach(member -> member.network().restore());
            case STORE_STOPPED -> database = database(database.getPort());
            default -> {}
        }
        for (Member member : members) {
            if (!member.process().running()) {
                member.process().launch();
            }
        }
        await(
                "one leads",
                () -> members.stream().anyMatch(member -> member.process().ready()));
        Member now = members.stream()
                .filter(member -> member.process().ready())
                .findFirst()
                .orElseThrow();
        if (now != leader) {
            // who loses a race for a lead that ran out has not saved what it took last
            mayHaveLost();
            leader = now;
            service = now.process();
        }
        awaitStandby(standby());
        long taken = traces.acknowledged();
        await("spans are taken again", () -> traces.acknowledged() > taken);
        assertThat(service.get("/api/v1/cluster").json().path("freeze").hasNonNull("reason"))
                .isFalse();
    }

    /** The clock of the leader alone is set right again only after plans have been made and served by it; nobody takes the lead for that. */
    @Override
    void over(Fault fault) {
        if (fault == Fault.LEADERS_CLOCK) {
            assertThat(leader.process().ready()).as(logs()).isTrue();
            jump(Duration.ZERO);
        }
    }

    private Member standby() {
        return members.get(members.indexOf(leader) == 0 ? 1 : 0);
    }

    /** It says so, decides nothing and takes nothing. */
    private void awaitStandby(Member member) {
        await("the other one stands by", () -> {
            try {
                if (!member.process().running()) {
                    // what starts services starts them again where the database did not answer in time
                    member.process().launch();
                }
                ServiceProcess.Answer ready = member.process().get("/readyz");
                return ready.status() == 503
                        && ready.json().path("standby").asBoolean()
                        && ready.body().contains("another service leads");
            } catch (UncheckedIOException notYet) {
                return false;
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        });
        ServiceProcess.Answer decision =
                member.process().change("PUT", "/api/v1/freeze", "{\"reason\": \"nobody must find this written\"}");
        assertThat(decision.status()).as(decision.body()).isEqualTo(503);
        assertThat(member.process().sent("{}")).isEqualTo(503);
    }

    private static void await(String what, java.util.function.BooleanSupplier condition) {
        Engines.await(what, TAKES_OVER, condition);
    }

    @Override
    String logs() {
        StringBuilder all = new StringBuilder();
        members.forEach(member -> all.append(member == leader ? "leader:\n" : "stand-by:\n")
                .append(member.process().log()));
        return all.toString();
    }
}
