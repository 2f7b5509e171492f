package dev.scepsy.planner.kernel;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.ToDoubleFunction;

/**
 * Thins one card's kernel tables to the lines that {@link KernelSurfaces#parse} reads. Of matrix products and attention the
 * quickest engine per point counts: each engine's own table holds host time and quantising that a running engine does not
 * pay. Of experts and all-reduces every engine keeps its own, because there the kernels differ. Mutable, not thread-safe.
 *
 * <p>What is taken off, as the tables' source describes them: graph launches of attention, some five microseconds a call;
 * the computation of scales and quantising in 8-bit products (a term of its own here); 8-bit block products of vLLM, which
 * were measured without a graph, are left out.
 */
public final class KernelThinning {

    private static final double ATTENTION_LAUNCH_MICROS = 5;
    private static final double LEAST_MICROS = 1.5;
    /** Best time over roofline with nothing in a cache: large reads reach some 95 % of the bandwidth. */
    private static final double COLD = 1.05;
    /** How tokens fall on experts: skewed, as routers do. */
    private static final String DISTRIBUTION = "power_law_1.01";

    private static final Set<Integer> SPLITS = Set.of(1, 2, 4, 8);
    private static final Set<Integer> HEAD_SIZES = Set.of(64, 128, 256);
    private static final Set<Integer> HEADS_PER_KV_HEAD = Set.of(1, 4, 8, 16);
    private static final Set<Integer> KV_HEADS = Set.of(1, 2, 8);
    private static final Set<Integer> PROMPT_HEADS = Set.of(4, 16, 64);
    private static final Set<Integer> LATENT_HEADS = Set.of(8, 16, 32, 64, 128);

    private final String name;
    private final double computeCapability;
    private final Roofline roofline;
    private final double linkMicros;
    private final boolean nvlink;
    /** Best microseconds by table, then variant and shape, then point; NaN where nothing was measured. */
    private final Map<KernelTable, Map<String, double[]>> points = new TreeMap<>();

    private final Map<String, double[]> quantising = new TreeMap<>();
    private final Map<String, double[]> scaling = new TreeMap<>();

    /** One row of a table by column name. */
    public interface Row {

        /** The cell of {@code column}, never null. */
        String text(String column);

        /** The same as a number. */
        default double number(String column) {
            return Double.parseDouble(text(column));
        }
    }

    public KernelThinning(String name, double computeCapability, Roofline roofline, double linkMicros, boolean nvlink) {
        this.name = name;
        this.computeCapability = computeCapability;
        this.roofline = roofline;
        this.linkMicros = linkMicros;
        this.nvlink = nvlink;
    }

    /** Columns that the rows of {@code table} must have; empty for a table that is not used. */
    public static List<String> columns(String table) {
        return switch (table) {
            case "gemm" -> List.of("type", "n", "k", "m", "latencyMicros");
            case "quantize", "quantize-scale" -> List.of("type", "k", "m", "latencyMicros");
            case "moe" ->
                List.of(
                        "type",
                        "hiddenSize",
                        "intermediateSize",
                        "experts",
                        "expertsPerToken",
                        "tensorParallel",
                        "expertParallel",
                        "distribution",
                        "tokens",
                        "latencyMicros");
            case "generation-attention" ->
                List.of("batch", "heads", "kvHeads", "headSize", "kvType", "window", "contextTokens", "latencyMicros");
            case "context-attention" ->
                List.of(
                        "batch",
                        "heads",
                        "kvHeads",
                        "headSize",
                        "attentionType",
                        "kvType",
                        "window",
                        "newTokens",
                        "latencyMicros");
            case "generation-mla" -> List.of("heads", "batch", "kvType", "contextTokens", "latencyMicros");
            case "mla-bmm" -> List.of("operation", "type", "heads", "tokens", "latencyMicros");
            case "allreduce" -> List.of("gpus", "bytes", "latencyMicros");
            default -> List.of();
        };
    }

    /** Takes one row of {@code table} of {@code engine}; those off the grid are passed over. */
    public void add(String table, String engine, Row row) {
        double micros = row.number("latencyMicros");
        switch (table) {
            case "gemm" -> addProduct(engine, row, micros);
            case "quantize" -> addQuantising(quantising, engine, row, micros);
            case "quantize-scale" -> addQuantising(scaling, engine, row, micros);
            case "moe" -> addExperts(engine, row, micros);
            case "generation-attention" -> addDecodeAttention(row, micros);
            case "context-attention" -> addPromptAttention(row, micros);
            case "generation-mla" -> addLatent(row, micros);
            case "mla-bmm" -> addLatentProduct(row, micros);
            case "allreduce" ->
                add(KernelTable.ALL_REDUCE, engine + "\t" + row.text("gpus"), micros, row.number("bytes"));
            default -> throw new IllegalArgumentException("The table (" + table + ") is not a known one.");
        }
    }

    private void addProduct(String engine, Row row, double micros) {
        String type = row.text("type");
        boolean hostBound = type.equals(KernelFormat.FP8_BLOCK.key()) && engine.equals("vllm");
        if (!hostBound && KernelFormat.of(type).isPresent()) {
            add(
                    KernelTable.PRODUCTS,
                    type + " " + engine + "\t",
                    micros,
                    row.number("n"),
                    row.number("k"),
                    row.number("m"));
        }
    }

    private static void addQuantising(Map<String, double[]> into, String engine, Row row, double micros) {
        int at = KernelTable.QUANTISING.indexOf(row.number("k"), row.number("m"));
        if (at >= 0 && row.text("type").equals(KernelFormat.FP8.key())) {
            least(into.computeIfAbsent(engine, any -> unmeasured(KernelTable.QUANTISING)), at, micros);
        }
    }

    private void addExperts(String engine, Row row, double micros) {
        int split = (int) row.number("tensorParallel");
        if (row.number("expertParallel") == 1
                && row.text("distribution").equals(DISTRIBUTION)
                && SPLITS.contains(split)
                && KernelFormat.of(row.text("type")).isPresent()) {
            String hidden = row.text("hiddenSize");
            String width = row.text("intermediateSize");
            String experts = row.text("experts");
            String perToken = row.text("expertsPerToken");
            String shape = String.join(
                    " ", hidden, width, experts, perToken, Integer.toString(matrices(row)), Integer.toString(split));
            add(KernelTable.EXPERTS, engine + " " + row.text("type") + "\t" + shape, micros, row.number("tokens"));
        }
    }

    /** The tables do not say whether experts are gated; those of the Nemotron family are not. */
    private static int matrices(Row row) {
        boolean nemotron = row.number("expertsPerToken") == 22 || row.number("intermediateSize") == 1856;
        return nemotron ? 2 : 3;
    }

    private void addDecodeAttention(Row row, double micros) {
        int kvHeads = (int) row.number("kvHeads");
        int heads = (int) row.number("heads");
        if (row.number("window") == 0
                && KV_HEADS.contains(kvHeads)
                && heads % kvHeads == 0
                && HEADS_PER_KV_HEAD.contains(heads / kvHeads)
                && HEAD_SIZES.contains((int) row.number("headSize"))) {
            String shape = heads + " " + kvHeads + " " + row.text("headSize");
            add(
                    KernelTable.DECODE_ATTENTION,
                    row.text("kvType") + "\t" + shape,
                    launched(micros),
                    row.number("batch"),
                    row.number("contextTokens"));
        }
    }

    private void addPromptAttention(Row row, double micros) {
        int kvHeads = (int) row.number("kvHeads");
        int heads = (int) row.number("heads");
        if (row.number("window") == 0
                && row.number("batch") == 1
                && row.text("attentionType").equals("bfloat16")
                && row.text("kvType").equals("bfloat16")
                && PROMPT_HEADS.contains(heads)
                && heads % kvHeads == 0
                && HEADS_PER_KV_HEAD.contains(heads / kvHeads)
                && HEAD_SIZES.contains((int) row.number("headSize"))) {
            String shape = heads + " " + kvHeads + " " + row.text("headSize");
            add(KernelTable.PROMPT_ATTENTION, "bfloat16\t" + shape, launched(micros), row.number("newTokens"));
        }
    }

    private void addLatent(Row row, double micros) {
        if (LATENT_HEADS.contains((int) row.number("heads"))) {
            add(
                    KernelTable.LATENT_DECODE,
                    row.text("kvType") + "\t" + row.text("heads"),
                    launched(micros),
                    row.number("batch"),
                    row.number("contextTokens"));
        }
    }

    private void addLatentProduct(Row row, double micros) {
        if (row.text("type").equals("bfloat16") && LATENT_HEADS.contains((int) row.number("heads"))) {
            add(
                    KernelTable.LATENT_PRODUCTS,
                    row.text("operation") + "\t" + row.text("heads"),
                    micros,
                    row.number("tokens"));
        }
    }

    private static double launched(double micros) {
        return Math.max(micros - ATTENTION_LAUNCH_MICROS, LEAST_MICROS);
    }

    private void add(KernelTable table, String variantAndShape, double micros, double... point) {
        int at = table.indexOf(point);
        if (at >= 0 && micros > 0) {
            least(
                    points.computeIfAbsent(table, any -> new TreeMap<>())
                            .computeIfAbsent(variantAndShape, any -> unmeasured(table)),
                    at,
                    micros);
        }
    }

    private static double[] unmeasured(KernelTable table) {
        double[] nothing = new double[table.size()];
        Arrays.fill(nothing, Double.NaN);
        return nothing;
    }

    private static void least(double[] values, int at, double micros) {
        values[at] = Double.isNaN(values[at]) ? micros : Math.min(values[at], micros);
    }

    /** The card's surfaces, a line each, the card itself first. */
    public List<String> lines() {
        List<String> lines = new ArrayList<>();
        lines.add(String.join(
                "\t",
                name,
                "card",
                String.format(
                        Locale.ROOT,
                        "%s %s %s %s %s",
                        computeCapability,
                        roofline.bytesPerMicrosecond(),
                        roofline.sixteenBitFlops(),
                        linkMicros,
                        nvlink ? "nvlink" : "pcie")));
        Map<String, double[]> best = new TreeMap<>();
        quantising.values().forEach(values -> merge(best, "best\t", values));
        best.forEach((key, values) -> line(lines, KernelTable.QUANTISING, key, values));
        products().forEach((key, values) -> line(lines, KernelTable.PRODUCTS, key, values));
        points.getOrDefault(KernelTable.EXPERTS, Map.of())
                .forEach((key, values) -> line(lines, KernelTable.EXPERTS, key, overExperts(key, values)));
        points.getOrDefault(KernelTable.DECODE_ATTENTION, Map.of()).forEach((key, values) -> {
            int[] sizes = sizes(key);
            double bytes = key.startsWith("fp8") ? 1 : 2;
            line(
                    lines,
                    KernelTable.DECODE_ATTENTION,
                    key,
                    cold(over(
                            KernelTable.DECODE_ATTENTION,
                            values,
                            at -> roofline.readMicros(at[0] * at[1] * sizes[1] * sizes[2] * 2, bytes))));
        });
        points.getOrDefault(KernelTable.PROMPT_ATTENTION, Map.of()).forEach((key, values) -> {
            int[] sizes = sizes(key);
            line(
                    lines,
                    KernelTable.PROMPT_ATTENTION,
                    key,
                    over(
                            KernelTable.PROMPT_ATTENTION,
                            values,
                            at -> roofline.pairsMicros(sizes[0], sizes[2], at[0] * at[0] / 2)));
        });
        points.getOrDefault(KernelTable.LATENT_DECODE, Map.of()).forEach((key, values) -> {
            double bytes = key.startsWith("fp8") ? 1 : 2;
            line(
                    lines,
                    KernelTable.LATENT_DECODE,
                    key,
                    cold(over(
                            KernelTable.LATENT_DECODE,
                            values,
                            at -> roofline.readMicros(at[0] * at[1] * LATENT_ELEMENTS, bytes))));
        });
        latentProducts().forEach((key, values) -> line(lines, KernelTable.LATENT_PRODUCTS, key, values));
        points.getOrDefault(KernelTable.ALL_REDUCE, Map.of())
                .forEach((key, values) -> line(lines, KernelTable.ALL_REDUCE, key, values));
        return lines;
    }

    /** Cached numbers of one token in the tables' geometry (DeepSeek). */
    private static final int LATENT_ELEMENTS = 576;

    private void line(List<String> lines, KernelTable table, String variantAndShape, double[] values) {
        if (Arrays.stream(values).anyMatch(value -> !Double.isNaN(value))) {
            lines.add(
                    String.join("\t", name, table.key(), variantAndShape, KernelTable.text(values, table.lastSize())));
        }
    }

    /** Best of the engines over the roofline, quantising taken off where it is part of the row. */
    private Map<String, double[]> products() {
        Map<String, double[]> best = new TreeMap<>();
        points.getOrDefault(KernelTable.PRODUCTS, Map.of()).forEach((typeAndEngine, values) -> {
            String[] parts = typeAndEngine.trim().split(" ");
            KernelFormat format = KernelFormat.of(parts[0]).orElseThrow();
            double[] bare = values.clone();
            for (int i = 0; i < bare.length; i++) {
                double n = KernelTable.PRODUCTS.coordinate(i, 0);
                double k = KernelTable.PRODUCTS.coordinate(i, 1);
                double m = KernelTable.PRODUCTS.coordinate(i, 2);
                double roof = roofline.productMicros(format, n, k, m);
                if (format == KernelFormat.FP8) {
                    double off = of(quantising, parts[1], k, m)
                            + (parts[1].equals("trtllm") ? of(scaling, parts[1], k, m) : 0);
                    double least = Math.max(roof, LEAST_MICROS);
                    // what would leave less than the card can do was no part of the row
                    bare[i] = bare[i] - off >= least ? bare[i] - off : Math.max(bare[i], least);
                }
                bare[i] /= roof;
            }
            merge(best, parts[0] + "\t", cold(bare));
        });
        return best;
    }

    private static double of(Map<String, double[]> byEngine, String engine, double k, double m) {
        double[] values = byEngine.get(engine);
        double value = values == null ? 0 : values[KernelTable.QUANTISING.indexOf(k, m)];
        return Double.isNaN(value) ? 0 : value;
    }

    private static void merge(Map<String, double[]> best, String key, double[] values) {
        double[] into = best.computeIfAbsent(key, any -> values.clone());
        for (int i = 0; i < values.length; i++) {
            if (!Double.isNaN(values[i])) {
                least(into, i, values[i]);
            }
        }
    }

    private double[] overExperts(String key, double[] values) {
        KernelFormat format = KernelFormat.of(key.split("\t")[0].split(" ")[1]).orElseThrow();
        int[] sizes = sizes(key);
        ExpertShape shape = new ExpertShape(sizes[0], sizes[1], sizes[2], sizes[3], sizes[4]);
        return over(KernelTable.EXPERTS, values, at -> roofline.expertsMicros(format, shape, sizes[5], at[0]));
    }

    private static double[] over(KernelTable table, double[] values, ToDoubleFunction<double[]> roof) {
        double[] ratios = values.clone();
        for (int i = 0; i < ratios.length; i++) {
            double[] at = new double[table == KernelTable.PRODUCTS ? 3 : 2];
            for (int d = 0; d < table.directions(); d++) {
                at[d] = table.coordinate(i, d);
            }
            ratios[i] /= roof.applyAsDouble(at);
        }
        return ratios;
    }

    /** Quicker than memory can be: the measuring loop found its data in the L2 cache, which no engine does. */
    private static double[] cold(double[] ratios) {
        return Arrays.stream(ratios).map(ratio -> Math.max(ratio, COLD)).toArray();
    }

    /** Both products of a step together, each the quickest engine's. */
    private Map<String, double[]> latentProducts() {
        Map<String, double[]> sums = new TreeMap<>();
        points.getOrDefault(KernelTable.LATENT_PRODUCTS, Map.of()).forEach((key, values) -> {
            double[] sum = sums.computeIfAbsent("best\t" + key.split("\t")[1], any -> new double[values.length]);
            for (int i = 0; i < sum.length; i++) {
                sum[i] += values[i];
            }
        });
        return sums;
    }

    private static int[] sizes(String variantAndShape) {
        return Arrays.stream(variantAndShape.split("\t")[1].split(" "))
                .mapToInt(Integer::parseInt)
                .toArray();
    }
}
