package dev.scepsy.javaagent.doctor;

import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;

/**
 * From what an agent publishes to what keeps its spans from showing up, in the order in which things can go wrong: not there,
 * switched off, not started, nothing to trace, not sampled, not exported by us, not delivered. Immutable.
 */
final class Diagnosis {

    /** LangChain4j is there, and the agent has not come to say more. */
    static final String STARTING = "starting";

    private final UnaryOperator<String> probe;

    /** @param probe asks an endpoint; gives the problem, empty when there is none */
    Diagnosis(UnaryOperator<String> probe) {
        this.probe = probe;
    }

    /** Lines for people: first what is, then what to do. */
    List<String> of(Patient patient) {
        Facts facts = patient.facts();
        List<String> lines = new ArrayList<>();
        lines.add("Java " + facts.java() + ", " + Patient.program(patient.command()));
        if (facts.isEmpty()) {
            lines.add(notHere(patient));
            return lines;
        }
        switch (facts.text("state")) {
            case "off" ->
                lines.add("The Scepsy agent is in this JVM, switched off by scepsy.enabled=false"
                        + " (property or SCEPSY_ENABLED). Remove that and start the JVM anew.");
            case "failed" ->
                lines.add("The Scepsy agent is in this JVM but could not start: " + facts.text("problem")
                        + ". Please report it.");
            case "waiting" -> {
                lines.add("The Scepsy agent (" + facts.text("version") + ") is in this JVM and waits for LangChain4j.");
                lines.add("No LangChain4j class has been loaded: is it on the class path, and has it been used yet?");
            }
            case STARTING -> {
                lines.add("The Scepsy agent (" + facts.text("version")
                        + ") is in this JVM, has seen LangChain4j, and is still starting: it has counted nothing yet.");
                lines.add("Ask again in a few seconds. If this stays so, standard error says why.");
            }
            default -> atWork(facts, lines);
        }
        return lines;
    }

    private static String notHere(Patient patient) {
        if (patient.command().contains("-javaagent:") && patient.command().contains("scepsy")) {
            return "The Scepsy agent is not in this JVM: -javaagent comes after the main class or -jar, where it is an"
                    + " argument of the program. Put it before.";
        }
        if (patient.jvmOptions().contains("scepsy-javaagent")) {
            return "The Scepsy agent is on the command line of this JVM but said nothing: is it another version's jar?";
        }
        return "The Scepsy agent is not in this JVM. Put -javaagent:scepsy-javaagent.jar before -jar.";
    }

    private void atWork(Facts facts, List<String> lines) {
        lines.add("The Scepsy agent (" + facts.text("version") + ") is in this JVM and instrumented "
                + facts.count("classes") + " classes" + inBrackets(facts.text("woven")) + ".");
        lines.add("It saw " + facts.count("seen") + " operations, dropped " + facts.count("dropped") + ", exported "
                + facts.count("exported") + " spans, failed to export " + facts.count("failed") + "; "
                + facts.count("notSampled") + " were not sampled, " + facts.count("joined")
                + " went through the application's OpenTelemetry.");
        lines.add("Spans go to " + facts.text("endpoint") + " as service " + facts.text("service") + "; sampler "
                + facts.text("sampler") + "; planner " + facts.text("planner")
                + (facts.text("out").isEmpty() ? "" : ", statistics in " + facts.text("out")) + ".");
        if (!facts.text("trouble").isEmpty()) {
            lines.add("Modules in trouble or switched off: " + facts.text("trouble")
                    + ". What they do is not traced; standard error says the first failure of each.");
        }
        if (facts.count("dropped") > 0) {
            lines.add("Dropped spans: they came faster than the receiver takes them. Raise OTEL_BSP_MAX_QUEUE_SIZE"
                    + " or sample less; the statistics count them all the same.");
        }
        whyNothingShowsUp(facts, lines);
    }

    private void whyNothingShowsUp(Facts facts, List<String> lines) {
        if (facts.count("seen") == 0) {
            lines.add("No operation has ended yet: has the application called a model since the agent came?"
                    + " A call shows up when it ends.");
        } else if (facts.count("exported") > 0 && facts.text("problem").isEmpty()) {
            lines.add("Spans arrive. If you do not see them: look for service " + facts.text("service")
                    + ", and widen the time range.");
        } else if (facts.count("notSampled") == facts.count("seen")) {
            lines.add("The sampler (" + facts.text("sampler")
                    + ") lets nothing through. Set OTEL_TRACES_SAMPLER=always_on,"
                    + " or a greater OTEL_TRACES_SAMPLER_ARG; the statistics count every call all the same.");
        } else if (facts.count("joined") + facts.count("notSampled") == facts.count("seen")) {
            lines.add("All spans go through the application's own OpenTelemetry (its SDK or agent), which exports them:"
                    + " look at its exporter and endpoint.");
        } else if (facts.text("exporter").equals("none")
                || facts.text("exporter").equals("disabled")) {
            lines.add(
                    facts.text("exporter").equals("none")
                            ? "Export is switched off by OTEL_TRACES_EXPORTER=none. Set it to otlp."
                            : "Export is switched off by OTEL_SDK_DISABLED=true. Remove it.");
        } else if (!facts.text("problem").isEmpty()) {
            lines.add(ExportProblem.inWords(facts.text("endpoint"), facts.text("problem")));
        } else {
            String problem = probe.apply(facts.text("endpoint"));
            lines.add(
                    problem.isEmpty()
                            ? "A receiver answers at " + facts.text("endpoint")
                                    + "; the first spans are on their way (OTEL_BSP_SCHEDULE_DELAY, 5 s by default)."
                            : ExportProblem.inWords(facts.text("endpoint"), problem));
        }
        if (facts.text("protocol").equals("grpc")) {
            lines.add("OTEL_EXPORTER_OTLP_PROTOCOL=grpc is not built in: the agent sends http/protobuf, to port 4318"
                    + " where the address says 4317.");
        }
    }

    private static String inBrackets(String text) {
        return text.isEmpty() ? "" : " (" + text + ")";
    }
}
