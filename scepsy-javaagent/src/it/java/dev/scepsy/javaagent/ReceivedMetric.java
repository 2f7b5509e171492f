package dev.scepsy.javaagent;

import java.util.Map;

/**
 * One time series of a metric as it came over the wire.
 *
 * @param count how many values a histogram holds; 1 for a counter
 * @param sum of its values
 */
record ReceivedMetric(String name, String unit, long count, double sum, Map<String, Object> attributes) {

    boolean says(String key, Object value) {
        return value.equals(attributes.get(key));
    }
}
