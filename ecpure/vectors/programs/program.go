// A program under test for `ecpure vectors`, by math/big. It answers requests, one JSON object a line.
//
//	go build -o program program.go
//	ecpure vectors --only verify --only sign --nonces any --command ./program
//
// Go's crypto/elliptic has no curve with a = 0, so what is here is the textbook: affine points, and no constant time.
// Replace the functions verify and sign by calls of your own library. --nonces any, since it draws its nonces.
// docs/vectors.md has all operations; a program answers "unsupported" for those it does not do, and --only leaves them
// out.
package main

import (
	"bufio"
	"crypto/rand"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/asn1"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"math/big"
	"os"
	"strings"
)

const half = 29 // octets of r, s and d

func number(text string) *big.Int {
	value, _ := new(big.Int).SetString(text, 16)
	return value
}

var (
	p = number("fffffffffffffffffffffffffffffffffffffffffffffffeffffe56d")
	n = number("010000000000000000000000000001dce8d2ec6184caf0a971769fb1f7")
	g = &point{
		number("a1455b334df099df30fc28a169a467e9e47075a90f7e650eb6b7a45c"),
		number("7e089fed7fba344282cafbd6f7e319f7c0b0bd59e2ca4bdb556d61a5"),
	}
)

// A point is affine; nil is infinity.
type point struct{ x, y *big.Int }

func mod(value *big.Int) *big.Int { return value.Mod(value, p) }

func add(a, b *point) *point {
	if a == nil || b == nil {
		if a == nil {
			return b
		}
		return a
	}
	top, bottom := new(big.Int).Sub(b.y, a.y), new(big.Int).Sub(b.x, a.x)
	if bottom.Sign() == 0 {
		if top.Sign() != 0 || a.y.Sign() == 0 {
			return nil
		}
		top.Mul(a.x, a.x).Mul(top, big.NewInt(3))
		bottom.Lsh(a.y, 1)
	}
	slope := mod(top.Mul(top, new(big.Int).ModInverse(mod(bottom), p)))
	x := new(big.Int).Mul(slope, slope)
	mod(x.Sub(x, a.x).Sub(x, b.x))
	y := new(big.Int).Sub(a.x, x)
	return &point{x, mod(y.Mul(y, slope).Sub(y, a.y))}
}

func multiply(k *big.Int, a *point) *point {
	var sum *point
	for i := k.BitLen() - 1; i >= 0; i-- {
		sum = add(sum, sum)
		if k.Bit(i) == 1 {
			sum = add(sum, a)
		}
	}
	return sum
}

// decodePoint reads 04 || x || y.
func decodePoint(octets []byte) *point {
	if len(octets) != 57 || octets[0] != 4 {
		return nil
	}
	x, y := new(big.Int).SetBytes(octets[1:29]), new(big.Int).SetBytes(octets[29:])
	right := new(big.Int).Exp(x, big.NewInt(3), p)
	mod(right.Add(right, big.NewInt(5)))
	if x.Cmp(p) >= 0 || y.Cmp(p) >= 0 || new(big.Int).Exp(y, big.NewInt(2), p).Cmp(right) != 0 {
		return nil
	}
	return &point{x, y}
}

type request struct {
	ID         string `json:"id"`
	Operation  string `json:"operation"`
	Curve      string `json:"curve"`
	Hash       string `json:"hash"`
	Format     string `json:"format"`
	PublicKey  string `json:"public_key"`
	PrivateKey string `json:"private_key"`
	Message    string `json:"message"`
	Signature  string `json:"signature"`
	LowS       bool   `json:"low_s"`
}

type answer struct {
	ID        string `json:"id"`
	Result    string `json:"result"`
	Signature string `json:"signature,omitempty"`
	Version   string `json:"version,omitempty"`
}

// octets reads lower-case hex, as requests and answers have it.
func octets(text string) []byte {
	found, _ := hex.DecodeString(text)
	return found
}

// hashed returns e, the leftmost 225 bits of the digest.
func hashed(r request) *big.Int {
	var digest []byte
	message := octets(r.Message)
	switch r.Hash {
	case "sha224":
		sum := sha256.Sum224(message)
		digest = sum[:]
	case "sha256":
		sum := sha256.Sum256(message)
		digest = sum[:]
	case "sha384":
		sum := sha512.Sum384(message)
		digest = sum[:]
	default:
		sum := sha512.Sum512(message)
		digest = sum[:]
	}
	e := new(big.Int).SetBytes(digest)
	if extra := 8*len(digest) - n.BitLen(); extra > 0 {
		e.Rsh(e, uint(extra))
	}
	return e
}

// decodeSignature reads DER, or r || s at 29 + 29 octets (p1363).
func decodeSignature(r request) (*big.Int, *big.Int) {
	given := octets(r.Signature)
	if r.Format == "der" {
		var pair struct{ R, S *big.Int }
		rest, err := asn1.Unmarshal(given, &pair)
		if err != nil || len(rest) > 0 {
			return nil, nil
		}
		if again, err := asn1.Marshal(pair); err != nil || string(again) != string(given) {
			return nil, nil // Unmarshal passes over what follows inside of the SEQUENCE
		}
		return pair.R, pair.S
	}
	if len(given) != 2*half {
		return nil, nil
	}
	return new(big.Int).SetBytes(given[:half]), new(big.Int).SetBytes(given[half:])
}

func verify(request request) bool {
	key := decodePoint(octets(request.PublicKey))
	r, s := decodeSignature(request)
	if key == nil || r == nil || r.Sign() <= 0 || s.Sign() <= 0 || r.Cmp(n) >= 0 || s.Cmp(n) >= 0 {
		return false
	}
	if request.LowS && new(big.Int).Lsh(s, 1).Cmp(n) > 0 {
		return false
	}
	inverse := new(big.Int).ModInverse(s, n)
	u1 := new(big.Int).Mul(hashed(request), inverse)
	u2 := new(big.Int).Mul(r, inverse)
	sum := add(multiply(u1.Mod(u1, n), g), multiply(u2.Mod(u2, n), key))
	return sum != nil && new(big.Int).Mod(sum.x, n).Cmp(r) == 0
}

// sign draws the nonce; there is no place for extra_entropy.
func sign(request request) string {
	d := new(big.Int).SetBytes(octets(request.PrivateKey))
	for {
		k, err := rand.Int(rand.Reader, n)
		if err != nil || k.Sign() == 0 {
			continue
		}
		r := new(big.Int).Mod(multiply(k, g).x, n)
		s := new(big.Int).Mul(r, d)
		s.Add(s, hashed(request)).Mul(s, new(big.Int).ModInverse(k, n)).Mod(s, n)
		if r.Sign() == 0 || s.Sign() == 0 {
			continue
		}
		if request.LowS && new(big.Int).Lsh(s, 1).Cmp(n) > 0 {
			s.Sub(n, s)
		}
		return hex.EncodeToString(append(r.FillBytes(make([]byte, half)), s.FillBytes(make([]byte, half))...))
	}
}

func main() {
	in := bufio.NewReader(os.Stdin)
	for {
		line, err := in.ReadBytes('\n')
		if err != nil {
			return
		}
		var asked request
		var other *json.UnmarshalTypeError // a field that has another type in an operation that is not done here
		if err := json.Unmarshal(line, &asked); err != nil && !errors.As(err, &other) {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		answered := answer{ID: asked.ID, Result: "unsupported"}
		switch {
		case asked.Operation == "version": // asked once, for the report
			answered.Result, answered.Version = "valid", "the textbook, on math/big"
		case asked.Curve != "secp224k1":
		case strings.HasPrefix(asked.Hash, "sha3_"): // crypto/sha3 is in Go from 1.24 on
		case asked.Operation == "verify":
			answered.Result = map[bool]string{true: "valid", false: "invalid"}[verify(asked)]
		case asked.Operation == "sign":
			answered.Result, answered.Signature = "valid", sign(asked)
		}
		written, _ := json.Marshal(answered)
		fmt.Println(string(written)) // Println does not buffer
	}
}
