package dev.scepsy.planner.kernel;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/**
 * Surfaces of several cards. The built-in ones were thinned from the kernel tables of AIConfigurator (ai-dynamo/aiconfigurator
 * 095f58a, Copyright (c) 2025-2026 NVIDIA CORPORATION &amp; AFFILIATES, Apache-2.0) by {@code scepsy engine --kernels}.
 * Immutable, thread-safe.
 */
public final class KernelSurfaces {

    private static final String RESOURCE = "kernel-surfaces.tsv";

    private final Map<String, Card> cards;

    private KernelSurfaces(Map<String, Card> cards) {
        this.cards = cards;
    }

    /**
     * One card's surfaces.
     *
     * @param computeCapability generation, 9.0 for Hopper
     * @param bandwidthMicros its peak memory bandwidth, bytes per microsecond
     * @param sixteenBitFlops its peak 16-bit arithmetic, FLOP per microsecond
     * @param linkMicros one-way bandwidth of the link that tables of all-reduces were taken over, bytes per microsecond
     * @param nvlink whether that link is NVLink
     */
    record Card(
            String name,
            double computeCapability,
            double bandwidthMicros,
            double sixteenBitFlops,
            double linkMicros,
            boolean nvlink,
            Map<KernelKey, Surface> surfaces,
            Map<String, List<ExpertCurve>> experts) {

        boolean has(KernelKey key) {
            return surfaces.containsKey(key);
        }
    }

    private static final class BuiltIn {
        private static final KernelSurfaces SURFACES = onClassPath();
    }

    /** The surfaces that ship. */
    public static KernelSurfaces builtIn() {
        return BuiltIn.SURFACES;
    }

    List<Card> all() {
        return cards.values().stream().sorted(Comparator.comparing(Card::name)).toList();
    }

    /** Cards with surfaces of their own. */
    public Set<String> cards() {
        return cards.keySet();
    }

    /**
     * These with somebody's own beside them: a card of {@code own} has its tables and, for those it lacks, the ones of the same
     * card here, else of the nearest.
     */
    public KernelSurfaces with(KernelSurfaces own) {
        Map<String, Card> both = new LinkedHashMap<>(cards);
        own.cards.forEach((name, card) -> {
            Card base = nearest(name, card.computeCapability(), card.bandwidthMicros(), any -> true);
            Set<String> tables =
                    card.surfaces().keySet().stream().map(KernelKey::table).collect(Collectors.toSet());
            Map<KernelKey, Surface> surfaces = new LinkedHashMap<>(card.surfaces());
            base.surfaces().forEach((key, surface) -> {
                if (!tables.contains(key.table())) {
                    surfaces.put(key, surface);
                }
            });
            boolean sameLink = base.nvlink() == card.nvlink();
            both.put(
                    name,
                    new Card(
                            name,
                            card.computeCapability(),
                            card.bandwidthMicros(),
                            card.sixteenBitFlops(),
                            tables.contains(KernelTable.ALL_REDUCE.key()) || !sameLink
                                    ? card.linkMicros()
                                    : base.linkMicros(),
                            card.nvlink(),
                            surfaces,
                            card.experts().isEmpty() ? base.experts() : card.experts()));
        });
        return new KernelSurfaces(Map.copyOf(both));
    }

    private static KernelSurfaces onClassPath() {
        InputStream stream = Objects.requireNonNull(KernelSurfaces.class.getResourceAsStream(RESOURCE), RESOURCE);
        try (BufferedReader reader = new BufferedReader(new InputStreamReader(stream, StandardCharsets.UTF_8))) {
            return parse(reader.lines().toList());
        } catch (IOException e) {
            throw new UncheckedIOException("The built-in surfaces " + RESOURCE + " cannot be read.", e);
        }
    }

    /**
     * Surfaces from the lines that {@link KernelThinning} writes.
     *
     * @throws IllegalArgumentException naming the line that is not one of those
     */
    public static KernelSurfaces parse(List<String> lines) {
        Map<String, Card> cards = new LinkedHashMap<>();
        for (int number = 0; number < lines.size(); number++) {
            String line = lines.get(number);
            if (line.isBlank() || line.startsWith("#")) {
                continue;
            }
            try {
                add(cards, line.split("\t", -1));
            } catch (RuntimeException e) {
                throw new IllegalArgumentException(
                        "Line " + (number + 1) + " is not one of kernel surfaces: " + e.getMessage(), e);
            }
        }
        return new KernelSurfaces(Map.copyOf(cards));
    }

    private static void add(Map<String, Card> cards, String[] cells) {
        require(cells.length >= 3, "it has fewer than three cells, separated by tabs");
        if (cells[1].equals("card")) {
            Card card = card(cells[0], cells[2].split(" "));
            require(cards.putIfAbsent(cells[0], card) == null, "its card was named before");
            return;
        }
        require(cells.length == 5, "a surface has five cells: card, table, variant, shape, values");
        Card card = Objects.requireNonNull(cards.get(cells[0]), "its card was not named before");
        KernelTable table = KernelTable.of(cells[1]);
        Surface surface = table.surface(cells[4]);
        card.surfaces().put(new KernelKey(cells[1], cells[2], cells[3]), surface);
        if (table == KernelTable.EXPERTS) {
            card.experts()
                    .computeIfAbsent(cells[2], variant -> new ArrayList<>())
                    .add(ExpertCurve.of(cells[3], surface));
        }
    }

    private static Card card(String name, String[] facts) {
        require(
                facts.length == 5 && (facts[4].equals("nvlink") || facts[4].equals("pcie")),
                "a card has five facts: generation, bandwidth, arithmetic, link, and nvlink or pcie");
        double[] numbers =
                Arrays.stream(facts, 0, 4).mapToDouble(Double::parseDouble).toArray();
        require(Arrays.stream(numbers).allMatch(fact -> fact > 0 && fact < Double.MAX_VALUE), "a fact is not above 0");
        return new Card(
                name,
                numbers[0],
                numbers[1],
                numbers[2],
                numbers[3],
                facts[4].equals("nvlink"),
                new LinkedHashMap<>(),
                new LinkedHashMap<>());
    }

    private static void require(boolean holds, String otherwise) {
        if (!holds) {
            throw new IllegalArgumentException(otherwise);
        }
    }

    /** The card whose kernels speak for {@code name}: itself, else the one of the nearest generation (if known) and bandwidth. */
    Card nearest(String name, double computeCapability, double bandwidthMicros, Predicate<Card> suits) {
        Card own = cards.get(name);
        return own != null && suits.test(own)
                ? own
                : cards.values().stream()
                        .filter(suits)
                        .min(Comparator.<Card>comparingDouble(card -> computeCapability > 0
                                        ? Math.abs(card.computeCapability() - computeCapability)
                                        : 0)
                                .thenComparingDouble(
                                        card -> Math.abs(Math.log(card.bandwidthMicros() / bandwidthMicros)))
                                .thenComparing(Card::name))
                        .orElseThrow(() -> new IllegalStateException("There are no surfaces of such kernels."));
    }
}
