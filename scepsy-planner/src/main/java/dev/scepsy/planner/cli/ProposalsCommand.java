package dev.scepsy.planner.cli;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonMappingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.scepsy.planner.serve.journal.PlanEntry;
import dev.scepsy.planner.serve.journal.Proposal;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code scepsy proposals}: what the planner service proposes, and what people decide. */
@Command(
        name = "proposals",
        description = {
            "Shows what the planner service proposes, newest first, and decides on it: approve, reject, go back, pin a"
                    + " model, freeze everything, plan now."
        },
        subcommands = {
            ProposalsCommand.ListThem.class,
            ProposalsCommand.Show.class,
            ProposalsCommand.Approve.class,
            ProposalsCommand.Reject.class,
            ProposalsCommand.PlanNow.class,
            ProposalsCommand.RollBack.class,
            ProposalsFreeze.class,
            ProposalsFreeze.End.class,
            ProposalsPin.class,
            ProposalsPin.End.class
        },
        footer = {
            "",
            "  scepsy proposals",
            "  scepsy proposals show ID",
            "  scepsy proposals approve ID --reason \"agreed with the team\"",
            "  scepsy proposals freeze --for 4h --reason \"release\"",
            "  scepsy proposals --service https://scepsy.example --token-file alice.token",
            "",
            "Exit codes: 0 done, 1 the service failed, 2 bad input, not allowed, no such thing or no service, 4 refused as"
                    + " things stand: the answer says how they stand."
        })
final class ProposalsCommand extends ServiceVerb {

    @Override
    JsonNode ask(ServiceClient client) throws ServiceClient.FailedException, InterruptedException {
        return client.get("/proposals");
    }

    @Override
    void tell(JsonNode answer) throws JsonProcessingException {
        new ProposalText(terminal().out()).list(all(answer));
    }

    private static List<Proposal> all(JsonNode answer) throws JsonProcessingException {
        if (!answer.path("proposals").isArray()) {
            throw JsonMappingException.from((JsonParser) null, "no list of proposals");
        }
        List<Proposal> proposals = new ArrayList<>();
        for (JsonNode each : answer.path("proposals")) {
            proposals.add(value(each, Proposal.class));
        }
        return proposals;
    }

    /** The list, by its name. */
    @Command(
            name = "list",
            mixinStandardHelpOptions = true,
            description = "Lists proposals, newest first; the same as without a verb.")
    static final class ListThem extends ServiceVerb {
        @Override
        JsonNode ask(ServiceClient client) throws ServiceClient.FailedException, InterruptedException {
            return client.get("/proposals");
        }

        @Override
        void tell(JsonNode answer) throws JsonProcessingException {
            new ProposalText(terminal().out()).list(all(answer));
        }
    }

    /** One of them. */
    @Command(
            name = "show",
            mixinStandardHelpOptions = true,
            description = "Shows one proposal: why now, what it brings and costs, what changes, its steps.")
    static final class Show extends ServiceVerb {
        @Parameters(paramLabel = "ID", description = "Id of the proposal.")
        String id = "";

        @Override
        JsonNode ask(ServiceClient client) throws ServiceClient.FailedException, InterruptedException {
            return client.get("/proposals/" + part(id));
        }

        @Override
        void tell(JsonNode answer) throws JsonProcessingException {
            new ProposalText(terminal().out()).show(value(answer, Proposal.class));
        }
    }

    /** A person agrees. */
    @Command(
            name = "approve",
            mixinStandardHelpOptions = true,
            description = "Approves an open proposal: the service applies it and verifies what came of it.")
    static final class Approve extends Decide {
        Approve() {
            super("approve");
        }
    }

    /** A person disagrees. */
    @Command(
            name = "reject",
            mixinStandardHelpOptions = true,
            description = "Rejects an open proposal; it is not made again on the same evidence.")
    static final class Reject extends Decide {
        Reject() {
            super("reject");
        }
    }

    /** What the two have in common. */
    abstract static class Decide extends ServiceVerb {
        private final String decision;

        @Parameters(paramLabel = "ID", description = "Id of the proposal.")
        String id = "";

        @Option(names = "--reason", paramLabel = "TEXT", description = "Recorded with the decision.")
        @Nullable
        String reason;

        Decide(String decision) {
            this.decision = decision;
        }

        @Override
        final JsonNode ask(ServiceClient client) throws ServiceClient.FailedException, InterruptedException {
            return client.change("POST", "/proposals/" + part(id) + "/" + decision, body(reason));
        }

        @Override
        final void tell(JsonNode answer) throws JsonProcessingException {
            Proposal proposal = value(answer, Proposal.class);
            say("Proposal " + proposal.id() + " is " + proposal.state().key() + "."
                    + (proposal.state().underWay()
                            ? " 'scepsy proposals show " + proposal.id() + "' follows it."
                            : ""));
        }
    }

    /** A person asks. */
    @Command(
            name = "plan",
            mixinStandardHelpOptions = true,
            description = "Plans now; what comes of it is proposed and never applied by itself.")
    static final class PlanNow extends ServiceVerb {
        @Option(
                names = "--target",
                paramLabel = "WORKFLOW=RATE",
                description =
                        "Executions per second to plan for (default: as configured and measured). May be repeated.")
        Map<String, Double> targets = new LinkedHashMap<>();

        @Option(names = "--reason", paramLabel = "TEXT", description = "Recorded with the proposal.")
        @Nullable
        String reason;

        @Override
        JsonNode ask(ServiceClient client) throws ServiceClient.FailedException, InterruptedException {
            for (Map.Entry<String, Double> target : targets.entrySet()) {
                if (!(target.getValue() >= 0 && target.getValue() <= 1e6)) {
                    throw new ServiceClient.FailedException(
                            ExitCode.BAD_INPUT,
                            "--target: The rate (" + target.getValue() + ") of " + target.getKey()
                                    + " must lie in [0, 1000000].");
                }
            }
            ObjectNode body = body(reason);
            if (!targets.isEmpty()) {
                ObjectNode rates = body.putObject("targets");
                targets.forEach(rates::put);
            }
            return client.change("POST", "/proposals", body);
        }

        @Override
        void tell(JsonNode answer) throws JsonProcessingException {
            new ProposalText(terminal().out()).show(value(answer, Proposal.class));
        }
    }

    /** Back to the plan before. */
    @Command(
            name = "rollback",
            mixinStandardHelpOptions = true,
            description = "Goes back to the plan that served before; the service does it step by step.")
    static final class RollBack extends ServiceVerb {
        @Option(names = "--reason", paramLabel = "TEXT", description = "Recorded with the decision.")
        @Nullable
        String reason;

        @Override
        JsonNode ask(ServiceClient client) throws ServiceClient.FailedException, InterruptedException {
            return client.change("POST", "/rollback", body(reason));
        }

        @Override
        void tell(JsonNode answer) throws JsonProcessingException {
            PlanEntry entry = value(answer, PlanEntry.class);
            say("Going back: plan " + entry.id() + " is " + entry.state().key() + ".");
        }
    }
}
