package dev.scepsy.samples.cluster.engine;

import java.util.Arrays;
import java.util.Locale;

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

    /** @param labels inside the braces, without them */
    void write(StringBuilder out, String labels) {
        write(out, labels, name);
    }

    /** The same numbers under another name. */
    void write(StringBuilder out, String labels, String name) {
        out.append("# HELP ").append(name).append(' ').append(help).append('\n');
        out.append("# TYPE ").append(name).append(" histogram\n");
        long cumulative = 0;
        for (int i = 0; i < counts.length; i++) {
            cumulative += counts[i];
            String bound = i < bounds.length ? Double.toString(bounds[i]) : "+Inf";
            out.append(name)
                    .append("_bucket{")
                    .append(labels)
                    .append(",le=\"")
                    .append(bound)
                    .append("\"} ");
            out.append(cumulative).append('\n');
        }
        out.append(
                String.format(Locale.ROOT, "%s_sum{%s} %s%n", name, labels, sum).replace("\r", ""));
        out.append(name)
                .append("_count{")
                .append(labels)
                .append("} ")
                .append(count)
                .append('\n');
    }
}
