package dev.scepsy.planner.cluster;

import java.util.Locale;

/** Where an engine that starts finds its model's weights. */
enum WeightsFrom {
    /** They come over the network: nothing on the node or the claim is known to hold them. */
    DOWNLOAD("downloaded"),
    /** An engine of the same source has loaded them into the model cache before. */
    CACHE("from the model cache"),
    /** The engine is told a path: they are in the image or on a volume. */
    PATH("from their path");

    private final String words;

    WeightsFrom(String words) {
        this.words = words;
    }

    String words() {
        return words;
    }

    /** As the record of measured times writes it. */
    String key() {
        return name().toLowerCase(Locale.ROOT);
    }
}
