package dev.scepsy.planner.profile;

import java.util.Map;
import java.util.Optional;

/** Memory that the weights of a model take in one precision. Immutable. */
final class WeightMemory {

    private static final double SIXTEEN_BIT_BYTES = 2;

    private final ModelArchitecture model;
    private final Precision precision;
    private final Optional<Quantisation> published;

    WeightMemory(ModelArchitecture model, Precision precision) {
        this.model = model;
        this.precision = precision;
        this.published = model.quantisation().filter(stored -> model.publishedPrecision() == precision);
    }

    double bytes() {
        return published.map(this::publishedBytes).orElseGet(this::convertedBytes);
    }

    private double publishedBytes(Quantisation stored) {
        Map<WeightPart, Long> counts = model.parametersByPart();
        double saved = counts.entrySet().stream()
                .mapToDouble(part -> part.getValue() * (SIXTEEN_BIT_BYTES - stored.bytesPerWeight(part.getKey())))
                .sum();
        return SIXTEEN_BIT_BYTES * model.totalParameters() - saved;
    }

    private double convertedBytes() {
        long unquantised = model.totalParameters() - model.residentParameters() - model.routedExpertParameters();
        return unquantised * model.embeddingBytesPerParameter(precision)
                + model.residentParameters() * model.residentBytesPerParameter(precision)
                + model.routedExpertParameters() * precision.bytes();
    }

    double bytesPerGpu(int degree) {
        double replicated = 0;
        for (LayerGroup group : model.layerGroups()) {
            double mixers = 0;
            for (TokenMixer mixer : group.mixers()) {
                mixers += mixer.replicatedParameters(model.hiddenSize(), degree);
            }
            double router = group.feedForward().routerParameters(model.hiddenSize());
            replicated += group.count() * (mixers * bytesPerAttentionWeight() + router * SIXTEEN_BIT_BYTES);
        }
        return (bytes() + (degree - 1) * replicated) / degree;
    }

    private double bytesPerAttentionWeight() {
        return published
                .map(stored -> stored.bytesPerWeight(WeightPart.ATTENTION))
                .orElse(model.residentBytesPerParameter(precision));
    }
}
