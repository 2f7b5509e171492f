package dev.scepsy.planner.cluster;

import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Base64;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** When a bearer token ends, where it says so itself (a JSON Web Token, as Kubernetes and most clouds issue them). */
final class TokenExpiry {

    private static final Pattern EXPIRY = Pattern.compile("\"exp\"\\s*:\\s*(\\d{1,12})\\b");

    private TokenExpiry() {}

    static Optional<Instant> of(@Nullable String token) {
        String[] parts = token == null ? new String[0] : token.split("\\.");
        if (parts.length != 3) {
            return Optional.empty();
        }
        try {
            Matcher expiry =
                    EXPIRY.matcher(new String(Base64.getUrlDecoder().decode(parts[1]), StandardCharsets.UTF_8));
            return expiry.find()
                    ? Optional.of(Instant.ofEpochSecond(Long.parseLong(expiry.group(1))))
                    : Optional.empty();
        } catch (IllegalArgumentException opaque) {
            return Optional.empty();
        }
    }
}
