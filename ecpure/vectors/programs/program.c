/* A program under test for `ecpure vectors`, by OpenSSL's libcrypto. It answers requests, one JSON object a line.
 *
 *     cc -o program program.c -lcrypto
 *     ecpure vectors --only verify --only sign --nonces any --command ./program
 *
 * --nonces any, since OpenSSL draws its nonces. Replace the functions `verify` and `sign` by calls of your own library.
 * docs/vectors.md has all operations; a program answers "unsupported" for those it does not do, and --only leaves them
 * out.
 */

#define _POSIX_C_SOURCE 200809L
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/x509.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { HALF = 29 }; /* octets of r, s and d */

/* What stands before 04 || x || y, and around d, in a key of secp224k1: SPKI (RFC 5480) and SEC 1 (RFC 5915). */
static const unsigned char SPKI[] = {0x30, 0x4e, 0x30, 0x10, 0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02,
                                     0x01, 0x06, 0x05, 0x2b, 0x81, 0x04, 0x00, 0x20, 0x03, 0x3a, 0x00};
static const unsigned char SEC1[] = {0x30, 0x2b, 0x02, 0x01, 0x01, 0x04, 0x1d};
static const unsigned char NAMED[] = {0xa0, 0x07, 0x06, 0x05, 0x2b, 0x81, 0x04, 0x00, 0x20};
static const char ORDER[] = "010000000000000000000000000001DCE8D2EC6184CAF0A971769FB1F7";

/* Return the text of a field of a flat object without escapes, as the requests for verify and sign are: a program that
 * answers other operations as well reads JSON by a library. To be freed. */
static char *text(const char *request, const char *name) {
    char start[64];
    snprintf(start, sizeof start, "\"%s\": \"", name);
    const char *found = strstr(request, start);
    if (found == NULL) {
        return strdup("");
    }
    found += strlen(start);
    return strndup(found, strcspn(found, "\""));
}

static int is_true(const char *request, const char *name) {
    char field[64];
    snprintf(field, sizeof field, "\"%s\": true", name);
    return strstr(request, field) != NULL;
}

static int is_text(const char *request, const char *name, const char *value) {
    char *found = text(request, name);
    int same = strcmp(found, value) == 0;
    free(found);
    return same;
}

/* Return the octets of a field, which is lower-case hex, with room for `before` octets in front. To be freed. */
static unsigned char *octets(const char *request, const char *name, size_t before, size_t *length) {
    char *hex = text(request, name);
    *length = before + strlen(hex) / 2;
    unsigned char *found = malloc(*length + 1);
    for (size_t i = 0; before + i < *length; i++) {
        unsigned octet = 0;
        sscanf(hex + 2 * i, "%2x", &octet);
        found[before + i] = (unsigned char)octet;
    }
    free(hex);
    return found;
}

static const EVP_MD *hash(const char *request) {
    char *name = text(request, "hash");
    char *mark = strchr(name, '_'); /* sha3_224 is OpenSSL's sha3-224 */
    if (mark != NULL) {
        *mark = '-';
    }
    const EVP_MD *found = EVP_get_digestbyname(name);
    free(name);
    return found;
}

/* Return whether s of a signature in DER is at most n/2. */
static int is_low(const unsigned char *der, size_t length) {
    ECDSA_SIG *signature = d2i_ECDSA_SIG(NULL, &der, (long)length);
    BIGNUM *n = NULL, *twice = BN_new();
    BN_hex2bn(&n, ORDER);
    int low = signature != NULL && BN_lshift1(twice, ECDSA_SIG_get0_s(signature)) == 1 && BN_cmp(twice, n) < 0;
    BN_free(n);
    BN_free(twice);
    ECDSA_SIG_free(signature);
    return low;
}

/* Return r || s as DER, or NULL. */
static unsigned char *to_der(const unsigned char *pair, size_t *length) {
    if (*length != 2 * HALF) {
        return NULL;
    }
    ECDSA_SIG *signature = ECDSA_SIG_new();
    ECDSA_SIG_set0(signature, BN_bin2bn(pair, HALF, NULL), BN_bin2bn(pair + HALF, HALF, NULL));
    unsigned char *der = NULL;
    *length = (size_t)i2d_ECDSA_SIG(signature, &der);
    ECDSA_SIG_free(signature);
    return der;
}

/* The public key is 04 || x || y; the signature DER, or r || s at 29 + 29 octets (p1363). With low_s, s above n/2 is
 * invalid, which OpenSSL accepts. */
static void verify(const char *request) {
    size_t key_length, length, message_length;
    unsigned char *spki = octets(request, "public_key", sizeof SPKI, &key_length);
    unsigned char *given = octets(request, "signature", 0, &length);
    unsigned char *message = octets(request, "message", 0, &message_length);
    memcpy(spki, SPKI, sizeof SPKI);
    const unsigned char *position = spki;
    EVP_PKEY *key = d2i_PUBKEY(NULL, &position, (long)key_length);
    unsigned char *der = is_text(request, "format", "der") ? NULL : to_der(given, &length);
    const unsigned char *signature = is_text(request, "format", "der") ? given : der;
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    int good = key != NULL && signature != NULL && EVP_DigestVerifyInit(context, NULL, hash(request), NULL, key) == 1 &&
               EVP_DigestVerify(context, signature, length, message, message_length) == 1 &&
               (!is_true(request, "low_s") || is_low(signature, length));
    printf("\"result\": \"%s\"", good ? "valid" : "invalid");
    EVP_MD_CTX_free(context);
    EVP_PKEY_free(key);
    OPENSSL_free(der);
    free(spki);
    free(given);
    free(message);
}

/* The nonce is drawn; there is no place for extra_entropy. Of s and n - s the lower one is to be taken with low_s. */
static void sign(const char *request) {
    size_t key_length, message_length, length = 2 * HALF + 16;
    unsigned char *private = octets(request, "private_key", sizeof SEC1, &key_length);
    unsigned char *message = octets(request, "message", 0, &message_length);
    unsigned char sec1[sizeof SEC1 + HALF + sizeof NAMED], der[2 * HALF + 16], pair[2 * HALF];
    memcpy(sec1, SEC1, sizeof SEC1);
    memcpy(sec1 + sizeof SEC1, private + sizeof SEC1, HALF);
    memcpy(sec1 + sizeof SEC1 + HALF, NAMED, sizeof NAMED);
    const unsigned char *position = sec1;
    EVP_PKEY *key = d2i_AutoPrivateKey(NULL, &position, sizeof sec1);
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    if (key != NULL && EVP_DigestSignInit(context, NULL, hash(request), NULL, key) == 1 &&
        EVP_DigestSign(context, der, &length, message, message_length) == 1) {
        position = der;
        ECDSA_SIG *signature = d2i_ECDSA_SIG(NULL, &position, (long)length);
        BIGNUM *n = NULL, *s = BN_dup(ECDSA_SIG_get0_s(signature)), *other = BN_new();
        BN_hex2bn(&n, ORDER);
        BN_sub(other, n, s);
        BN_bn2binpad(ECDSA_SIG_get0_r(signature), pair, HALF);
        BN_bn2binpad(is_true(request, "low_s") && BN_cmp(other, s) < 0 ? other : s, pair + HALF, HALF);
        printf("\"result\": \"valid\", \"signature\": \"");
        for (size_t i = 0; i < sizeof pair; i++) {
            printf("%02x", pair[i]);
        }
        printf("\"");
        BN_free(n);
        BN_free(s);
        BN_free(other);
        ECDSA_SIG_free(signature);
    } else {
        printf("\"result\": \"invalid\"");
    }
    EVP_MD_CTX_free(context);
    EVP_PKEY_free(key);
    free(private);
    free(message);
}

int main(void) {
    char *line = NULL;
    size_t room = 0;
    while (getline(&line, &room, stdin) > 0) {
        char *id = text(line, "id");
        printf("{\"id\": \"%s\", ", id);
        if (is_text(line, "operation", "version")) { /* asked once, for the report */
            printf("\"result\": \"valid\", \"version\": \"%s\"", OpenSSL_version(OPENSSL_VERSION));
        } else if (is_text(line, "operation", "verify") && is_text(line, "curve", "secp224k1")) {
            verify(line);
        } else if (is_text(line, "operation", "sign") && is_text(line, "curve", "secp224k1")) {
            sign(line);
        } else {
            printf("\"result\": \"unsupported\"");
        }
        printf("}\n");
        fflush(stdout); /* after each line */
        free(id);
    }
    free(line);
    return 0;
}
