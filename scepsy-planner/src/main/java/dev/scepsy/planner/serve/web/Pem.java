package dev.scepsy.planner.serve.web;

import com.linecorp.armeria.common.TlsKeyPair;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.Signature;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A certificate chain and its key out of PEM texts. The key is PKCS#8 without a password: RSA, EC or Ed25519. */
final class Pem {

    private static final Pattern BLOCK =
            Pattern.compile("-----BEGIN ([A-Z0-9 ]+)-----([^-]*)-----END \\1-----", Pattern.DOTALL);

    private Pem() {}

    /** @throws IOException saying for people what is wrong; never with any of the key in it */
    static TlsKeyPair keyPair(byte[] certificatePem, byte[] keyPem) throws IOException {
        List<X509Certificate> chain = new ArrayList<>();
        try {
            CertificateFactory factory = CertificateFactory.getInstance("X.509");
            Matcher blocks = BLOCK.matcher(text(certificatePem));
            while (blocks.find()) {
                if (blocks.group(1).equals("CERTIFICATE")) {
                    chain.add((X509Certificate)
                            factory.generateCertificate(new ByteArrayInputStream(bytes(blocks.group(2)))));
                }
            }
        } catch (GeneralSecurityException | IllegalArgumentException e) {
            throw new IOException("The certificate file holds a damaged certificate.");
        }
        if (chain.isEmpty()) {
            throw new IOException("The certificate file holds no -----BEGIN CERTIFICATE-----.");
        }
        PrivateKey key = key(keyPem);
        mustBelongTogether(key, chain.get(0));
        return TlsKeyPair.of(key, chain);
    }

    private static PrivateKey key(byte[] pem) throws IOException {
        Matcher blocks = BLOCK.matcher(text(pem));
        while (blocks.find()) {
            String kind = blocks.group(1);
            if (kind.equals("PRIVATE KEY")) {
                return pkcs8(blocks.group(2));
            }
            if (kind.endsWith("PRIVATE KEY")) {
                throw new IOException("The key file holds a key as " + kind
                        + ", and must hold one as PRIVATE KEY (PKCS#8, no password):"
                        + " openssl pkcs8 -topk8 -nocrypt -in key.pem -out new-key.pem");
            }
        }
        throw new IOException("The key file holds no -----BEGIN PRIVATE KEY-----.");
    }

    private static PrivateKey pkcs8(String base64) throws IOException {
        PKCS8EncodedKeySpec spec;
        try {
            spec = new PKCS8EncodedKeySpec(bytes(base64));
        } catch (IllegalArgumentException e) {
            throw new IOException("The key file's key is damaged.");
        }
        for (String algorithm : List.of("EC", "RSA", "EdDSA")) {
            try {
                return KeyFactory.getInstance(algorithm).generatePrivate(spec);
            } catch (GeneralSecurityException e) {
                // another kind, or damaged
            }
        }
        throw new IOException("The key file's key is damaged, or neither RSA nor EC nor Ed25519.");
    }

    private static void mustBelongTogether(PrivateKey key, X509Certificate certificate) throws IOException {
        String algorithm = switch (key.getAlgorithm()) {
            case "RSA" -> "SHA256withRSA";
            case "EC" -> "SHA256withECDSA";
            default -> "EdDSA";
        };
        byte[] sample = {1};
        boolean together;
        try {
            Signature signature = Signature.getInstance(algorithm);
            signature.initSign(key);
            signature.update(sample);
            byte[] signed = signature.sign();
            signature.initVerify(certificate.getPublicKey());
            signature.update(sample);
            together = signature.verify(signed);
        } catch (GeneralSecurityException e) {
            together = false;
        }
        if (!together) {
            throw new IOException("The key is not that of the file's first certificate.");
        }
    }

    private static byte[] bytes(String base64) {
        return Base64.getMimeDecoder().decode(base64);
    }

    private static String text(byte[] pem) {
        return new String(pem, StandardCharsets.ISO_8859_1);
    }
}
