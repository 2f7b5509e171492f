package dev.scepsy.planner.file;

import dev.scepsy.planner.router.RouterKind;
import dev.scepsy.planner.router.RouterSettings;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

/** Reads {@code router} of {@code models.yaml}: how requests find their engines. */
final class RouterSection {

    private static final Pattern DOMAIN =
            Pattern.compile("[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*");
    private static final Pattern GATEWAY = Pattern.compile("([a-z0-9][-a-z0-9]*/)?[a-z0-9][-a-z0-9.]*");
    private static final int LONGEST_DOMAIN = 120;

    private RouterSection() {}

    static RouterSettings read(Fields fields) {
        Map<String, RouterKind> kinds = new LinkedHashMap<>();
        Arrays.stream(RouterKind.values()).forEach(kind -> kinds.put(kind.key(), kind));
        RouterSettings usual = RouterSettings.DEFAULT;
        Optional<RouterKind> kind = fields.optionalChoice("kind", kinds);
        Optional<String> image = fields.optionalText("image");
        Optional<String> gateway = fields.optionalText("gateway");
        String domain = fields.optionalText("clusterDomain").orElse(usual.clusterDomain());
        if (!DOMAIN.matcher(domain).matches() || domain.length() > LONGEST_DOMAIN) {
            fields.problem(
                    "clusterDomain",
                    "The clusterDomain (" + Shortened.printable(domain)
                            + ") must be a DNS name in small letters, such as" + " cluster.local.");
            domain = usual.clusterDomain();
        }
        if (kind.equals(Optional.of(RouterKind.VLLM_ROUTER)) && image.isEmpty()) {
            fields.problem(
                    "kind",
                    "The router (vllm-router) needs an image with a tag: no version of it was tested. Give image, or"
                            + " use haproxy.");
        }
        boolean extension = kind.equals(Optional.of(RouterKind.INFERENCE_EXTENSION));
        if (extension && gateway.isEmpty()) {
            fields.problem(
                    "kind",
                    "The router (inference-extension) needs gateway, the name of the Gateway that its routes are"
                            + " attached to.");
        }
        if (gateway.isPresent() && !extension && fields.sound("kind")) {
            fields.problem("gateway", "Only the router (inference-extension) has a gateway: leave it out.");
        }
        if (gateway.isPresent() && !GATEWAY.matcher(gateway.get()).matches()) {
            fields.problem(
                    "gateway",
                    "The gateway (" + Shortened.printable(gateway.get())
                            + ") must be NAME or NAMESPACE/NAME of a Gateway.");
        }
        return new RouterSettings(
                kind,
                fields.optionalInteger("replicas", 1, RouterSettings.MOST_REPLICAS)
                        .orElse(usual.replicas()),
                image,
                domain,
                fields.optionalInteger("maxRequestKiB", 1, RouterSettings.MOST_REQUEST_KIB)
                        .orElse(usual.maxRequestKiB()),
                fields.optionalInteger("maxConnections", 1, RouterSettings.MOST_CONNECTIONS)
                        .orElse(usual.maxConnections()),
                fields.optionalInteger("dnsSeconds", 0, RouterSettings.MOST_DNS_SECONDS)
                        .orElse(usual.dnsSeconds()),
                gateway);
    }
}
