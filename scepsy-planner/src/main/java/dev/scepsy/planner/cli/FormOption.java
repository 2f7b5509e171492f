package dev.scepsy.planner.cli;

import dev.scepsy.planner.problem.PipelineForm;
import java.util.Locale;
import java.util.Optional;
import picocli.CommandLine.Option;

/** Which sum of model latencies is meant; {@code @Mixin} of the verbs that predict. */
final class FormOption {

    @Option(
            names = "--form",
            defaultValue = "critical-path",
            paramLabel = "FORM",
            description = "Form of the latency: critical-path (measured sequential calls and the time outside"
                    + " models) or published (calls over parallelism) (default: ${DEFAULT-VALUE}).")
    private String written = "critical-path";

    /** The form; empty when what was written is none, which {@link #wrong} says. */
    Optional<PipelineForm> form() {
        for (PipelineForm form : PipelineForm.values()) {
            if (form.name().toLowerCase(Locale.ROOT).replace('_', '-').equals(written)) {
                return Optional.of(form);
            }
        }
        return Optional.empty();
    }

    String wrong() {
        return "The --form (" + written + ") must be critical-path or published.";
    }
}
