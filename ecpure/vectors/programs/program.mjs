// A program under test for `ecpure vectors`, by node:crypto. It answers requests, one JSON object a line.
//
//     ecpure vectors --only verify --only sign --nonces any --command 'node program.mjs'
//
// --nonces any, since node:crypto, which is OpenSSL, draws its nonces. Replace the functions `verify` and `sign` by
// calls of your own library. docs/vectors.md has all operations; a program answers "unsupported" for those it does not
// do, and --only leaves them out.

import crypto from "node:crypto";
import { createInterface } from "node:readline";

// What stands before 04 || x || y, and around d, in a key of secp224k1: SPKI (RFC 5480) and SEC 1 (RFC 5915).
const SPKI = Buffer.from("304e301006072a8648ce3d020106052b81040020033a00", "hex");
const SEC1 = [Buffer.from("302b020101041d", "hex"), Buffer.from("a00706052b81040020", "hex")];

const n = 0x010000000000000000000000000001DCE8D2EC6184CAF0A971769FB1F7n;

const octets = (request, name) => Buffer.from(request[name], "hex"); // lower-case hex in requests and answers
const hash = (request) => request.hash.replace("_", "-"); // sha3_224 is OpenSSL's sha3-224
const encoding = { der: "der", p1363: "ieee-p1363" };

// Of DER that holds, s begins after two octets, 02, the length of r, r, 02 and the length of s.
const sOf = (signature, format) =>
  BigInt("0x" + signature.subarray(format === "der" ? signature[3] + 6 : signature.length / 2).toString("hex"));

// The public key is 04 || x || y; the signature DER, or r || s at 29 + 29 octets (p1363). With low_s, s above n/2 is
// invalid, which OpenSSL accepts.
function verify(request) {
  try {
    const der = Buffer.concat([SPKI, octets(request, "public_key")]);
    const key = crypto.createPublicKey({ key: der, format: "der", type: "spki" });
    const options = { key, dsaEncoding: encoding[request.format] };
    const signature = octets(request, "signature");
    const good =
      crypto.verify(hash(request), octets(request, "message"), options, signature) &&
      !(request.low_s && sOf(signature, request.format) > n / 2n);
    return { result: good ? "valid" : "invalid" };
  } catch {
    return { result: "invalid" };
  }
}

// OpenSSL draws a nonce, and has no place for extra_entropy. Of s and n - s the lower one is to be taken with low_s.
function sign(request) {
  const der = Buffer.concat([SEC1[0], octets(request, "private_key"), SEC1[1]]);
  const key = crypto.createPrivateKey({ key: der, format: "der", type: "sec1" });
  const options = { key, dsaEncoding: "ieee-p1363" };
  const signature = crypto.sign(hash(request), octets(request, "message"), options).toString("hex");
  const s = BigInt("0x" + signature.slice(58));
  const lower = request.low_s && s > n / 2n ? n - s : s;
  return { result: "valid", signature: signature.slice(0, 58) + lower.toString(16).padStart(58, "0") };
}

// Asked once, for the report.
const version = () => ({
  result: "valid",
  version: `Node.js ${process.versions.node}, OpenSSL ${process.versions.openssl}`,
});

const operations = { verify, sign, version };

for await (const line of createInterface({ input: process.stdin })) {
  const request = JSON.parse(line);
  const operation = Object.hasOwn(operations, request.operation) ? operations[request.operation] : undefined;
  const known = operation && request.curve === "secp224k1";
  const answer = known ? operation(request) : { result: "unsupported" };
  console.log(JSON.stringify({ id: request.id, ...answer })); // with its id
}
