package dev.scepsy.planner.cli;

import dev.scepsy.planner.search.explain.WhatIf;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import picocli.CommandLine.Option;

/** Changes to plan again with; {@code @Mixin} of {@code plan}. */
final class WhatIfOptions {

    @Option(
            names = "--what-if",
            paramLabel = "CHANGE",
            description = "Change to plan with as well, the difference is printed: load*2, gpus+8, without=MODEL,"
                    + " tensorParallel(MODEL)=4. May be repeated.")
    private List<String> written = new ArrayList<>();

    /** The changes by what was written, in that order; those that {@link #wrong} complains of are missing. */
    Map<String, WhatIf> changes() {
        Map<String, WhatIf> changes = new LinkedHashMap<>();
        written.forEach(text -> WhatIf.parse(text).ifPresent(change -> changes.put(text, change)));
        return changes;
    }

    /** What is wrong with them on a problem of these names, one sentence each. */
    List<String> wrong(KnownNames known) {
        List<String> wrong = new ArrayList<>();
        for (int i = 0; i < written.size(); i++) {
            String text = written.get(i);
            if (written.indexOf(text) < i) {
                wrong.add("The --what-if (" + text + ") is given twice.");
                continue;
            }
            WhatIf.parse(text)
                    .map(change -> wrong(text, change, known))
                    .orElseGet(() -> Optional.of("The --what-if (" + text
                            + ") must be load*FACTOR, gpus+N, without=MODEL or tensorParallel(MODEL)=T."))
                    .ifPresent(wrong::add);
        }
        return wrong;
    }

    private static Optional<String> wrong(String text, WhatIf change, KnownNames known) {
        Optional<String> model = change.model();
        if (model.isPresent()
                && known.models().isPresent()
                && !known.models().get().contains(model.get())) {
            return Optional.of("The --what-if (" + text + ") names a model that no workflow calls. It is one of "
                    + known.models().get() + ".");
        }
        if (change instanceof WhatIf.ScaledLoad scaled && !(scaled.factor() > 0)) {
            return Optional.of("The factor of --what-if (" + text + ") must be above 0.");
        }
        if (change instanceof WhatIf.MoreGpus more
                && more.gpu().isPresent()
                && known.gpus().isPresent()
                && !known.gpuNames().contains(more.gpu().get())) {
            return Optional.of("The --what-if (" + text + ") names a GPU type that no node of the cluster has."
                    + " It has " + known.gpuNames() + ".");
        }
        return Optional.empty();
    }
}
