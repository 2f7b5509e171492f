package dev.scepsy.planner.cli;

import dev.scepsy.planner.serve.journal.Documents;
import dev.scepsy.planner.serve.journal.ProposalState;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** Tries inputs one after the other, with folders and a server of its own; several lanes work side by side. */
final class FuzzLane implements AutoCloseable {

    private static final long HANGS_AFTER_SECONDS = 60;
    private static final int LONGEST_MESSAGE = 8_000;
    private static final Pattern TRACE = Pattern.compile(
            "\tat |Internal error|Exception|(?<![a-z.])(java|dev\\.scepsy|com\\.fasterxml|org\\.snakeyaml|io\\.fabric8|picocli)\\.[a-z]+\\.|\\.tmp\\b|null pointer");

    private final ExecutorService thread = Executors.newCachedThreadPool(task -> {
        Thread daemon = new Thread(task, "fuzz");
        daemon.setDaemon(true);
        return daemon;
    });
    private final Map<String, byte[]> sound = new LinkedHashMap<>();
    private final Map<String, Integer> outcomes;
    private final List<String> faults;
    private final Path clean;
    private final Path work;
    private final FuzzServer server;

    /** Counts into {@code outcomes} and {@code faults}, which others count into, too. */
    FuzzLane(Path folder, Map<String, Integer> outcomes, List<String> faults) throws IOException {
        this.outcomes = outcomes;
        this.faults = faults;
        clean = Files.createDirectories(folder.resolve("clean"));
        work = Files.createDirectories(folder.resolve("work"));
        sound.putAll(FuzzFiles.all(work));
        for (Map.Entry<String, byte[]> file : sound.entrySet()) {
            Files.write(clean.resolve(file.getKey()), file.getValue());
        }
        Files.write(work.resolve("config.json"), sound.get("config.json"));
        server = new FuzzServer();
        FuzzCluster.serve(server, name -> clean.resolve(name).toString());
        server.put(
                "/api/v3/traces",
                "{\"result\": "
                        + new String(sound.get("research.jsonl"), java.nio.charset.StandardCharsets.UTF_8)
                                .lines()
                                .findFirst()
                                .orElseThrow()
                        + "}");
        String proposal = Documents.text(ProposalsCommandTest.proposal("p", ProposalState.OPEN));
        server.put("/api/v1/proposals/p", proposal);
        server.put("/api/v1/proposals", "{\"proposals\": [" + proposal + "]}");
        server.put("/v1/models", "{\"object\": \"list\", \"data\": [{\"id\": \"m\", \"object\": \"model\"}]}");
        server.put(
                "/v1/chat/completions",
                "data: {\"choices\":[{\"index\":0,\"delta\":{\"role\":\"assistant\",\"content\":\"\"}}]}\n\n"
                        + "data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":\"word \"}}]}\n\n"
                        + "data: {\"choices\":[],\"usage\":{\"prompt_tokens\":10,\"completion_tokens\":4,\"total_tokens\":14}}\n\ndata: [DONE]\n\n");
        server.seal();
    }

    /** Each case as it is: what is sound is accepted. */
    void soundInputs() throws Exception {
        for (FuzzCase each : FuzzCase.all()) {
            empty(work);
            Files.write(work.resolve("config.json"), sound.get("config.json"));
            server.restore();
            CommandLineRun run = run(each, words(each, "")).orElseThrow();
            if (run.exitCode() != 0 && !each.argument() && !each.verb().equals("rollback")) {
                faults.add(each.command() + ": " + run.exitCode() + " " + run.err());
            }
        }
    }

    /** One case, changed. */
    void attempt(int number, FuzzCase each, FuzzMutator mutator) throws Exception {
        empty(work);
        Files.write(work.resolve("config.json"), sound.get("config.json"));
        server.restore();
        FuzzMutator.Mutant mutant = new FuzzMutator.Mutant(new byte[0], "", false);
        String changed = "";
        List<String> words;
        if (each.argument()) {
            words = words(each, "");
            // not where it writes: the files of a run belong into the folder
            List<Integer> values = new ArrayList<>();
            for (int i = 1; i < words.size(); i++) {
                if (!words.get(i).startsWith("--")
                        && !words.get(i).equals("import")
                        && !List.of("--out", "--tokens").contains(words.get(i - 1))) {
                    values.add(i);
                }
            }
            String argument = mutator.argument();
            // the folder of the run, not whatever the build's holds
            words.set(values.get(mutator.below(values.size())), argument.equals(".") ? work.toString() : argument);
        } else if (each.answer()) {
            mutant = mutator.mutated(server.sound(each.input()), each.sound());
            server.change(each.input(), mutant.bytes());
            words = words(each, "");
        } else {
            changed = each.input();
            mutant = mutator.mutated(sound.get(changed), each.sound());
            boolean traces = changed.endsWith(".jsonl") && mutator.below(3) == 0;
            Files.write(work.resolve(changed), traces ? mutator.packed(mutant.bytes()) : mutant.bytes());
            words = words(each, changed);
        }
        String what =
                "input " + number + ": " + String.join(" ", words) + " with " + each.input() + " " + mutant.change();
        Optional<CommandLineRun> run = run(each, words);
        if (run.isEmpty()) {
            fault(what, "hangs", mutant.bytes());
            return;
        }
        int code = run.get().exitCode();
        outcomes.merge(each.verb() + " " + code, 1, Integer::sum);
        String err = run.get().err();
        if (code != 0 && !each.codes().contains(code)) {
            fault(what, "exit code " + code + "\n" + err, mutant.bytes());
        } else if (TRACE.matcher(err).find()) {
            fault(what, "speaks of the program: " + err, mutant.bytes());
        } else if (err.lines().anyMatch(line -> line.length() > LONGEST_MESSAGE)) {
            fault(what, "echoes its input: " + err.length() + " letters", mutant.bytes());
        } else if (code != 0) {
            if (err.isBlank() && run.get().out().isBlank()) {
                fault(what, "code " + code + " without a word", mutant.bytes());
            }
            List<Path> left = left(changed);
            if (!left.isEmpty() && !(code == ExitCode.INFEASIBLE && each.verb().equals("plan"))) {
                fault(what, "code " + code + " and leaves " + left, mutant.bytes());
            }
        } else if (mutant.nonsense()) {
            fault(what, "nonsense is accepted", mutant.bytes());
        } else {
            Optional<Path> cluster = each.command().contains("{cluster.yaml}")
                    ? Optional.of(path("cluster.yaml", changed))
                    : each.command().contains("{cluster-block.yaml}")
                            ? Optional.of(path("cluster-block.yaml", changed))
                            : Optional.empty();
            try {
                List<String> wrong =
                        FuzzOracle.wrong(each, withoutNames(run.get().out(), words), left(changed), cluster);
                if (!wrong.isEmpty()) {
                    fault(what, "accepted: " + wrong, mutant.bytes());
                }
            } catch (IOException | RuntimeException unreadable) {
                fault(what, "cannot be read again: " + unreadable, mutant.bytes());
            }
        }
    }

    /** Where a model is called NaN, its name is no number. */
    private static String withoutNames(String out, List<String> words) {
        String text = out;
        for (String word : words) {
            text = word.matches(".*(NaN|Infinity).*") ? text.replace(word, "name") : text;
        }
        return text;
    }

    private void fault(String what, String how, byte[] bytes) {
        String text = new String(bytes, java.nio.charset.StandardCharsets.UTF_8);
        String fault = what + "\n    " + (how.length() > 3000 ? how.substring(0, 3000) : how) + "\n    input: "
                + (text.length() > 1500 ? text.substring(0, 1500) + "..." : text);
        System.out.println("FAULT " + fault);
        faults.add(fault);
    }

    private Path path(String name, String changed) {
        return (name.equals(changed) ? work : clean).resolve(name);
    }

    private List<String> words(FuzzCase each, String changed) {
        return new ArrayList<>(each.arguments(
                name -> path(name, changed).toString(),
                name -> work.resolve(name).toString(),
                server.url()));
    }

    /** Empty where it does not end. */
    private Optional<CommandLineRun> run(FuzzCase each, List<String> words) throws InterruptedException {
        Future<CommandLineRun> run = thread.submit(() -> CommandLineRun.of(words.toArray()));
        try {
            return Optional.of(run.get(HANGS_AFTER_SECONDS, TimeUnit.SECONDS));
        } catch (TimeoutException hangs) {
            run.cancel(true);
            return Optional.empty();
        } catch (ExecutionException thrown) {
            return Optional.of(new CommandLineRun(-1, "", thrown.toString()));
        }
    }

    /** What lies in the folder besides the input. */
    private List<Path> left(String changed) throws IOException {
        try (Stream<Path> files = Files.list(work)) {
            return files.filter(file -> !file.endsWith(changed) && !file.endsWith("config.json"))
                    .filter(file -> !file.getFileName().toString().equals("lost+found"))
                    .sorted()
                    .toList();
        }
    }

    private static void empty(Path folder) throws IOException {
        try (Stream<Path> files = Files.walk(folder)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                if (!file.equals(folder)) {
                    Files.delete(file);
                }
            }
        }
    }

    @Override
    public void close() {
        server.close();
        thread.shutdownNow();
    }
}
