// A program under test for `ecpure vectors`, by BouncyCastle. It answers requests, one JSON object a line.
//
//     ecpure vectors --only verify --only sign --nonces any \
//         --command 'java -cp /usr/share/java/bcprov.jar Program.java'
//
// The jar is Debian's libbcprov-java, or bcprov-jdk18on of Maven. --nonces any, since BouncyCastle draws its nonces; for
// those of RFC 6979 give ECDSASigner a new HMacDSAKCalculator(digest). Replace the methods `verify` and `sign` by calls
// of your own library. docs/vectors.md has all operations; a program answers "unsupported" for those it does not do, and
// --only leaves them out.

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.bouncycastle.asn1.x9.X9ECParameters;
import org.bouncycastle.crypto.Digest;
import org.bouncycastle.crypto.digests.SHA224Digest;
import org.bouncycastle.crypto.digests.SHA256Digest;
import org.bouncycastle.crypto.digests.SHA384Digest;
import org.bouncycastle.crypto.digests.SHA3Digest;
import org.bouncycastle.crypto.digests.SHA512Digest;
import org.bouncycastle.crypto.ec.CustomNamedCurves;
import org.bouncycastle.crypto.params.ECDomainParameters;
import org.bouncycastle.crypto.params.ECPrivateKeyParameters;
import org.bouncycastle.crypto.params.ECPublicKeyParameters;
import org.bouncycastle.crypto.signers.DSAEncoding;
import org.bouncycastle.crypto.signers.ECDSASigner;
import org.bouncycastle.crypto.signers.PlainDSAEncoding;
import org.bouncycastle.crypto.signers.StandardDSAEncoding;
import org.bouncycastle.jce.provider.BouncyCastleProvider;
import org.bouncycastle.util.encoders.Hex;

public final class Program {
    private static final X9ECParameters PARAMETERS = CustomNamedCurves.getByName("secp224k1");
    private static final ECDomainParameters CURVE = new ECDomainParameters(PARAMETERS);
    private static final String UNSUPPORTED = "\"result\": \"unsupported\"";
    private static final String INVALID = "\"result\": \"invalid\"";
    private static final String VALID = "\"result\": \"valid\"";

    public static void main(String[] words) throws IOException {
        BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.US_ASCII));
        PrintStream out = new PrintStream(System.out, true, StandardCharsets.US_ASCII); // flushed after each line
        for (String line = in.readLine(); line != null; line = in.readLine()) {
            String answer = UNSUPPORTED;
            if (text(line, "curve").equals("secp224k1")) {
                answer = switch (text(line, "operation")) {
                    case "verify" -> verify(line);
                    case "sign" -> sign(line);
                    case "version" -> version();
                    default -> UNSUPPORTED;
                };
            }
            out.println("{\"id\": \"" + text(line, "id") + "\", " + answer + "}");
        }
    }

    /**
     * The public key is 04 || x || y; the signature DER, or r || s at 29 + 29 octets (p1363). With low_s, s above n/2 is
     * invalid, which BouncyCastle accepts.
     */
    private static String verify(String request) throws IOException {
        boolean der = text(request, "format").equals("der");
        DSAEncoding encoding = der ? StandardDSAEncoding.INSTANCE : PlainDSAEncoding.INSTANCE;
        try {
            ECDSASigner verifier = new ECDSASigner();
            verifier.init(false, new ECPublicKeyParameters(
                CURVE.getCurve().decodePoint(octets(request, "public_key")), CURVE));
            BigInteger[] pair = encoding.decode(CURVE.getN(), octets(request, "signature"));
            boolean high = isTrue(request, "low_s") && pair[1].shiftLeft(1).compareTo(CURVE.getN()) > 0;
            return !high && verifier.verifySignature(hashed(request), pair[0], pair[1]) ? VALID : INVALID;
        } catch (RuntimeException | IOException error) {
            return INVALID; // it has more ways to refuse than it documents: narrow this to see them as crashes
        }
    }

    /** The nonce is drawn; there is no place for extra_entropy. */
    private static String sign(String request) throws IOException {
        ECDSASigner signer = new ECDSASigner();
        signer.init(true, new ECPrivateKeyParameters(new BigInteger(1, octets(request, "private_key")), CURVE));
        BigInteger[] pair = signer.generateSignature(hashed(request));
        BigInteger n = CURVE.getN();
        BigInteger s = pair[1];
        if (isTrue(request, "low_s")) {
            s = s.min(n.subtract(s));
        }
        String signature = Hex.toHexString(PlainDSAEncoding.INSTANCE.encode(n, pair[0], s));
        return VALID + ", \"signature\": \"" + signature + "\"";
    }

    /** Asked once, for the report. */
    private static String version() {
        return VALID + ", \"version\": \"BouncyCastle " + new BouncyCastleProvider().getVersionStr() + "\"";
    }

    private static byte[] hashed(String request) {
        Digest digest = switch (text(request, "hash")) {
            case "sha224" -> new SHA224Digest();
            case "sha256" -> new SHA256Digest();
            case "sha384" -> new SHA384Digest();
            case "sha512" -> new SHA512Digest();
            default -> new SHA3Digest(Integer.parseInt(text(request, "hash").substring("sha3_".length())));
        };
        byte[] message = octets(request, "message");
        byte[] hashed = new byte[digest.getDigestSize()];
        digest.update(message, 0, message.length);
        digest.doFinal(hashed, 0);
        return hashed;
    }

    // These find a field of a flat object without escapes, as the requests above are: a program that answers other
    // operations as well reads JSON by a library.

    private static String text(String request, String name) {
        Matcher found = Pattern.compile("\"" + name + "\": \"([^\"]*)\"").matcher(request);
        return found.find() ? found.group(1) : "";
    }

    private static boolean isTrue(String request, String name) {
        return request.contains("\"" + name + "\": true");
    }

    private static byte[] octets(String request, String name) {
        return Hex.decode(text(request, name)); // lower-case hex in requests and answers
    }
}
