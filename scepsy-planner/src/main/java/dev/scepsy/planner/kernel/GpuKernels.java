package dev.scepsy.planner.kernel;

import dev.scepsy.planner.kernel.KernelSurfaces.Card;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.function.DoubleBinaryOperator;
import java.util.function.DoubleUnaryOperator;
import java.util.stream.Stream;

/**
 * Kernel times on one card, in microseconds: its own roofline times the efficiency that surfaces say. A card without surfaces
 * takes those of the nearest generation; a format without takes those of 16 bit, over its own roofline. Immutable.
 */
public final class GpuKernels {

    private static final String BEST = "best";
    private static final List<String> ENGINES = List.of("vllm", "sglang", "trtllm");
    /** The count of heads weighs double: how many blocks of work there are decides how full the card is. */
    private static final double HEAD_COUNT_WEIGHT = 2;

    private static final double COMPUTE_EXPONENT = 0.17;
    private static final double READ_EXPONENT = 0.10;

    private final Roofline roofline;
    private final boolean fourBit;
    private final boolean eightBit;
    private final Card card;
    private final Card linked;
    private final double linkRatio;
    /** All cards with surfaces where this one has none, else nobody. */
    private final List<Card> others;

    private GpuKernels(
            Roofline roofline,
            boolean eightBit,
            boolean fourBit,
            Card card,
            Card linked,
            double linkMicros,
            List<Card> others) {
        this.roofline = roofline;
        this.eightBit = eightBit;
        this.fourBit = fourBit;
        this.card = card;
        this.linked = linked;
        this.others = others;
        this.linkRatio = linked.linkMicros() / linkMicros;
    }

    /**
     * The kernels of a card.
     *
     * @param name key of the catalogue
     * @param computeCapability generation, 9.0 for Hopper; chooses whose surfaces speak for a card without
     * @param eightBit whether it computes in 8-bit floats
     * @param fourBit whether it computes in 4-bit floats
     * @param linkMicros one-way bandwidth of the link between its GPUs, bytes per microsecond
     * @param nvlink whether that link is NVLink
     */
    public static GpuKernels of(
            KernelSurfaces surfaces,
            String name,
            double computeCapability,
            Roofline roofline,
            boolean eightBit,
            boolean fourBit,
            double linkMicros,
            boolean nvlink) {
        Card card = surfaces.nearest(name, computeCapability, roofline.bytesPerMicrosecond(), any -> true);
        Card linked = surfaces.nearest(
                name, computeCapability, roofline.bytesPerMicrosecond(), other -> other.nvlink() == nvlink);
        List<Card> others = card.name().equals(name) ? List.of() : surfaces.all();
        return new GpuKernels(roofline, eightBit, fourBit, card, linked, linkMicros, others);
    }

    /** Whose surfaces these are: the card itself, or the nearest. */
    public String source() {
        return card.name();
    }

    /** What the card could do at best. */
    public Roofline roofline() {
        return roofline;
    }

    public boolean computesInFourBit() {
        return fourBit;
    }

    public boolean computesInEightBit() {
        return eightBit;
    }

    /** One linear layer with {@code n} outputs and {@code k} inputs: tokens to microseconds. */
    public DoubleUnaryOperator product(KernelFormat format, double n, double k) {
        Surface ratio = products(format);
        return tokens -> {
            double m = Math.max(1, tokens);
            return ratio(ratio, format, n, k, m) * roofline.productMicros(format, n, k, m);
        };
    }

    /**
     * The nearest card's ratio; where this card has no surfaces and as far as the product is arithmetic, the mean of all cards':
     * some are short of power, some are not, whatever their generation.
     */
    private double ratio(Surface nearest, KernelFormat format, double n, double k, double m) {
        double share = roofline.arithmeticShare(format, n, k, m);
        double own = nearest.at(n, k, m) * borrowed(card, share);
        if (others.isEmpty()) {
            return own;
        }
        double logarithms = 0;
        int count = 0;
        for (Card other : others) {
            Surface surface = other.surfaces().get(new KernelKey(KernelTable.PRODUCTS.key(), format.key(), ""));
            if (surface != null) {
                logarithms += Math.log(surface.at(n, k, m) * borrowed(other, share));
                count++;
            }
        }
        if (count == 0) {
            return own;
        }
        return Math.exp((1 - share) * Math.log(own) + share * logarithms / count);
    }

    /**
     * Slower cards reach more of their peak than the faster one whose surfaces they borrow: times over roofline grow with
     * these powers of peak bandwidth and arithmetic, as kernel times of seven cards and end-to-end rows show.
     */
    private double borrowed(Card from, double arithmeticShare) {
        return Math.pow(roofline.sixteenBitFlops() / from.sixteenBitFlops(), COMPUTE_EXPONENT * arithmeticShare)
                * Math.pow(
                        roofline.bytesPerMicrosecond() / from.bandwidthMicros(), READ_EXPONENT * (1 - arithmeticShare));
    }

    private Surface products(KernelFormat format) {
        Surface own = card.surfaces().get(new KernelKey(KernelTable.PRODUCTS.key(), format.key(), ""));
        return own != null ? own : surface(KernelTable.PRODUCTS, KernelFormat.BF16.key(), "");
    }

    private Surface surface(KernelTable table, String variant, String shape) {
        return Objects.requireNonNull(
                card.surfaces().get(new KernelKey(table.key(), variant, shape)),
                () -> "no surface of " + table.key() + " " + variant + " " + shape + " on " + card.name());
    }

    /** Quantising {@code k} activations of a token to 8 bit: tokens to microseconds; 0 where the card never does. */
    public DoubleUnaryOperator quantising(double k) {
        Surface surface = card.surfaces().get(new KernelKey(KernelTable.QUANTISING.key(), BEST, ""));
        return surface == null ? tokens -> 0 : tokens -> surface.at(k, tokens);
    }

    /** One layer's routed experts on one of {@code tensorParallel} GPUs: tokens of a step to microseconds. */
    public DoubleUnaryOperator experts(String engine, KernelFormat format, ExpertShape shape, double tensorParallel) {
        ExpertCurve measured = expertCurve(engine, format, shape, tensorParallel)
                .orElseThrow(() -> new IllegalStateException("no surface of experts on " + card.name()));
        return tokens -> measured.ratio(shape, tokens)
                * roofline.expertsMicros(format, shape, tensorParallel, Math.max(1, tokens));
    }

    /** The engine's own kernel of that shape, else another's, else the nearest shape's, else of a kindred format. */
    private Optional<ExpertCurve> expertCurve(
            String engine, KernelFormat format, ExpertShape shape, double tensorParallel) {
        for (KernelFormat candidate : kindred(format)) {
            List<ExpertCurve> own = curves(engine, candidate).toList();
            List<ExpertCurve> all =
                    ENGINES.stream().flatMap(any -> curves(any, candidate)).toList();
            Comparator<ExpertCurve> nearest =
                    Comparator.comparingDouble(curve -> curve.distance(shape, tensorParallel));
            Optional<ExpertCurve> ownNearest = own.stream().min(nearest);
            Optional<ExpertCurve> anyNearest = all.stream().min(nearest);
            if (anyNearest.isPresent()) {
                boolean ownIsAsNear = ownNearest.isPresent()
                        && ownNearest.get().shape().distance(shape)
                                <= anyNearest.get().shape().distance(shape);
                return ownIsAsNear ? ownNearest : anyNearest;
            }
        }
        return Optional.empty();
    }

    private Stream<ExpertCurve> curves(String engine, KernelFormat format) {
        return card.experts().getOrDefault(engine + " " + format.key(), List.of()).stream();
    }

    private static List<KernelFormat> kindred(KernelFormat format) {
        return switch (format) {
            case BF16, FP32 -> List.of(KernelFormat.BF16);
            case FP8 -> List.of(KernelFormat.FP8, KernelFormat.FP8_BLOCK, KernelFormat.BF16);
            case FP8_BLOCK -> List.of(KernelFormat.FP8_BLOCK, KernelFormat.FP8, KernelFormat.BF16);
            case NVFP4 -> List.of(KernelFormat.NVFP4, KernelFormat.MXFP4_MXFP8, KernelFormat.MXFP4, KernelFormat.BF16);
            case INT4 -> List.of(KernelFormat.INT4, KernelFormat.MXFP4, KernelFormat.BF16);
            case MXFP4 -> List.of(KernelFormat.MXFP4, KernelFormat.INT4, KernelFormat.BF16);
            case MXFP4_MXFP8 ->
                List.of(KernelFormat.MXFP4_MXFP8, KernelFormat.MXFP4, KernelFormat.NVFP4, KernelFormat.BF16);
            case EIGHT_BIT_WEIGHTS -> List.of(KernelFormat.BF16);
        };
    }

    /**
     * Attention of one layer in one decode step: sequences that get one token each, and tokens that each has in the cache, to
     * microseconds. A card without times of an 8-bit cache (the A100) reads it as well as its 16-bit one: half the bytes.
     *
     * @param cacheBytes of one cached number, 1 or 2
     * @param heads query heads on this GPU
     * @param kvHeads key/value heads on this GPU
     */
    public DoubleBinaryOperator decodeAttention(double cacheBytes, double heads, double kvHeads, double headSize) {
        String variant = cacheBytes <= 1 && has(card, KernelTable.DECODE_ATTENTION, "fp8") ? "fp8" : "bfloat16";
        Surface surface = nearestHeads(KernelTable.DECODE_ATTENTION, variant, heads, kvHeads, headSize, true);
        return (sequences, context) -> surface.at(sequences, context)
                * roofline.readMicros(sequences * context * kvHeads * headSize * 2, cacheBytes);
    }

    /** Attention of one layer over a prompt: the prompt's tokens to microseconds per (query, key) pair. */
    public DoubleUnaryOperator promptAttention(double heads, double kvHeads, double headSize) {
        Surface surface = nearestHeads(KernelTable.PROMPT_ATTENTION, "bfloat16", heads, kvHeads, headSize, false);
        return length -> surface.at(length) * roofline.pairsMicros(heads, headSize, 1);
    }

    /** The surface of the most alike heads; of key/value or of query heads, whichever count matters most, weighs double. */
    private Surface nearestHeads(
            KernelTable table, String variant, double heads, double kvHeads, double headSize, boolean byKvHeads) {
        return card.surfaces().entrySet().stream()
                .filter(entry -> entry.getKey().table().equals(table.key())
                        && entry.getKey().variant().equals(variant))
                .min(Comparator.comparingDouble(entry -> {
                    String[] sizes = entry.getKey().shape().split(" ");
                    double otherHeads = Double.parseDouble(sizes[0]);
                    double otherKvHeads = Double.parseDouble(sizes[1]);
                    double count = byKvHeads ? otherKvHeads / kvHeads : otherHeads / heads;
                    return 10 * Math.abs(Math.log(Double.parseDouble(sizes[2]) / headSize))
                            + HEAD_COUNT_WEIGHT * Math.abs(Math.log(count))
                            + Math.abs(Math.log(otherHeads / otherKvHeads / (heads / kvHeads)));
                }))
                .orElseThrow(() -> new IllegalStateException("no surface of " + table.key() + " on " + card.name()))
                .getValue();
    }

    /** Latent attention of one layer in one decode step, both batched products around it included; as the plain one's. */
    public DoubleBinaryOperator latentDecode(double cacheBytes, double heads, double cachedElements) {
        Surface surface = nearestCount(KernelTable.LATENT_DECODE, cacheBytes <= 1 ? "fp8" : "bfloat16", heads);
        Surface products = nearestCount(KernelTable.LATENT_PRODUCTS, BEST, heads);
        return (sequences, context) ->
                surface.at(sequences, context) * roofline.readMicros(sequences * context * cachedElements, cacheBytes)
                        + products.at(sequences);
    }

    private static boolean has(Card card, KernelTable table, String variant) {
        return card.surfaces().keySet().stream()
                .anyMatch(
                        key -> key.table().equals(table.key()) && key.variant().equals(variant));
    }

    private Surface nearestCount(KernelTable table, String variant, double count) {
        Card with = has(card, table, variant) ? card : linked;
        return with.surfaces().entrySet().stream()
                .filter(entry -> entry.getKey().table().equals(table.key())
                        && entry.getKey().variant().equals(variant))
                .min(Comparator.comparingDouble(entry ->
                        Math.abs(Math.log(Double.parseDouble(entry.getKey().shape()) / count))))
                .orElseThrow(() -> new IllegalStateException("no surface of " + table.key() + " on " + with.name()))
                .getValue();
    }

    /**
     * An all-reduce among {@code gpus} of one fast domain: bytes per GPU to microseconds. On a card without tables what exceeds
     * a small message's time is scaled by the links' bandwidths.
     */
    public DoubleUnaryOperator allReduce(String engine, int gpus) {
        Surface surface = reduction(engine, gpus <= 2 ? 2 : gpus <= 4 ? 4 : 8);
        double small = surface.at(Grid.MESSAGE.points()[0]);
        double last = Grid.MESSAGE.points()[Grid.MESSAGE.size() - 1];
        return bytes -> {
            double whole = surface.at(bytes) * Math.max(1, bytes / last);
            return small + Math.max(0, whole - small) * linkRatio;
        };
    }

    private Surface reduction(String engine, int gpus) {
        return Stream.concat(Stream.of(engine), ENGINES.stream())
                .map(candidate -> linked.surfaces()
                        .get(new KernelKey(KernelTable.ALL_REDUCE.key(), candidate, Integer.toString(gpus))))
                .filter(Objects::nonNull)
                .findFirst()
                .orElseThrow(() -> new IllegalStateException("no all-reduce of " + gpus + " on " + linked.name()));
    }
}
