package dev.scepsy.planner.serve.web;

import dev.scepsy.planner.serve.journal.Pin;
import dev.scepsy.planner.serve.loop.Operations;
import dev.scepsy.planner.serve.loop.Operations.BadRequestException;
import dev.scepsy.planner.serve.loop.Operations.ConflictException;
import dev.scepsy.planner.serve.loop.Operations.UnknownException;
import dev.scepsy.planner.serve.settings.Role;
import dev.scepsy.planner.serve.settings.ServiceTime;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The addresses that decide something, and the one that only asks what if. */
final class Decisions {

    private static final int MOST_GPUS_OF_A_NODE = 1_024;
    private static final int MOST_TENSOR_PARALLEL = 1_024;
    private static final int MOST_REPLICAS = 100_000;
    private static final double LARGEST_RATE = 1e9;

    private final Operations operations;
    private final ServiceTime time;

    Decisions(Operations operations, ServiceTime time) {
        this.operations = operations;
        this.time = time;
    }

    /** Whether it changes nothing. */
    static boolean onlyAsks(Route route, Exchange exchange) {
        return route.template().endsWith("/proposals") && exchange.body().hasNonNull("whatIf");
    }

    Answer propose(Exchange exchange) throws ConflictException, BadRequestException {
        exchange.query().check();
        Given given = new Given(exchange.body());
        Given question = given.object("whatIf");
        if (question != null) {
            return whatIf(exchange, given, question);
        }
        if (exchange.body().hasNonNull("whatIf")) {
            given.check();
        }
        exchange.caller().mustBe(Role.OPERATOR);
        Map<String, Double> targets = targets(given);
        String reason = given.reason();
        given.check();
        return Answer.json(201, operations.plan(exchange.caller().actor(), targets, reason));
    }

    private Answer whatIf(Exchange exchange, Given given, Given question)
            throws ConflictException, BadRequestException {
        Operations.WhatIfQuestion asked = new Operations.WhatIfQuestion(
                targets(question),
                question.numbers("limits", limit -> limit > 0, "of seconds above 0"),
                question.integers("gpus", 0, MOST_GPUS_OF_A_NODE),
                question.texts("without"),
                question.numbers("faster", factor -> factor > 0, "above 0: the factor on the model's speed"));
        question.only();
        given.check();
        return Answer.json(200, operations.whatIf(exchange.caller().session(), asked));
    }

    private static Map<String, Double> targets(Given given) {
        return given.numbers(
                "targets", rate -> rate >= 0 && rate <= LARGEST_RATE, "of executions per second from 0 to 1e9");
    }

    Answer approve(Exchange exchange) throws ConflictException, UnknownException {
        String reason = onlyReason(exchange);
        return Answer.json(200, operations.approve(exchange.caller().actor(), exchange.of("id"), reason));
    }

    Answer reject(Exchange exchange) throws ConflictException, UnknownException {
        String reason = onlyReason(exchange);
        return Answer.json(200, operations.reject(exchange.caller().actor(), exchange.of("id"), reason));
    }

    /** 202: it is decided and durable, and the push runs on. */
    Answer rollBack(Exchange exchange) throws ConflictException {
        String reason = onlyReason(exchange);
        return Answer.json(202, operations.rollBack(exchange.caller().actor(), reason));
    }

    Answer pin(Exchange exchange) throws ConflictException, UnknownException, BadRequestException {
        exchange.query().check();
        Given given = new Given(exchange.body());
        Instant now = time.instant();
        Pin wanted = new Pin(
                model(exchange),
                given.text("gpu", WebLimits.MOST_NAME_CHARACTERS),
                given.number("gpuFraction", fraction -> fraction > 0 && fraction <= 1, "above 0, at most 1"),
                given.integer("tensorParallel", 1, MOST_TENSOR_PARALLEL),
                given.integer("replicas", 1, MOST_REPLICAS),
                exchange.caller().actor().name(),
                given.reason(),
                now,
                given.until("until", now));
        given.check();
        return Answer.json(200, operations.pin(exchange.caller().actor(), wanted));
    }

    Answer unpin(Exchange exchange) throws UnknownException {
        String reason = onlyReason(exchange);
        operations.unpin(exchange.caller().actor(), model(exchange), reason);
        return Answer.NOTHING;
    }

    private static String model(Exchange exchange) {
        String model = exchange.of("model");
        if (model.length() > WebLimits.MOST_NAME_CHARACTERS) {
            throw Refusal.bad(
                    List.of("The path's model must have at most " + WebLimits.MOST_NAME_CHARACTERS + " characters."));
        }
        return model;
    }

    Answer freeze(Exchange exchange) throws BadRequestException {
        exchange.query().check();
        Given given = new Given(exchange.body());
        String reason = given.reason();
        Instant until = given.until("until", time.instant());
        given.check();
        return Answer.json(200, operations.freeze(exchange.caller().actor(), reason, until));
    }

    Answer unfreeze(Exchange exchange) throws UnknownException {
        operations.unfreeze(exchange.caller().actor(), onlyReason(exchange));
        return Answer.NOTHING;
    }

    /** The GPUs of a node may be used again. */
    Answer trust(Exchange exchange) throws UnknownException {
        String reason = onlyReason(exchange);
        operations.trust(exchange.caller().actor(), exchange.of("node"), reason);
        return Answer.NOTHING;
    }

    private static @Nullable String onlyReason(Exchange exchange) {
        exchange.query().check();
        Given given = new Given(exchange.body());
        String reason = given.reason();
        given.check();
        return reason;
    }
}
