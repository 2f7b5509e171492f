package dev.scepsy.planner.cli;

import dev.scepsy.planner.file.TextFile;
import java.net.InetAddress;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.UnknownHostException;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;
import picocli.CommandLine.TypeConversionException;

/** Which planner service, and as whom; {@code @Mixin} of the verbs that talk to one. */
final class ServiceOptions {

    static final String TOKEN_VARIABLE = "SCEPSY_TOKEN";

    @Option(
            names = "--service",
            paramLabel = "URL",
            defaultValue = "http://127.0.0.1:8844",
            converter = ServiceUrl.class,
            description = "Address of the service (default: ${DEFAULT-VALUE}).")
    private URI service = URI.create("http://127.0.0.1:8844");

    @Option(
            names = "--token-file",
            paramLabel = "FILE",
            description =
                    "File that holds the token (default: the environment variable " + TOKEN_VARIABLE + ", else none).")
    private @Nullable Path tokenFile;

    @Spec(Spec.Target.MIXEE)
    private CommandSpec spec = CommandSpec.create();

    /** From a written address; picocli names the option where it is none. */
    static final class ServiceUrl implements ITypeConverter<URI> {
        @Override
        public URI convert(String written) {
            try {
                URI url = new URI(written);
                boolean web = "http".equalsIgnoreCase(url.getScheme()) || "https".equalsIgnoreCase(url.getScheme());
                if (web
                        && url.getHost() != null
                        && url.getRawUserInfo() == null
                        && url.getRawQuery() == null
                        && url.getRawFragment() == null
                        && url.getPort() != 0
                        && url.getPort() <= 65_535) {
                    return url;
                }
            } catch (URISyntaxException e) {
                // told below, together with addresses of something else
            }
            throw new TypeConversionException("The address (" + written
                    + ") must be like http://127.0.0.1:8844, with a host and without user and password: a token is for"
                    + " --token-file or " + TOKEN_VARIABLE + ".");
        }
    }

    /** A client of it; a token that would cross a network in the clear is warned of. */
    ServiceClient open(Terminal terminal) {
        Optional<String> token = token(System.getenv());
        if (token.isPresent() && "http".equalsIgnoreCase(service.getScheme()) && !isThisMachine(service.getHost())) {
            terminal.err()
                    .println("warning: the token goes to " + service + " unencrypted. Use https where others share the"
                            + " network.");
            terminal.err().flush();
        }
        return new ServiceClient(service, token);
    }

    private Optional<String> token(Map<String, String> environment) {
        if (tokenFile == null) {
            return Optional.of(environment.getOrDefault(TOKEN_VARIABLE, "").strip())
                    .filter(text -> !text.isEmpty())
                    .map(text -> checked(TOKEN_VARIABLE, text));
        }
        try {
            return Optional.of(checked(
                    "--token-file: " + tokenFile, TextFile.read(tokenFile).strip()));
        } catch (TextFile.Unreadable e) {
            throw new ParameterException(spec.commandLine(), "--token-file: " + tokenFile + ": " + e.sentence());
        }
    }

    private String checked(String where, String token) {
        if (!token.isEmpty()
                && token.length() <= 512
                && token.chars().allMatch(letter -> letter > ' ' && letter < 127)) {
            return token;
        }
        throw new ParameterException(
                spec.commandLine(), where + " holds no token: one word of printable letters is one, and nothing else.");
    }

    private static boolean isThisMachine(String host) {
        try {
            return InetAddress.getByName(host).isLoopbackAddress();
        } catch (UnknownHostException e) {
            return false;
        }
    }
}
