package dev.scepsy.planner.cluster;

import java.util.Optional;
import java.util.regex.Pattern;

/** What is wrong, or doubtful, with the name of a container image, before a registry is asked. */
public final class ContainerImage {

    /** {@code [REGISTRY[:PORT]/]PATH[:TAG][@DIGEST]}, as the distribution specification's reference grammar has it, less its lengths. */
    private static final Pattern REFERENCE = Pattern.compile(
            "(?<name>[A-Za-z0-9]([A-Za-z0-9._-]*[A-Za-z0-9])?(:\\d{1,5}(?=/))?(/[a-z0-9]([a-z0-9._-]*[a-z0-9])?)*)"
                    + "(:(?<tag>\\w[\\w.-]{0,127}))?(?<digest>@[a-z0-9]+:[0-9a-f]{32,})?");

    private ContainerImage() {}

    /** Why engines are not started from {@code image}: it is no name, or one without a tag; empty if nothing speaks against it. */
    public static Optional<String> problem(String image) {
        var matcher = REFERENCE.matcher(image);
        if (!matcher.matches()) {
            return Optional.of(
                    "The image (" + image + ") must be a name with a tag, like " + ServingOptions.DEFAULT_IMAGE + ".");
        }
        return matcher.group("tag") == null && matcher.group("digest") == null
                ? Optional.of(
                        "The image (" + image + ") must have a tag or a digest: without one an engine that restarts"
                                + " may be another release than its neighbours. Give one, like "
                                + ServingOptions.DEFAULT_IMAGE + ".")
                : Optional.empty();
    }

    /** What may come of {@code image}; empty if nothing is known. */
    public static Optional<String> doubt(String image) {
        var matcher = REFERENCE.matcher(image);
        return matcher.matches() && matcher.group("digest") == null && "latest".equals(matcher.group("tag"))
                ? Optional.of("The image (" + image + ") is another one after each release: an engine that restarts may"
                        + " differ from its neighbours and from what was measured. Give a version's tag.")
                : Optional.empty();
    }
}
