package dev.scepsy.planner.serve.settings;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/** The tokens file as lines: {@code name role sha256:HEX}, blank lines, and comments behind {@code #}. Immutable. */
final class TokenLines {

    static final int LONGEST_BYTES = 1 << 20;
    static final int LONGEST_NAME = 64;

    private static final Pattern NAME = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._@-]*");
    private static final Pattern HASH = Pattern.compile("sha256:[0-9a-fA-F]{64}");
    private static final Set<PosixFilePermission> OTHERS = Set.of(
            PosixFilePermission.GROUP_READ,
            PosixFilePermission.GROUP_WRITE,
            PosixFilePermission.GROUP_EXECUTE,
            PosixFilePermission.OTHERS_READ,
            PosixFilePermission.OTHERS_WRITE,
            PosixFilePermission.OTHERS_EXECUTE);

    /** A line's meaning. */
    record Entry(Actor actor, byte[] hash) {}

    private final String text;
    private final List<Entry> entries = new ArrayList<>();
    private final List<String> problems = new ArrayList<>();

    private TokenLines(String text) {
        this.text = text;
        Map<String, Integer> names = new HashMap<>();
        Map<String, Integer> hashes = new HashMap<>();
        int number = 0;
        for (String line : text.split("\n", -1)) {
            number++;
            String written = line.strip();
            if (!written.isEmpty() && !written.startsWith("#")) {
                entry(number, written.split("\\s+"), names, hashes);
            }
        }
    }

    /**
     * What {@code file} holds. The sentences of what is thrown name the file; where lines are wrong they are {@link #problems}.
     *
     * @throws IOException if it cannot be read, is no text, or others could read it
     */
    static TokenLines read(Path file) throws IOException {
        Optional<String> open = openToOthers(file);
        if (open.isPresent()) {
            throw new IOException(open.get());
        }
        byte[] bytes;
        try (InputStream stream = Files.newInputStream(file)) {
            bytes = stream.readNBytes(LONGEST_BYTES + 1);
        } catch (IOException e) {
            throw new IOException(file + ": " + why(file, e), e);
        }
        if (bytes.length > LONGEST_BYTES) {
            throw new IOException(
                    file + ": The file is larger than " + (LONGEST_BYTES >> 20) + " MiB: it is no file of tokens.");
        }
        try {
            return of(StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(bytes))
                    .toString());
        } catch (CharacterCodingException e) {
            throw new IOException(file + ": The file is not UTF-8 text: it is no file of tokens.", e);
        }
    }

    static TokenLines of(String text) {
        return new TokenLines(text);
    }

    /** Why nobody else may read it, and the command that helps; empty where nobody else does, or no such file is there. */
    static Optional<String> openToOthers(Path file) throws IOException {
        if (!Files.exists(file)
                || !file.getFileSystem().supportedFileAttributeViews().contains("posix")) {
            return Optional.empty();
        }
        Set<PosixFilePermission> permissions = Files.getPosixFilePermissions(file);
        return permissions.stream().noneMatch(OTHERS::contains)
                ? Optional.empty()
                : Optional.of(file + ": Others than its owner may use this file of tokens (mode " + octal(permissions)
                        + "). Run: chmod 600 " + file);
    }

    String text() {
        return text;
    }

    List<Entry> entries() {
        return List.copyOf(entries);
    }

    /** What is wrong with lines, sentences that begin with {@code line N}. */
    List<String> problems() {
        return List.copyOf(problems);
    }

    /** Why {@code name} cannot be a token's. */
    static Optional<String> wrongName(String name) {
        if (!NAME.matcher(name).matches() || name.length() > LONGEST_NAME) {
            return Optional.of("The name (" + name + ") must be of letters, digits and . _ @ -, begin with a letter or"
                    + " digit and have at most " + LONGEST_NAME + " of them.");
        }
        return name.equals(Actor.LOCAL.name()) || name.equals(Actor.SERVICE.name())
                ? Optional.of("The name (" + name + ") is the service's own word for "
                        + (name.equals(Actor.LOCAL.name()) ? "a decider without a token" : "itself")
                        + ". Take another.")
                : Optional.empty();
    }

    static byte[] hash(String token) {
        try {
            return MessageDigest.getInstance("SHA-256").digest(token.getBytes(StandardCharsets.UTF_8));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("Every JDK has SHA-256.", e);
        }
    }

    private void entry(int number, String[] words, Map<String, Integer> names, Map<String, Integer> hashes) {
        String line = "line " + number + ": ";
        if (words.length != 3) {
            problems.add(line + "A line is 'name role sha256:HEX'; this one has " + words.length
                    + (words.length == 1 ? " word." : " words."));
            return;
        }
        int before = problems.size();
        wrongName(words[0]).ifPresent(problem -> problems.add(line + problem));
        Optional<Role> role = role(words[1]);
        if (role.isEmpty()) {
            problems.add(line + "The role (" + words[1] + ") must be one of " + roles() + ".");
        }
        if (!HASH.matcher(words[2]).matches()) {
            // it may be the token itself, which must not be repeated
            problems.add(line + "The third word must be sha256: and 64 hexadecimal digits, not the token itself."
                    + " 'scepsy serve token' writes such lines.");
        }
        Integer same = names.putIfAbsent(words[0], number);
        if (same != null) {
            problems.add(line + "The name (" + words[0] + ") stands in line " + same + " already. Keep one.");
        }
        Integer twin = hashes.putIfAbsent(words[2].toLowerCase(Locale.ROOT), number);
        if (twin != null) {
            problems.add(line + "The token of (" + words[0] + ") is that of line " + twin + ". Make one for each.");
        }
        if (problems.size() == before && role.isPresent()) {
            String hex = words[2].substring("sha256:".length());
            entries.add(
                    new Entry(new Actor(words[0], role.get()), HexFormat.of().parseHex(hex)));
        }
    }

    static Optional<Role> role(String word) {
        for (Role role : Role.values()) {
            if (role.name().toLowerCase(Locale.ROOT).equals(word)) {
                return Optional.of(role);
            }
        }
        return Optional.empty();
    }

    static String roles() {
        List<String> words = new ArrayList<>();
        for (Role role : Role.values()) {
            words.add(role.name().toLowerCase(Locale.ROOT));
        }
        return String.join(", ", words);
    }

    private static String octal(Set<PosixFilePermission> permissions) {
        int mode = 0;
        for (PosixFilePermission permission : permissions) {
            mode |= 1 << (8 - permission.ordinal());
        }
        return String.format(Locale.ROOT, "%04o", mode);
    }

    private static String why(Path file, IOException problem) {
        if (problem instanceof NoSuchFileException) {
            return "There is no such file. 'scepsy serve token --name N --role operator --tokens " + file
                    + "' makes it.";
        }
        if (problem instanceof AccessDeniedException) {
            return "Access is denied.";
        }
        return Files.isDirectory(file) ? "This is a folder, not a file." : "The file cannot be read.";
    }
}
