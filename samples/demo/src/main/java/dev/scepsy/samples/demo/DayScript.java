package dev.scepsy.samples.demo;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;

/**
 * What happened in a day, so that it can happen again. Times are emulated seconds since the day began. Immutable.
 *
 * @param arrivals in the order of time
 * @param criticsSeconds when the release came that asks the critic {@code opinions} times
 * @param node the one that died at {@code nodeLostSeconds}, until {@code nodeBackSeconds}
 * @param slowModel one engine of which was {@code slowFactor} times as slow from {@code slowSeconds} on
 * @param endSeconds when the day was over, and that engine well again
 */
record DayScript(
        List<Arrival> arrivals,
        double criticsSeconds,
        int opinions,
        String node,
        double nodeLostSeconds,
        double nodeBackSeconds,
        String slowModel,
        double slowFactor,
        double slowSeconds,
        double endSeconds) {

    DayScript {
        arrivals = List.copyOf(arrivals);
    }

    /** For programs: the events, and each arrival's time. */
    ObjectNode json() {
        ObjectNode json = JsonNodeFactory.instance.objectNode();
        json.put("criticsSeconds", criticsSeconds).put("opinions", opinions);
        json.put("node", node).put("nodeLostSeconds", nodeLostSeconds).put("nodeBackSeconds", nodeBackSeconds);
        json.put("slowModel", slowModel).put("slowFactor", slowFactor).put("slowSeconds", slowSeconds);
        json.put("endSeconds", endSeconds);
        ArrayNode due = json.putArray("arrivals");
        arrivals.forEach(arrival -> due.addObject()
                .put("seconds", arrival.seconds())
                .put("text", arrival.question().text())
                .put("seed", arrival.question().seed()));
        return json;
    }

    /** A question and when it was due. */
    record Arrival(double seconds, Question question) {}
}
