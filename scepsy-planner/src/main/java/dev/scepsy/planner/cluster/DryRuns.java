package dev.scepsy.planner.cluster;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/** Asks the API server of every object of a plan whether it would take it, some at a time: large plans have more than a thousand. */
final class DryRuns {

    /** Few enough for a server that counts the requests of a client, many enough that nobody waits for the network. */
    private static final int AT_ONCE = 8;

    private DryRuns() {}

    /**
     * What other field managers own of {@code objects}, in their order; empty where nothing stands against them.
     *
     * @throws KubernetesClientException what the server says of the first object that it refuses
     */
    static List<String> conflicts(KubernetesCluster cluster, List<HasMetadata> objects) {
        ExecutorService workers = Executors.newFixedThreadPool(AT_ONCE, work -> {
            Thread thread = new Thread(work, "scepsy-dry-run");
            thread.setDaemon(true);
            return thread;
        });
        try {
            List<Future<List<String>>> answers = objects.stream()
                    .map(object -> workers.submit(() -> cluster.conflicts(object)))
                    .toList();
            List<String> conflicts = new ArrayList<>();
            for (Future<List<String>> answer : answers) {
                conflicts.addAll(answer.get());
            }
            return conflicts;
        } catch (InterruptedException asked) {
            Thread.currentThread().interrupt();
            throw new KubernetesClientException("interrupted while the API server was asked", asked);
        } catch (ExecutionException failed) {
            if (failed.getCause() instanceof RuntimeException refused) {
                throw refused;
            }
            throw new IllegalStateException(failed);
        } finally {
            workers.shutdownNow();
        }
    }
}
