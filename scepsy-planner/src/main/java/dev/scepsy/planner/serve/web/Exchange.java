package dev.scepsy.planner.serve.web;

import com.fasterxml.jackson.databind.node.ObjectNode;
import com.linecorp.armeria.common.RequestHeaders;
import java.net.InetAddress;
import java.util.Map;

/**
 * A request that may be worked on.
 *
 * @param path values of the path's parameters, decoded
 * @param body empty where none was sent
 * @param tls whether it came over TLS that ends here
 */
record Exchange(
        RequestHeaders headers,
        Map<String, String> path,
        Query query,
        ObjectNode body,
        Caller caller,
        InetAddress from,
        boolean tls) {

    /** A parameter of the path. */
    String of(String parameter) {
        return path.getOrDefault(parameter, "");
    }
}
