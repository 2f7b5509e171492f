package dev.scepsy.planner.serve.engines;

import java.io.IOException;
import java.util.List;
import java.util.Optional;

/** Where engines are found. Called by one thread; what it finds is asked by several. */
public interface EngineSource extends AutoCloseable {

    /**
     * The engines there are now.
     *
     * @throws IOException if they cannot be found now; the message says why, a sentence
     */
    List<Target> targets() throws IOException, InterruptedException;

    /** Engines there are that {@link #targets} leaves out because they are too many, by model; they are said. */
    default List<String> leftOut() {
        return List.of();
    }

    @Override
    default void close() {}

    /** One engine, or one that speaks for a model's engines. */
    interface Target {

        /** The same for the same engine, and no other's; stands in messages, without secrets. */
        String id();

        /** By its name in {@code models.yaml}. */
        String model();

        /** The pod it is, by name; empty where it is none of the cluster's own, or speaks for several. */
        default Optional<String> pod() {
            return Optional.empty();
        }

        /** Where it may publish, in the order to try. */
        List<String> paths();

        /**
         * What it publishes there; empty where it has nothing there.
         *
         * @throws IOException if it does not answer so; the message says why, half a sentence
         */
        byte[] fetch(String path) throws IOException, InterruptedException;
    }
}
