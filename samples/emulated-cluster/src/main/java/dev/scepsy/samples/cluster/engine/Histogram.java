package dev.scepsy.samples.cluster.engine;

import java.util.Arrays;

/** A Prometheus histogram. */
final class Histogram {
    private final String name;
    private final String help;
    private final double[] bounds;
    private final long[] counts;
    private double sum;
    private long count;

    /** @param bounds upper bounds, ascending, without infinity */
    Histogram(String name, String help, double... bounds) {
        this.name = name;
        this.help = help;
        this.bounds = bounds.clone();
        this.counts = new long[bounds.length + 1];
    }

    void observe(double value) {
        int found = Arrays.binarySearch(bounds, value);
        counts[found >= 0 ? found : -found - 1]++;
        sum += value;
        count++;
    }

    /** Labels stand in the order of their names, as prometheus_client writes them. */
    void write(StringBuilder out, String model, double createdSeconds) {
        out.append("# HELP ").append(name).append(' ').append(help).append('\n');
        out.append("# TYPE ").append(name).append(" histogram\n");
        long cumulative = 0;
        for (int i = 0; i < counts.length; i++) {
            cumulative += counts[i];
            String bound = i < bounds.length ? Double.toString(bounds[i]) : "+Inf";
            series(out, "_bucket", "engine=\"0\",le=\"" + bound + "\"," + model, cumulative);
        }
        String labels = "engine=\"0\"," + model;
        series(out, "_count", labels, count);
        series(out, "_sum", labels, sum);
        out.append("# HELP ").append(name).append("_created ").append(help).append('\n');
        out.append("# TYPE ").append(name).append("_created gauge\n");
        series(out, "_created", labels, createdSeconds);
    }

    private void series(StringBuilder out, String suffix, String labels, double value) {
        out.append(name)
                .append(suffix)
                .append('{')
                .append(labels)
                .append("} ")
                .append(value)
                .append('\n');
    }
}
