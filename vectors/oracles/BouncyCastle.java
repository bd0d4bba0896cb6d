// Oracle: BouncyCastle's lightweight interface. Run from source: java -cp /usr/share/java/bcprov.jar BouncyCastle.java
// Its RFC 6979 has no place for extra entropy in step f, and its verifier no rule of low s: it is not asked these.

import java.io.BufferedReader;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import org.bouncycastle.asn1.ASN1Encoding;
import org.bouncycastle.asn1.ASN1Object;
import org.bouncycastle.asn1.ASN1ParsingException;
import org.bouncycastle.asn1.ASN1Primitive;
import org.bouncycastle.asn1.ASN1Sequence;
import org.bouncycastle.asn1.pkcs.PrivateKeyInfo;
import org.bouncycastle.asn1.sec.ECPrivateKey;
import org.bouncycastle.asn1.x509.AlgorithmIdentifier;
import org.bouncycastle.asn1.x9.X9ObjectIdentifiers;
import org.bouncycastle.crypto.Digest;
import org.bouncycastle.crypto.digests.SHA224Digest;
import org.bouncycastle.crypto.digests.SHA256Digest;
import org.bouncycastle.crypto.digests.SHA384Digest;
import org.bouncycastle.crypto.digests.SHA3Digest;
import org.bouncycastle.crypto.digests.SHA512Digest;
import org.bouncycastle.crypto.ec.CustomNamedCurves;
import org.bouncycastle.crypto.params.AsymmetricKeyParameter;
import org.bouncycastle.crypto.params.ECDomainParameters;
import org.bouncycastle.crypto.params.ECKeyParameters;
import org.bouncycastle.crypto.params.ECPrivateKeyParameters;
import org.bouncycastle.crypto.params.ECPublicKeyParameters;
import org.bouncycastle.crypto.signers.DSAEncoding;
import org.bouncycastle.crypto.signers.ECDSASigner;
import org.bouncycastle.crypto.signers.HMacDSAKCalculator;
import org.bouncycastle.crypto.signers.PlainDSAEncoding;
import org.bouncycastle.crypto.signers.StandardDSAEncoding;
import org.bouncycastle.crypto.util.PrivateKeyFactory;
import org.bouncycastle.crypto.util.PublicKeyFactory;
import org.bouncycastle.jce.provider.BouncyCastleProvider;
import org.bouncycastle.math.ec.ECFieldElement;
import org.bouncycastle.math.ec.ECPoint;
import org.bouncycastle.util.Arrays;
import org.bouncycastle.util.BigIntegers;
import org.bouncycastle.util.encoders.DecoderException;
import org.bouncycastle.util.encoders.Hex;
import org.bouncycastle.util.io.pem.PemObject;
import org.bouncycastle.util.io.pem.PemReader;

public final class BouncyCastle {
    private static final Map<String, ECDomainParameters> DOMAINS =
            Map.of("secp224k1", domain("secp224k1"), "secp256k1", domain("secp256k1"));
    private static final String VALID = "valid";
    private static final String INVALID = "invalid";
    private static final String UNSUPPORTED = "unsupported";

    /** What is no flat object of texts, integers, truth values and nulls. */
    private static final class Nested extends RuntimeException {}

    /** An answer: a result, and with "valid" perhaps a field. */
    private record Answer(String result, String name, String value) {
        Answer(String result) {
            this(result, null, null);
        }

        Answer(String name, String value) {
            this(VALID, name, value);
        }
    }

    public static void main(String[] words) throws IOException {
        PrintStream out = new PrintStream(System.out, true, StandardCharsets.US_ASCII);
        BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        for (String line = in.readLine(); line != null; line = in.readLine()) {
            Map<String, Object> request = new LinkedHashMap<>();
            Answer answer;
            try {
                new Parser(line).into(request);
                answer = answer(request);
            } catch (Nested error) {
                answer = new Answer(UNSUPPORTED);
            } catch (IllegalArgumentException | IOException | ASN1ParsingException | DecoderException error) {
                answer = new Answer(INVALID); // the library's ways to say that its input is wrong
            } catch (RuntimeException | StackOverflowError error) {
                answer = new Answer("error", "detail", error.getClass().getSimpleName());
            }
            String id = request.get("id") instanceof String text ? quoted(text) : "null";
            String field = answer.name() == null ? "" : ", " + quoted(answer.name()) + ": " + quoted(answer.value());
            out.println("{\"id\": " + id + ", \"result\": " + quoted(answer.result()) + field + "}");
        }
    }

    private static Answer answer(Map<String, Object> request) throws IOException {
        if (!DOMAINS.containsKey(text(request, "curve"))) {
            return new Answer(UNSUPPORTED);
        }
        return switch (text(request, "operation")) {
            case "version" -> new Answer("version", "BouncyCastle " + new BouncyCastleProvider().getVersionStr());
            case "verify" -> verify(request);
            case "verify_digest" -> judge(request, octets(request, "digest"), PlainDSAEncoding.INSTANCE);
            case "sign" -> sign(request, hashed(request));
            case "sign_digest" -> sign(request, octets(request, "digest"));
            case "multiply" -> multiply(request);
            case "decode_point" -> new Answer("point", hex(point(request, "point")));
            case "square_root" -> squareRoot(request);
            case "decode_key" -> decodeKey(request);
            case "login_key" -> loginKey(request);
            default -> new Answer(UNSUPPORTED);
        };
    }

    private static Answer verify(Map<String, Object> request) throws IOException {
        if (Boolean.TRUE.equals(request.get("low_s"))) {
            return new Answer(UNSUPPORTED);
        }
        boolean der = text(request, "format").equals("der");
        byte[] digest = hashed(request);
        return judge(request, digest, der ? StandardDSAEncoding.INSTANCE : PlainDSAEncoding.INSTANCE);
    }

    private static Answer judge(Map<String, Object> request, byte[] digest, DSAEncoding encoding) throws IOException {
        ECDSASigner verifier = new ECDSASigner();
        verifier.init(false, new ECPublicKeyParameters(point(request, "public_key"), domain(request)));
        BigInteger[] pair = encoding.decode(domain(request).getN(), octets(request, "signature"));
        return new Answer(verifier.verifySignature(digest, pair[0], pair[1]) ? VALID : INVALID);
    }

    private static Answer sign(Map<String, Object> request, byte[] digest) throws IOException {
        if (Boolean.TRUE.equals(request.get("low_s")) || !text(request, "extra_entropy").isEmpty()) {
            return new Answer(UNSUPPORTED);
        }
        ECDSASigner signer = new ECDSASigner(new HMacDSAKCalculator(digest(text(request, "hash"))));
        signer.init(true, new ECPrivateKeyParameters(number(request, "private_key"), domain(request)));
        BigInteger[] pair = signer.generateSignature(digest);
        return new Answer("signature", Hex.toHexString(PlainDSAEncoding.INSTANCE.encode(domain(request).getN(), pair[0], pair[1])));
    }

    private static Answer multiply(Map<String, Object> request) {
        return new Answer("point", hex(point(request, "point").multiply(number(request, "scalar"))));
    }

    private static Answer squareRoot(Map<String, Object> request) {
        ECFieldElement root = domain(request).getCurve().fromBigInteger(number(request, "value")).sqrt();
        if (root == null) {
            return new Answer(INVALID);
        }
        return new Answer("root", Hex.toHexString((root.testBitZero() ? root.negate() : root).getEncoded()));
    }

    private static Answer decodeKey(Map<String, Object> request) throws IOException {
        boolean isPrivate = text(request, "kind").equals("private");
        byte[] content = octets(request, "key");
        if (text(request, "format").equals("pem")) {
            content = fromPem(content, isPrivate);
        }
        if (!Arrays.areEqual(content, ASN1Primitive.fromByteArray(content).getEncoded(ASN1Encoding.DER))) {
            return new Answer(INVALID); // it reads BER; what it would write otherwise is no DER (X.690, clause 10)
        }
        AsymmetricKeyParameter found = isPrivate ? privateKey(content, domain(request)) : PublicKeyFactory.createKey(content);
        if (!(found instanceof ECKeyParameters key) || !key.getParameters().equals(domain(request))) {
            return new Answer(INVALID); // a key of another kind, or on another curve
        }
        if (key instanceof ECPrivateKeyParameters secret) {
            return new Answer("key", Hex.toHexString(BigIntegers.asUnsignedByteArray(octetsOfN(request), secret.getD())));
        }
        return new Answer("key", hex(((ECPublicKeyParameters) key).getQ()));
    }

    /**
     * Return the private key in PKCS#8, or in SEC 1, which the library's own reader of PEM wraps like this too. It does
     * not hold the two names of a curve, or the two keys, against each other: that is done here, by its arithmetic.
     */
    private static AsymmetricKeyParameter privateKey(byte[] content, ECDomainParameters domain) throws IOException {
        ASN1Sequence sequence = ASN1Sequence.getInstance(content);
        boolean wrapped = sequence.size() > 1 && sequence.getObjectAt(1) instanceof ASN1Sequence;
        PrivateKeyInfo info = wrapped ? PrivateKeyInfo.getInstance(sequence) : null;
        ECPrivateKey inner = ECPrivateKey.getInstance(wrapped ? info.parsePrivateKey() : sequence);
        ASN1Object named = inner.getParametersObject();
        if (!wrapped) {
            info = new PrivateKeyInfo(new AlgorithmIdentifier(X9ObjectIdentifiers.id_ecPublicKey, named), inner);
        } else if (named != null && !named.equals(info.getPrivateKeyAlgorithm().getParameters())) {
            throw new IOException("two curves");
        }
        AsymmetricKeyParameter key = PrivateKeyFactory.createKey(info);
        if (inner.getPublicKey() != null && key instanceof ECPrivateKeyParameters secret) {
            ECPoint stated = domain.getCurve().decodePoint(inner.getPublicKey().getOctets());
            if (!stated.equals(domain.getG().multiply(secret.getD()))) {
                throw new IOException("two keys");
            }
        }
        return key;
    }

    /** Return the octets of the first block that holds such a key. */
    private static byte[] fromPem(byte[] content, boolean isPrivate) throws IOException {
        PemReader reader = new PemReader(new InputStreamReader(new ByteArrayInputStream(content), "UTF-8"));
        for (PemObject block = reader.readPemObject(); block != null; block = reader.readPemObject()) {
            String label = block.getType();
            boolean secret = label.equals("PRIVATE KEY") || label.equals("EC PRIVATE KEY");
            if (isPrivate ? secret && block.getHeaders().isEmpty() : label.equals("PUBLIC KEY")) {
                return block.getContent();
            }
        }
        throw new IOException("no key");
    }

    private static Answer loginKey(Map<String, Object> request) {
        BigInteger number = new BigInteger(text(request, "user_id"));
        if (number.signum() < 0) {
            return new Answer(INVALID);
        }
        byte[] userId = BigIntegers.asUnsignedByteArray(8, number);
        byte[] passphrase = text(request, "passphrase").getBytes(StandardCharsets.UTF_8);
        byte[] d = hashed(new SHA224Digest(), Arrays.concatenate(userId, passphrase));
        return new Answer("private_key", "00" + Hex.toHexString(d));
    }

    private static Digest digest(String name) {
        return switch (name) {
            case "sha224" -> new SHA224Digest();
            case "sha256" -> new SHA256Digest();
            case "sha384" -> new SHA384Digest();
            case "sha512" -> new SHA512Digest();
            case "sha3_224", "sha3_256", "sha3_384", "sha3_512" -> new SHA3Digest(Integer.parseInt(name.substring(5)));
            default -> throw new Nested();
        };
    }

    private static byte[] hashed(Map<String, Object> request) {
        return hashed(digest(text(request, "hash")), octets(request, "message"));
    }

    private static byte[] hashed(Digest digest, byte[] message) {
        byte[] result = new byte[digest.getDigestSize()];
        digest.update(message, 0, message.length);
        digest.doFinal(result, 0);
        return result;
    }

    private static ECPoint point(Map<String, Object> request, String name) {
        return domain(request).getCurve().decodePoint(octets(request, name));
    }

    private static ECDomainParameters domain(String curve) {
        return new ECDomainParameters(CustomNamedCurves.getByName(curve));
    }

    private static ECDomainParameters domain(Map<String, Object> request) {
        return DOMAINS.get(text(request, "curve"));
    }

    private static int octetsOfN(Map<String, Object> request) {
        return BigIntegers.getUnsignedByteLength(domain(request).getN());
    }

    private static String hex(ECPoint point) {
        return Hex.toHexString(point.getEncoded(false));
    }

    private static String text(Map<String, Object> request, String name) {
        return (String) request.get(name);
    }

    private static byte[] octets(Map<String, Object> request, String name) {
        return Hex.decode(text(request, name));
    }

    private static BigInteger number(Map<String, Object> request, String name) {
        return new BigInteger(1, octets(request, name));
    }

    private static String quoted(String text) {
        StringBuilder line = new StringBuilder("\"");
        for (char character : text.toCharArray()) {
            boolean plain = character >= ' ' && character <= '~' && character != '"' && character != '\\';
            line.append(plain ? String.valueOf(character) : String.format("\\u%04x", (int) character));
        }
        return line.append('"').toString();
    }

    /** Reads one flat object of JSON; `Nested` for anything else. */
    private static final class Parser {
        private final String line;
        private int at = 0;

        Parser(String line) {
            this.line = line;
        }

        void into(Map<String, Object> members) {
            expect('{');
            for (char next = ','; next != '}'; at++) {
                String name = string();
                expect(':');
                members.put(name, value());
                next = peek();
                if (next != ',' && next != '}') {
                    throw new Nested();
                }
            }
        }

        private Object value() {
            if (peek() == '"') {
                return string();
            }
            int start = at;
            while (at < line.length() && "+-.".indexOf(line.charAt(at)) + 1 + alphanumeric(line.charAt(at)) > 0) {
                at++;
            }
            return switch (line.substring(start, at)) {
                case "" -> throw new Nested();
                case "true" -> true;
                case "false" -> false;
                case "null" -> null;
                default -> line.substring(start, at);
            };
        }

        private static int alphanumeric(char character) {
            return Character.isLetterOrDigit(character) ? 1 : 0;
        }

        private String string() {
            expect('"');
            StringBuilder text = new StringBuilder();
            for (char next = line.charAt(at++); next != '"'; next = line.charAt(at++)) {
                text.append(next == '\\' ? escaped() : next);
            }
            return text.toString();
        }

        private char escaped() {
            char kind = line.charAt(at++);
            if (kind == 'u') {
                at += 4;
                return (char) Integer.parseInt(line.substring(at - 4, at), 16);
            }
            int place = "bfnrt".indexOf(kind);
            return place < 0 ? kind : "\b\f\n\r\t".charAt(place);
        }

        private void expect(char character) {
            if (peek() != character) {
                throw new Nested();
            }
            at++;
        }

        /** Return the next character that is no space, without passing it. */
        private char peek() {
            while (at < line.length() && line.charAt(at) == ' ') {
                at++;
            }
            return at < line.length() ? line.charAt(at) : '\0';
        }
    }
}
