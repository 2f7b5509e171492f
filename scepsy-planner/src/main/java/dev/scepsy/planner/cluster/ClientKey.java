package dev.scepsy.planner.cluster;

import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.internal.SSLUtils;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.security.spec.InvalidKeySpecException;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import javax.net.ssl.KeyManager;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.TrustManager;
import org.jspecify.annotations.Nullable;

/**
 * The client certificate of a kubeconfig whose key is written as PKCS#8 ({@code BEGIN PRIVATE KEY}, what openssl and
 * cert-manager write). The library takes every such key for RSA; this reads elliptic curves as well.
 */
record ClientKey(KeyManager[] keys, TrustManager[] trusted) {

    private static final String BEGIN = "-----BEGIN PRIVATE KEY-----";
    private static final String END = "-----END PRIVATE KEY-----";

    /** Empty where the library reads the key itself, or there is none. */
    static Optional<ClientKey> of(Config config) {
        try {
            String key = text(config.getClientKeyData(), config.getClientKeyFile());
            String certificate = text(config.getClientCertData(), config.getClientCertFile());
            if (!key.contains(BEGIN) || !key.contains(END) || certificate.isEmpty()) {
                return Optional.empty();
            }
            return Optional.of(
                    new ClientKey(keyManagers(privateKey(key), certificate), SSLUtils.trustManagers(config)));
        } catch (IOException | GeneralSecurityException | IllegalArgumentException unusable) {
            String why = "the client certificate or key of the kubeconfig cannot be used: " + unusable.getMessage();
            throw new KubernetesClientException(why, new IOException(why));
        }
    }

    private static PrivateKey privateKey(String pem) throws GeneralSecurityException {
        String encoded = pem.substring(pem.indexOf(BEGIN) + BEGIN.length(), pem.indexOf(END));
        PKCS8EncodedKeySpec specification =
                new PKCS8EncodedKeySpec(Base64.getMimeDecoder().decode(encoded));
        for (String algorithm : List.of("EC", "RSA", "EdDSA")) {
            try {
                return KeyFactory.getInstance(algorithm).generatePrivate(specification);
            } catch (InvalidKeySpecException another) {
                // the next algorithm reads it, or none
            }
        }
        throw new InvalidKeySpecException("the key is of none of the kinds EC, RSA and EdDSA");
    }

    private static KeyManager[] keyManagers(PrivateKey key, String certificate)
            throws GeneralSecurityException, IOException {
        Certificate[] chain = CertificateFactory.getInstance("X.509")
                .generateCertificates(new ByteArrayInputStream(certificate.getBytes(StandardCharsets.UTF_8)))
                .toArray(Certificate[]::new);
        KeyStore store = KeyStore.getInstance("PKCS12");
        store.load(null, null);
        char[] inMemoryOnly = new char[0];
        store.setKeyEntry("client", key, inMemoryOnly, chain);
        KeyManagerFactory factory = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        factory.init(store, inMemoryOnly);
        return factory.getKeyManagers();
    }

    private static String text(@Nullable String data, @Nullable String file) throws IOException {
        if (data != null && !data.isBlank()) {
            return data.contains("-----BEGIN")
                    ? data
                    : new String(Base64.getMimeDecoder().decode(data), StandardCharsets.UTF_8);
        }
        return file == null || file.isBlank() ? "" : Files.readString(Path.of(file));
    }
}
