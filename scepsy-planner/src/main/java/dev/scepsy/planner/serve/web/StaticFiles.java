package dev.scepsy.planner.serve.web;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The page: files beside this class under {@code page/}, {@code index.html} at {@code /} and the rest below {@code /assets/}. It
 * holds no data and only relative links, so that it works under any path prefix. Thread-safe.
 */
final class StaticFiles {

    private static final String FOLDER = "page/";
    private static final Pattern PATH = Pattern.compile("([A-Za-z0-9_-][A-Za-z0-9._-]*/)*[A-Za-z0-9_-][A-Za-z0-9._-]*");
    private static final Map<String, String> TYPES = Map.of(
            "html", "text/html; charset=utf-8",
            "css", "text/css; charset=utf-8",
            "js", "text/javascript; charset=utf-8",
            "json", "application/json",
            "svg", "image/svg+xml",
            "png", "image/png",
            "ico", "image/x-icon",
            "txt", "text/plain; charset=utf-8",
            "woff2", "font/woff2");

    private final ConcurrentMap<String, Answer> found = new ConcurrentHashMap<>();

    /** @param seen the reader's {@code If-None-Match} */
    Answer index(@Nullable String seen) {
        return file(FOLDER + "index.html", seen).orElseThrow();
    }

    /** @throws Refusal 404 */
    Answer asset(String path, @Nullable String seen) {
        return (PATH.matcher(path).matches() ? file(FOLDER + "assets/" + path, seen) : Optional.<Answer>empty())
                .orElseThrow(() -> Refusal.unknown("The page has no such file."));
    }

    /** The description of all addresses. */
    Answer openApi(@Nullable String seen) {
        return file("openapi.json", seen).orElseThrow();
    }

    private Optional<Answer> file(String name, @Nullable String seen) {
        Answer file = found.get(name);
        if (file == null) {
            Optional<Answer> read = read(name);
            if (read.isEmpty()) {
                return read;
            }
            file = read.get();
            found.put(name, file);
        }
        boolean same = seen != null && seen.equals(file.headers().get("etag"));
        return Optional.of(same ? new Answer(304, "", new byte[0], file.headers()) : file);
    }

    private static Optional<Answer> read(String name) {
        String type = TYPES.get(name.substring(name.lastIndexOf('.') + 1));
        if (type == null) {
            return Optional.empty();
        }
        try (InputStream in = StaticFiles.class.getResourceAsStream(name)) {
            if (in == null) {
                return Optional.empty();
            }
            byte[] bytes = in.readAllBytes();
            Map<String, String> headers = new LinkedHashMap<>();
            headers.put("etag", "\"" + Secrets.digest(bytes).substring(0, 32) + "\"");
            Headers.ofPage().forEach((header, value) -> headers.put(header.toString(), value));
            return Optional.of(new Answer(200, type, bytes, headers));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
