package dev.scepsy.javaagent.scenario;

import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.jspecify.annotations.Nullable;

/**
 * Runs rounds: one alone, then the others at once. First argument: the model server; then any of {@code own} (its own
 * OpenTelemetry SDK), {@code api} (the OpenTelemetry API, whoever is behind it), {@code fixed} (own pools instead of what
 * LangChain4j and the JDK choose), {@code attach} (a round before, then wait for a line on standard input).
 */
public final class Main {

    /** How many rounds count. */
    public static final int ROUNDS = 7;

    private static final int THREADS = 8;

    private Main() {}

    public static void main(String[] arguments) throws IOException, InterruptedException, ExecutionException {
        run(List.of(arguments), System.out, System.in);
    }

    /** The same, for whoever is not started by a JVM's command line. */
    public static void run(List<String> arguments, PrintStream out, InputStream in)
            throws IOException, InterruptedException, ExecutionException {
        ExecutorService fixed = Executors.newFixedThreadPool(THREADS, Main::daemon);
        ExecutorService newest = newest(fixed);
        boolean own = arguments.contains("fixed");
        Telemetry telemetry = arguments.contains("own")
                ? OwnSdk.start()
                : arguments.contains("api") ? new ApplicationTelemetry(() -> {}) : Telemetry.none();
        Scenario scenario = new Scenario(arguments.get(0), own ? fixed : null, own ? fixed : newest);
        if (arguments.contains("attach")) {
            scenario.round(0);
            out.println("ready");
            in.read();
        }
        List<String> answers = new ArrayList<>();
        telemetry.around(() -> answers.add(scenario.round(1)));
        ExecutorService callers = own ? Executors.newFixedThreadPool(THREADS, Main::daemon) : newest;
        List<Future<?>> rounds = new ArrayList<>();
        for (int i = 2; i <= ROUNDS; i++) {
            int number = i;
            rounds.add(callers.submit(() -> telemetry.around(() -> {
                String answer = scenario.round(number);
                synchronized (answers) {
                    answers.add(answer);
                }
            })));
        }
        for (Future<?> round : rounds) {
            round.get();
        }
        telemetry.close();
        answers.stream().distinct().forEach(out::println);
        out.println(answers.size() + " rounds");
    }

    /** Virtual threads where the JDK has them. */
    private static ExecutorService newest(ExecutorService otherwise) {
        try {
            return (ExecutorService)
                    Executors.class.getMethod("newVirtualThreadPerTaskExecutor").invoke(null);
        } catch (ReflectiveOperationException olderJdk) {
            return otherwise;
        }
    }

    private static Thread daemon(@Nullable Runnable work) {
        Thread thread = new Thread(work);
        thread.setDaemon(true);
        return thread;
    }
}
