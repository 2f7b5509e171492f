package dev.scepsy.planner.file;

import dev.scepsy.planner.serve.settings.ServeSettings.Access;
import dev.scepsy.planner.serve.settings.ServeSettings.Tls;
import dev.scepsy.planner.serve.settings.Tokens;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.regex.Pattern;

/** The part {@code access} of {@code serve.yaml}: who may, under which names, and TLS. */
final class ServeAccess {

    private static final Pattern HOST = Pattern.compile(
            "(?:[a-z0-9_](?:[-a-z0-9_]{0,61}[a-z0-9_])?\\.)*[a-z0-9_](?:[-a-z0-9_]{0,61}[a-z0-9_])?|\\[[0-9a-f:.]+]",
            Pattern.CASE_INSENSITIVE);

    private ServeAccess() {}

    static Access read(Fields fields, ServeValues values, boolean tokensMayBeMissing) {
        String written = fields.text("tokens");
        Path tokens = Path.of("tokens.txt");
        if (fields.sound("tokens")) {
            Optional<Path> named = values.path(written, sentence -> fields.problem("tokens", sentence));
            tokens = named.orElse(tokens);
            if (named.isPresent() && !tokensMayBeMissing) {
                Tokens.problems(tokens).forEach(sentence -> fields.problem("tokens", sentence));
            }
        }
        return new Access(
                tokens, fields.texts("hosts", ServeAccess::host), fields.mapping("tls", each -> tls(each, values)));
    }

    private static Optional<String> host(String text, Consumer<String> problem) {
        if (HOST.matcher(text).matches()) {
            return Optional.of(text.toLowerCase(Locale.ROOT));
        }
        problem.accept(
                "The host (" + text + ") must be a name alone, such as scepsy.example, as requests for it carry it:"
                        + " without http:// and port.");
        return Optional.empty();
    }

    private static Tls tls(Fields fields, ServeValues values) {
        return new Tls(pem(fields, "certificate", values), pem(fields, "key", values));
    }

    private static Path pem(Fields fields, String key, ServeValues values) {
        String text = fields.text(key);
        return fields.sound(key)
                ? values.file(fields, key, text, "It must be PEM.").orElse(Path.of(key))
                : Path.of(key);
    }
}
