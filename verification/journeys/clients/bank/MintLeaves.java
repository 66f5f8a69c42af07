// SPDX-License-Identifier: Apache-2.0
import dev.chaperone.pki.DeviceRoot;
import dev.chaperone.pki.IssuingRoot;
import dev.chaperone.pki.OrganisationRoot;
import dev.chaperone.pki.Pem;
import java.math.BigInteger;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.cert.X509Certificate;
import java.security.spec.ECGenParameterSpec;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.Date;
import java.util.List;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.ExtendedKeyUsage;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.asn1.x509.KeyPurposeId;
import org.bouncycastle.asn1.x509.KeyUsage;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.cert.jcajce.JcaX509ExtensionUtils;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;

/**
 * Plays a thief of one intermediate's key: signs leaves for an opened host, for a bank and for an IP address under an
 * intermediate that the product made: under a device's own root, or under an organisation's that a company's root signed. Writes {@code
 * root.pem}, {@code intermediate.pem}, {@code above.pem} (what stands between, may be empty) and, for each leaf, {@code
 * NAME/{leaf,chain,key}.pem} to a folder.
 *
 * <p>{@code java -cp 'agent-core/target/lib/*' MintLeaves.java FOLDER own|fleet}
 */
final class MintLeaves {
    private static final Instant NOW = Instant.now();

    public static void main(String[] args) throws Exception {
        Path folder = Path.of(args[0]);
        IssuingRoot root = args[1].equals("fleet") ? organisation() : DeviceRoot.create("Journeys", NOW);
        List<X509Certificate> above = root instanceof OrganisationRoot fleet ? fleet.presented() : List.of();
        KeyPair stolen = keys();
        X509Certificate intermediate =
                root.signIntermediate("openai-api", stolen.getPublic(), List.of("api.openai.com"), NOW);
        Files.createDirectories(folder);
        Files.writeString(folder.resolve("root.pem"), Pem.encode(root.certificate()));
        Files.writeString(folder.resolve("intermediate.pem"), Pem.encode(intermediate));
        Files.writeString(folder.resolve("above.pem"), pem(above));
        leaf(folder.resolve("opened"), new GeneralName(GeneralName.dNSName, "api.openai.com"), intermediate, above, stolen);
        leaf(folder.resolve("bank"), new GeneralName(GeneralName.dNSName, "bank.test"), intermediate, above, stolen);
        leaf(folder.resolve("ip"), new GeneralName(GeneralName.iPAddress, "127.0.0.1"), intermediate, above, stolen);
    }

    /** An organisation's intermediate under a company's root, as {@code admin root import} takes it. */
    private static OrganisationRoot organisation() throws Exception {
        KeyPair company = keys();
        KeyPair signing = keys();
        X509Certificate root = ca("CN=Acme Root", company.getPublic(), "CN=Acme Root", company, -1);
        X509Certificate intermediate = ca("CN=Acme issuing CA", signing.getPublic(), "CN=Acme Root", company, 1);
        return OrganisationRoot.imported(signing.getPrivate(), signing.getPublic(), List.of(root, intermediate), "api.openai.com", NOW);
    }

    private static X509Certificate ca(String name, java.security.PublicKey key, String issuer, KeyPair signer, int pathlen)
            throws Exception {
        JcaX509v3CertificateBuilder b =
                new JcaX509v3CertificateBuilder(
                        new javax.security.auth.x500.X500Principal(issuer),
                        BigInteger.valueOf(System.nanoTime()),
                        Date.from(NOW.minus(Duration.ofDays(1))),
                        Date.from(NOW.plus(Duration.ofDays(1000))),
                        new javax.security.auth.x500.X500Principal(name),
                        key);
        JcaX509ExtensionUtils utils = new JcaX509ExtensionUtils();
        b.addExtension(Extension.basicConstraints, true, pathlen < 0 ? new BasicConstraints(true) : new BasicConstraints(pathlen));
        b.addExtension(Extension.keyUsage, true, new KeyUsage(KeyUsage.keyCertSign));
        b.addExtension(Extension.subjectKeyIdentifier, false, utils.createSubjectKeyIdentifier(key));
        b.addExtension(Extension.authorityKeyIdentifier, false, utils.createAuthorityKeyIdentifier(signer.getPublic()));
        return new JcaX509CertificateConverter()
                .getCertificate(b.build(new JcaContentSignerBuilder("SHA256withECDSA").build(signer.getPrivate())));
    }

    private static String pem(List<X509Certificate> certificates) {
        StringBuilder all = new StringBuilder();
        certificates.forEach(c -> all.append(Pem.encode(c)));
        return all.toString();
    }

    private static void leaf(Path folder, GeneralName name, X509Certificate issuer, List<X509Certificate> above, KeyPair issuerKeys) throws Exception {
        KeyPair keys = keys();
        JcaX509v3CertificateBuilder b =
                new JcaX509v3CertificateBuilder(
                        issuer,
                        BigInteger.valueOf(System.nanoTime()),
                        Date.from(NOW.minus(Duration.ofHours(1))),
                        Date.from(NOW.plus(Duration.ofDays(20))),
                        new javax.security.auth.x500.X500Principal("CN=journey"),
                        keys.getPublic());
        JcaX509ExtensionUtils utils = new JcaX509ExtensionUtils();
        b.addExtension(Extension.basicConstraints, true, new BasicConstraints(false));
        b.addExtension(Extension.keyUsage, true, new KeyUsage(KeyUsage.digitalSignature));
        b.addExtension(Extension.extendedKeyUsage, false, new ExtendedKeyUsage(KeyPurposeId.id_kp_serverAuth));
        b.addExtension(Extension.subjectAlternativeName, false, new GeneralNames(name));
        b.addExtension(Extension.authorityKeyIdentifier, false, utils.createAuthorityKeyIdentifier(issuer));
        X509Certificate leaf =
                new JcaX509CertificateConverter()
                        .getCertificate(b.build(new JcaContentSignerBuilder("SHA256withECDSA").build(issuerKeys.getPrivate())));
        Files.createDirectories(folder);
        Files.writeString(folder.resolve("leaf.pem"), Pem.encode(leaf));
        Files.writeString(folder.resolve("chain.pem"), Pem.encode(leaf) + Pem.encode(issuer) + pem(above));
        Files.writeString(
                folder.resolve("key.pem"),
                "-----BEGIN PRIVATE KEY-----\n"
                        + Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(keys.getPrivate().getEncoded())
                        + "\n-----END PRIVATE KEY-----\n");
    }

    private static KeyPair keys() throws Exception {
        KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
        generator.initialize(new ECGenParameterSpec("secp256r1"));
        return generator.generateKeyPair();
    }
}
