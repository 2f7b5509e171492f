package dev.scepsy.planner.serve.store;

import dev.scepsy.planner.file.WholeFile;
import dev.scepsy.planner.serve.journal.Documents;
import dev.scepsy.planner.serve.journal.Journal;
import dev.scepsy.planner.serve.journal.PlanEntry;
import dev.scepsy.planner.serve.journal.ServiceEvent;
import dev.scepsy.planner.serve.journal.Store;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Everything that the journal holds, as files, so that nobody is locked in. */
public final class Export {

    private Export() {}

    /**
     * Writes {@code proposals.json}, {@code plans.json}, {@code pins.json}, {@code freeze.json} ({@code {}}: none), {@code events.jsonl}, and of each
     * plan {@code plan-ID.json}, which {@code predict}, {@code simulate} and {@code apply} take, into {@code folder}, which is made where it is not there. Older files of these names are replaced.
     *
     * @return what was written, in that order
     * @throws IOException if a file cannot be written
     * @throws dev.scepsy.planner.serve.journal.StoreException if the store cannot be read
     */
    public static List<Path> write(Store store, Path folder) throws IOException {
        Journal journal = store.journal();
        Files.createDirectories(folder);
        List<Path> written = new ArrayList<>();
        List<PlanEntry> plans = journal.plans(Integer.MAX_VALUE);
        written.add(put(folder, "proposals.json", array(journal.proposals(Integer.MAX_VALUE))));
        written.add(put(folder, "plans.json", array(plans)));
        written.add(put(folder, "pins.json", array(journal.pins())));
        written.add(put(
                folder,
                "freeze.json",
                Documents.text(journal.freeze().<Object>map(freeze -> freeze).orElse(Map.of())) + "\n"));
        StringBuilder events = new StringBuilder();
        for (ServiceEvent event : journal.eventsAfter(0)) {
            events.append(Documents.text(event)).append('\n');
        }
        written.add(put(folder, "events.jsonl", events.toString()));
        for (PlanEntry plan : plans) {
            written.add(
                    put(folder, "plan-" + safe(plan.id()) + ".json", plan.plan().toPrettyString() + "\n"));
        }
        return List.copyOf(written);
    }

    /** An element a line. */
    private static String array(List<?> values) {
        StringBuilder text = new StringBuilder("[");
        String before = "\n";
        for (Object value : values) {
            text.append(before).append(Documents.text(value));
            before = ",\n";
        }
        return text.append("\n]\n").toString();
    }

    private static Path put(Path folder, String name, String text) throws IOException {
        Path file = folder.resolve(name);
        WholeFile.write(file, text);
        return file;
    }

    /** Ids are plain; whatever they are, they lead to no other folder. */
    private static String safe(String id) {
        return id.matches("[A-Za-z0-9][A-Za-z0-9._-]{0,100}")
                ? id
                : Stored.digest(id).substring(1);
    }
}
