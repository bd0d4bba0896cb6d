// Oracle: @noble/curves, the curve's parameters given to it by hand; and the login message by node's SHA-224 and it alone.
// The package lies where `npm install --prefix FOLDER @noble/curves` puts it: FOLDER is NOBLE, or .cache/noble above.
// It is imported by its address, since an import by name looks neither there nor into NODE_PATH.

import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { createInterface } from "node:readline";
import { createHash } from "node:crypto";
import { fileURLToPath, pathToFileURL } from "node:url";

const folder = process.env.NOBLE ?? fileURLToPath(new URL("../../.cache/noble", import.meta.url));
const { resolve } = createRequire(join(folder, "package.json"));
const fromFolder = (name) => import(pathToFileURL(resolve(name)));
const { ecdsa, weierstrass } = await fromFolder("@noble/curves/abstract/weierstrass.js");
const hashes = { ...(await fromFolder("@noble/hashes/sha2.js")), ...(await fromFolder("@noble/hashes/sha3.js")) };

// SEC 2 v2 §2.3.1
const secp224k1 = weierstrass({
  p: 0xfffffffffffffffffffffffffffffffffffffffffffffffeffffe56dn,
  n: 0x10000000000000000000000000001dce8d2ec6184caf0a971769fb1f7n,
  h: 1n,
  a: 0n,
  b: 5n,
  Gx: 0xa1455b334df099df30fc28a169a467e9e47075a90f7e650eb6b7a45cn,
  Gy: 0x7e089fed7fba344282cafbd6f7e319f7c0b0bd59e2ca4bdb556d61a5n,
});
const { secp256k1 } = await fromFolder("@noble/curves/secp256k1.js");
const POINTS = { secp224k1, secp256k1: secp256k1.Point };
const UNSUPPORTED = { result: "unsupported" };
const INVALID = { result: "invalid" };

const hex = (octets) => Buffer.from(octets).toString("hex");
const octets = (text) => Uint8Array.from(Buffer.from(text, "hex"));
const judged = (holds) => ({ result: holds ? "valid" : "invalid" });
const uncompressed = (point) => hex(point.toBytes(false));
const points = (request) => POINTS[request.curve];
const signer = (request, hash = request.hash) => ecdsa(points(request), hashes[hash], { lowS: false });

// Return what `compute` returns, or null where the library refuses the input: it says so by a plain Error.
function orNull(compute) {
  try {
    return compute();
  } catch (error) {
    if (error instanceof TypeError) throw error;
    return null;
  }
}

function refused(compute) {
  return orNull(compute) ?? INVALID;
}

function verify(request) {
  const format = request.format === "der" ? "der" : "compact";
  const options = { format, lowS: request.low_s === true };
  const [signature, message, key] = [request.signature, request.message, request.public_key].map(octets);
  return refused(() => judged(signer(request).verify(signature, message, key, options)));
}

function verifyDigest(request) {
  const [signature, digest, key] = [request.signature, request.digest, request.public_key].map(octets);
  return refused(() => judged(signer(request, "sha224").verify(signature, digest, key, { prehash: false })));
}

function batch(request) {
  const verdicts = request.items.map((item) => verify({ hash: request.hash, curve: request.curve, ...item }).result === "valid");
  return { result: "valid", verdicts };
}

function sign(request, text = request.message, prehash = true) {
  const extraEntropy = request.extra_entropy === "" ? false : octets(request.extra_entropy);
  const options = { lowS: request.low_s, extraEntropy, prehash };
  const signature = signer(request).sign(octets(text), octets(request.private_key), options);
  return { result: "valid", signature: hex(signature) };
}

function signDigest(request) {
  return sign(request, request.digest, false);
}

function multiply(request) {
  const scalar = BigInt("0x" + request.scalar);
  if (scalar >= points(request).Fn.ORDER) return UNSUPPORTED; // it takes reduced scalars alone
  const point = points(request).fromBytes(octets(request.point));
  const product = scalar === 0n ? point.multiplyUnsafe(scalar) : point.multiply(scalar);
  return { result: "valid", point: product.is0() ? "00" : uncompressed(product) };
}

function decodePoint(request) {
  return refused(() => ({ result: "valid", point: uncompressed(points(request).fromBytes(octets(request.point))) }));
}

function squareRoot(request) {
  const { Fp } = points(request);
  return refused(() => {
    const root = Fp.sqrt(BigInt("0x" + request.value));
    return { result: "valid", root: hex(Fp.toBytes(root % 2n === 0n ? root : Fp.neg(root))) };
  });
}

function recover(request) {
  return recovered(request, hashes[request.hash](octets(request.message)));
}

function recoverDigest(request) {
  return recovered(request, octets(request.digest));
}

function recovered(request, digest) {
  const { Signature } = signer(request, "sha224");
  const signature = orNull(() => Signature.fromBytes(octets(request.signature), "compact"));
  if (signature === null) return INVALID;
  const keys = [0, 1, 2, 3].map((id) => orNull(() => signature.addRecoveryBit(id).recoverPublicKey(digest)));
  const found = keys.filter((key) => key !== null).map(uncompressed);
  return found.length === 0 ? INVALID : { result: "valid", public_keys: found.sort() };
}

function userOctets(userId) {
  const buffer = Buffer.alloc(8);
  buffer.writeBigUInt64BE(BigInt(userId));
  return buffer;
}

// Return what the text encodes in base64, in the one way there is to encode it, or null.
function base64(text, length) {
  if (typeof text !== "string") return null;
  const decoded = Buffer.from(text, "base64");
  return decoded.length === length && decoded.toString("base64") === text ? decoded : null;
}

const isExact = (value) => Number.isSafeInteger(value); // JavaScript's numbers end at 2⁵³

function loginKey(request) {
  if (!isExact(request.user_id)) return UNSUPPORTED;
  if (request.user_id < 0 || !request.passphrase.isWellFormed()) return INVALID;
  const hash = createHash("sha224").update(userOctets(request.user_id)).update(request.passphrase, "utf8");
  return { result: "valid", private_key: "00" + hash.digest("hex") };
}

function loginBuild(request) {
  if (!isExact(request.user_id) || (request.tag !== null && !isExact(request.tag))) return UNSUPPORTED;
  if (request.user_id < 0 || request.tag < 0) return INVALID;
  const nonces = [base64(request.server_nonce, 16), base64(request.client_nonce, 16)];
  if (nonces.includes(null) || base64(request.cookie, 20) === null) return INVALID;
  const signed = Uint8Array.from(Buffer.concat([userOctets(request.user_id), ...nonces]));
  const pair = signer(request, "sha224").sign(signed, octets(request.private_key), { lowS: true });
  const message = {
    method: "Authenticate",
    user_id: request.user_id,
    cookie: request.cookie,
    nonce: request.client_nonce,
    signature: [pair.subarray(1, 29), pair.subarray(30, 58)].map((half) => Buffer.from(half).toString("base64")),
  };
  return { result: "valid", message: request.tag === null ? message : { ...message, tag: request.tag } };
}

function loginVerify(request) {
  const message = request.message;
  const names = Object.keys(message).filter((name) => name !== "tag").sort().join();
  if (names !== "cookie,method,nonce,signature,user_id" || message.method !== "Authenticate") return INVALID;
  const numbers = [message.user_id, message.tag ?? 0];
  if (numbers.some((value) => typeof value === "number" && Math.abs(value) > Number.MAX_SAFE_INTEGER)) return UNSUPPORTED;
  const pair = Array.isArray(message.signature) && message.signature.length === 2 ? message.signature : [];
  const halves = pair.map((text) => base64(text, 28));
  const nonces = [base64(request.server_nonce, 16), base64(message.nonce, 16)];
  const wellFormed = isExact(message.user_id) && message.user_id >= 0 && isExact(numbers[1]) && numbers[1] >= 0 && message.tag !== null;
  if (!wellFormed || base64(message.cookie, 20) === null || nonces.includes(null)) return INVALID;
  if (halves.length !== 2 || halves.includes(null)) return INVALID;
  const zero = Buffer.alloc(1);
  const signature = Uint8Array.from(Buffer.concat([zero, halves[0], zero, halves[1]]));
  const signed = Uint8Array.from(Buffer.concat([userOctets(message.user_id), ...nonces]));
  return refused(() => judged(signer(request, "sha224").verify(signature, signed, octets(request.public_key))));
}

// Return the version that the package's own description states; it exports none.
function version() {
  const folder = dirname(dirname(resolve("@noble/curves/abstract/weierstrass.js")));
  return { result: "valid", version: "@noble/curves " + JSON.parse(readFileSync(join(folder, "package.json"))).version };
}

const operations = {
  version,
  verify,
  verify_digest: verifyDigest,
  batch,
  sign: (request) => sign(request),
  sign_digest: signDigest,
  multiply,
  decode_point: decodePoint,
  square_root: squareRoot,
  recover,
  recover_digest: recoverDigest,
  login_key: loginKey,
  login_build: loginBuild,
  login_verify: loginVerify,
};

for await (const line of createInterface({ input: process.stdin })) {
  let id = null;
  let answer;
  try {
    const request = JSON.parse(line);
    id = request.id ?? null;
    const known = Object.hasOwn(operations, request.operation) && Object.hasOwn(POINTS, request.curve);
    answer = known ? operations[request.operation](request) : UNSUPPORTED;
  } catch (error) {
    answer = { result: "error", detail: error.name };
  }
  process.stdout.write(JSON.stringify({ id, ...answer }) + "\n");
}
