package dev.scepsy.planner.serve.web;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.scepsy.planner.serve.settings.Actor;
import dev.scepsy.planner.serve.settings.Role;
import dev.scepsy.planner.serve.settings.ServiceTime;
import dev.scepsy.planner.serve.web.Running.Reply;
import java.io.IOException;
import java.net.InetAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Who may do what, by which name, from which page. */
class AccessTest {

    private Running running;

    @BeforeEach
    void start() throws IOException {
        running = Running.guarded();
    }

    @AfterEach
    void stop() {
        running.close();
    }

    @Test
    void everyAddressAsksForItsRole() {
        List<String> wrong = new ArrayList<>();
        for (Route route : running.server.routes()) {
            if (route.template().contains("session") || route.template().equals(Addresses.EVENTS)) {
                continue;
            }
            for (String token : List.of("", "nobody-token", "sender-token", "viewer-token", "operator-token")) {
                int status = ask(route, token).status();
                int expected = expected(route, token);
                boolean right = expected == 200
                        ? status < 401 || status > 403
                        : status == expected || (token.equals("nobody-token") && status == 429);
                if (!right) {
                    wrong.add(route.method() + " " + route.template() + " with " + token + ": " + status);
                }
            }
        }
        assertThat(wrong).isEmpty();
        assertThat(running.operations.asked).allMatch(asked -> asked.contains(" ann"));
    }

    /** By the contract's words, not by the table in the code: reading needs a viewer, deciding an operator. */
    private static int expected(Route route, String token) {
        boolean open = List.of("/", "/assets/{path*}", "/openapi.json", "/healthz", "/readyz")
                .contains(route.template());
        if (open) {
            return 200;
        }
        boolean reads = route.method().name().equals("GET");
        return switch (token) {
            case "operator-token" -> 200;
            case "viewer-token" -> reads ? 200 : 403;
            case "sender-token" -> 403;
            default -> 401;
        };
    }

    private Reply ask(Route route, String token) {
        String path = route.template()
                .replace("{path*}", "page.css")
                .replace("{id}", route.template().contains("executions") ? FakeObservations.ID : "p-1")
                .replace("{model}", "large")
                .replace("{node}", "node-1");
        String[] headers = token.isEmpty() ? new String[0] : new String[] {"Authorization", Running.bearer(token)};
        return route.changes()
                ? running.change(route.method().name(), path, "{}", headers)
                : running.get(path, headers);
    }

    @Test
    void aRefusalNamesTheRoleAndAChallengeNamesTheScheme() {
        Reply role = running.change("POST", "/api/v1/rollback", "{}", "Authorization", Running.bearer("viewer-token"));
        assertThat(role.json().get("role").textValue()).isEqualTo("operator");
        assertThat(role.json().get("detail").textValue()).contains("eve", "viewer");
        assertThat(running.get("/api/v1/models").header("www-authenticate")).isEqualTo("Bearer realm=\"scepsy\"");
        for (String wrong : List.of("Bearer nobody", "Basic b3BlcmF0b3ItdG9rZW4=", "operator-token", "Bearer")) {
            assertThat(running.get("/api/v1/models", "Authorization", wrong).header("www-authenticate"))
                    .contains("invalid_token");
        }
    }

    @Test
    void whatIfNeedsAViewerAndPlanningAnOperator() {
        String viewer = Running.bearer("viewer-token");
        assertThat(running.change("POST", "/api/v1/proposals", "{\"whatIf\":{}}", "Authorization", viewer)
                        .status())
                .isEqualTo(200);
        assertThat(running.change("POST", "/api/v1/proposals", "{}", "Authorization", viewer)
                        .status())
                .isEqualTo(403);
        assertThat(running.change("POST", "/api/v1/proposals", "{\"whatIf\":null}", "Authorization", viewer)
                        .status())
                .isEqualTo(403);
    }

    @Test
    void failedTokensAreSlowedDownAndValidOnesAreNot() {
        List<Integer> statuses = new ArrayList<>();
        for (int i = 0; i < WebLimits.MOST_FAILURES + 3; i++) {
            statuses.add(running.get("/api/v1/models", "Authorization", Running.bearer("guess-" + i))
                    .status());
        }
        assertThat(statuses.subList(0, WebLimits.MOST_FAILURES)).containsOnly(401);
        assertThat(statuses.subList(WebLimits.MOST_FAILURES, statuses.size())).containsOnly(429);
        assertThat(running.get("/api/v1/models", "Authorization", Running.bearer("viewer-token"))
                        .status())
                .isEqualTo(200);
        assertThat(running.logText())
                .containsOnlyOnce("tokens that are nobody's")
                .doesNotContain("guess-");
    }

    @Test
    void anotherHostIsRefusedUnlessATokenIsShown() throws IOException {
        for (String host : List.of(
                "evil.example",
                "127.0.0.1.evil.example",
                "localhost.evil.example",
                "scepsy.example.evil",
                "[::2]",
                "")) {
            assertThat(raw("GET", "/", host, ""))
                    .as(host)
                    .startsWith("HTTP/1.1 4")
                    .doesNotContain(" 200 ");
            assertThat(raw("GET", "/openapi.json", host, "")).as(host).doesNotContain(" 200 ");
            assertThat(raw(
                            "POST",
                            "/api/v1/session",
                            host,
                            "Content-Type: application/json\r\nX-Scepsy-Request: 1\r\n"))
                    .as(host)
                    .startsWith("HTTP/1.1 4");
        }
        assertThat(raw("GET", "/", "evil.example", "")).startsWith("HTTP/1.1 421");
        for (String host : List.of(
                "localhost",
                "LOCALHOST:1234",
                "127.0.0.1:80",
                "127.1.2.3",
                "[::1]:8844",
                "scepsy.example",
                "Scepsy.Example:443",
                "localhost.")) {
            assertThat(raw("GET", "/", host, "")).as(host).startsWith("HTTP/1.1 200");
        }
        assertThat(raw("GET", "/healthz", "evil.example", "")).startsWith("HTTP/1.1 200");
        assertThat(raw("GET", "/readyz", "evil.example", "")).startsWith("HTTP/1.1 200");
        assertThat(raw("GET", "/api/v1/models", "evil.example", "Authorization: Bearer viewer-token\r\n"))
                .startsWith("HTTP/1.1 200");
        assertThat(raw("GET", "/api/v1/models", "evil.example", "Cookie: " + signIn("viewer-token") + "\r\n"))
                .startsWith("HTTP/1.1 421");
    }

    @Test
    void withoutRulesALoopbackNameIsNeededAllTheSame() throws IOException {
        try (Running open = Running.open()) {
            String request = "GET /api/v1/models HTTP/1.1\r\nHost: %s\r\nConnection: close\r\n%s\r\n";
            assertThat(open.raw(request.formatted("rebound.example", "Authorization: Bearer x\r\n")))
                    .startsWith("HTTP/1.1 421");
            assertThat(open.raw(request.formatted("scepsy.example", ""))).startsWith("HTTP/1.1 421");
            assertThat(open.raw(request.formatted("localhost", ""))).startsWith("HTTP/1.1 200");
        }
    }

    private String raw(String method, String path, String host, String headers) throws IOException {
        return running.raw(method + " " + path + " HTTP/1.1\r\nHost: " + host + "\r\nConnection: close\r\n" + headers
                + (method.equals("GET") ? "" : "Content-Length: 0\r\n") + "\r\n");
    }

    @Test
    void aForeignPageMayNotEvenRead() {
        String own = "http://127.0.0.1:" + running.server.address().getPort();
        String token = Running.bearer("operator-token");
        for (String origin : List.of(
                "https://evil.example",
                "null",
                "http://127.0.0.1",
                own + "0",
                "http://localhost:" + running.server.address().getPort(),
                "file://",
                "")) {
            assertThat(running.get("/api/v1/models", "Origin", origin, "Authorization", token)
                            .status())
                    .as(origin)
                    .isEqualTo(403);
            Reply change = running.change("PUT", "/api/v1/freeze", "{}", "Origin", origin, "Authorization", token);
            assertThat(change.status()).as(origin).isEqualTo(403);
            assertThat(change.header("access-control-allow-origin")).isEmpty();
        }
        assertThat(running.get("/api/v1/models", "Origin", own, "Authorization", token)
                        .status())
                .isEqualTo(200);
        assertThat(running.operations.asked).isEmpty();
    }

    @Test
    void aRequestThatAFormCouldSendChangesNothing() {
        String token = Running.bearer("operator-token");
        for (String type : List.of(
                "text/plain",
                "application/x-www-form-urlencoded",
                "application/jsonp",
                "multipart/form-data; x=application/json")) {
            assertThat(running.send(
                                    "PUT",
                                    "/api/v1/freeze",
                                    "{}",
                                    "Content-Type",
                                    type,
                                    "X-Scepsy-Request",
                                    "1",
                                    "Authorization",
                                    token)
                            .status())
                    .as(type)
                    .isEqualTo(415);
        }
        assertThat(running.send("DELETE", "/api/v1/freeze", null, "X-Scepsy-Request", "1", "Authorization", token)
                        .status())
                .isEqualTo(415);
        Reply bare =
                running.send("PUT", "/api/v1/freeze", "{}", "Content-Type", "application/json", "Authorization", token);
        assertThat(bare.status()).isEqualTo(403);
        assertThat(bare.json().get("detail").textValue()).contains("X-Scepsy-Request: 1");
        assertThat(running.send(
                                "PUT",
                                "/api/v1/freeze",
                                "{}",
                                "Content-Type",
                                "Application/JSON; charset=utf-8",
                                "X-Scepsy-Request",
                                "1",
                                "Authorization",
                                token)
                        .status())
                .isEqualTo(200);
        assertThat(running.change("PUT", "/api/v1/freeze", "{}", "Authorization", token, "Content-Encoding", "gzip")
                        .status())
                .isEqualTo(415);
        assertThat(running.operations.asked).hasSize(1);
    }

    private String signIn(String token) {
        Reply reply = running.change("POST", "/api/v1/session", "{\"token\":\"" + token + "\"}");
        assertThat(reply.status()).isEqualTo(200);
        String cookie = reply.header("set-cookie");
        assertThat(cookie)
                .startsWith("scepsy_session=")
                .endsWith("; Path=/; Max-Age=43200; HttpOnly; SameSite=Strict")
                .doesNotContain(token);
        return cookie.substring(0, cookie.indexOf(';'));
    }

    @Test
    void aPageExchangesATokenForACookieThatEndsWhenItShould() {
        String viewer = signIn("viewer-token");
        String operator = signIn("operator-token");
        Reply who = running.get("/api/v1/session", "Cookie", "theme=dark; " + viewer);
        assertThat(who.json().get("name").textValue()).isEqualTo("eve");
        assertThat(who.json().get("role").textValue()).isEqualTo("viewer");
        assertThat(running.change("PUT", "/api/v1/freeze", "{}", "Cookie", viewer)
                        .status())
                .isEqualTo(403);
        assertThat(running.change("PUT", "/api/v1/freeze", "{}", "Cookie", operator)
                        .status())
                .isEqualTo(200);

        Reply ended = running.change("DELETE", "/api/v1/session", "", "Cookie", viewer);
        assertThat(ended.status()).isEqualTo(204);
        assertThat(ended.header("set-cookie")).contains("Max-Age=0");
        assertThat(running.get("/api/v1/models", "Cookie", viewer).status()).isEqualTo(401);

        running.tokens.remove("operator-token");
        assertThat(running.get("/api/v1/models", "Cookie", operator).status()).isEqualTo(401);
        running.tokens.putAll(Running.TOKENS);
        assertThat(running.get("/api/v1/models", "Cookie", operator).status()).isEqualTo(401);

        String again = signIn("operator-token");
        running.now.updateAndGet(now -> now.plus(Duration.ofHours(12)).minusSeconds(1));
        assertThat(running.get("/api/v1/models", "Cookie", again).status()).isEqualTo(200);
        running.now.updateAndGet(now -> now.plusSeconds(1));
        assertThat(running.get("/api/v1/models", "Cookie", again).status()).isEqualTo(401);
        assertThat(running.get("/api/v1/models", "Cookie", "scepsy_session=guess")
                        .status())
                .isEqualTo(401);
    }

    @Test
    void aCookieFollowsItsTokensRole() {
        String cookie = signIn("viewer-token");
        running.tokens.put("viewer-token", new Actor("eve", Role.OPERATOR));
        assertThat(running.change("PUT", "/api/v1/freeze", "{}", "Cookie", cookie)
                        .status())
                .isEqualTo(200);
        running.tokens.put("viewer-token", new Actor("eve", Role.SENDER));
        assertThat(running.get("/api/v1/models", "Cookie", cookie).status()).isEqualTo(403);
    }

    @Test
    void aSessionNeedsATokenThatMayRead() throws IOException {
        assertThat(running.change("POST", "/api/v1/session", "{\"token\":\"nobody\"}")
                        .status())
                .isEqualTo(401);
        assertThat(running.change("POST", "/api/v1/session", "{\"token\":\"sender-token\"}")
                        .status())
                .isEqualTo(403);
        assertThat(running.change("POST", "/api/v1/session", "{}").status()).isEqualTo(400);
        assertThat(running.send("POST", "/api/v1/session", "{\"token\":\"viewer-token\"}")
                        .status())
                .isEqualTo(415);
        try (Running open = Running.open()) {
            assertThat(open.change("POST", "/api/v1/session", "{\"token\":\"x\"}")
                            .status())
                    .isEqualTo(409);
            assertThat(open.get("/api/v1/session").json().get("name").textValue())
                    .isEqualTo("local");
        }
    }

    @Test
    void everyAnswerTellsBrowsersToRunFrameGuessAndKeepNothing() {
        for (Reply reply : List.of(
                running.get("/api/v1/models", "Authorization", Running.bearer("viewer-token")),
                running.get("/api/v1/models"),
                running.get("/nothing"),
                running.get("/healthz"))) {
            assertThat(reply.header("content-security-policy")).isEqualTo("default-src 'none'; frame-ancestors 'none'");
            assertThat(reply.header("x-content-type-options")).isEqualTo("nosniff");
            assertThat(reply.header("referrer-policy")).isEqualTo("no-referrer");
            assertThat(reply.header("cache-control")).isEqualTo("no-store");
            assertThat(reply.header("server")).isEmpty();
        }
    }

    @Test
    void withoutRulesOnlyLoopbackIsListenedOn() throws IOException {
        var anywhere = Running.settings(false, InetAddress.getByName("0.0.0.0"));
        var shown = new WebServer.Shown(
                running.observations, running.observations, running.operations, running.journal, () -> "");
        assertThatThrownBy(() -> WebServer.start(
                        anywhere, Optional.empty(), Optional.empty(), shown, ServiceTime.WALL, running.log))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("loopback");
    }
}
