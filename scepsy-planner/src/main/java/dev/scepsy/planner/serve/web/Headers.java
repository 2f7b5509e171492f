package dev.scepsy.planner.serve.web;

import com.linecorp.armeria.common.HttpHeaders;

/** What every answer says to browsers: nothing of it is run, framed, guessed at or kept. */
final class Headers {

    private static final HttpHeaders API = common().set(
                    "content-security-policy", "default-src 'none'; frame-ancestors 'none'")
            .set("cache-control", "no-store")
            .build();

    private static final HttpHeaders PAGE = common().set(
                    "content-security-policy",
                    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; font-src 'self';"
                            + " connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'")
            .set("cache-control", "no-cache")
            .build();

    private Headers() {}

    static HttpHeaders ofApi() {
        return API;
    }

    static HttpHeaders ofPage() {
        return PAGE;
    }

    private static com.linecorp.armeria.common.HttpHeadersBuilder common() {
        return HttpHeaders.builder()
                .set("x-content-type-options", "nosniff")
                .set("referrer-policy", "no-referrer")
                .set("x-frame-options", "DENY")
                .set("cross-origin-resource-policy", "same-origin")
                .set("cross-origin-opener-policy", "same-origin");
    }
}
