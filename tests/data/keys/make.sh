#!/usr/bin/env bash
# Makes the keys and ciphertexts of the tests anew, with the openssl program. FAKE: they protect nothing and are
# used nowhere. The unit tests read whatever this writes; tests/cases repeat some ciphertexts, which then have to be
# replaced there as well (phones.json, sample.json).
set -euo pipefail
cd "$(dirname "$0")"
phone=13800138000 # a service number of China Mobile, the usual stand-in
noise='no phone at all'
b64() { openssl base64 -A; }

for bits in 512 1024 2048 4096; do
    openssl genrsa -traditional -out "fake_rsa${bits}_pkcs1.pem" "$bits" 2>/dev/null
    openssl pkcs8 -topk8 -nocrypt -in "fake_rsa${bits}_pkcs1.pem" -out "fake_rsa${bits}_pkcs8.pem"
    openssl rsa -in "fake_rsa${bits}_pkcs1.pem" -pubout -out "fake_rsa${bits}_public.pem" 2>/dev/null
done
openssl rsa -in fake_rsa1024_pkcs1.pem -RSAPublicKey_out -out fake_rsa1024_public_pkcs1.pem 2>/dev/null
openssl genrsa -traditional -out fake_other1024_pkcs1.pem 1024 2>/dev/null
openssl pkcs8 -topk8 -v2 aes-256-cbc -passout pass:fake -in fake_rsa1024_pkcs1.pem -out fake_passphrase_pkcs8.pem
openssl rsa -aes128 -traditional -passout pass:fake -in fake_rsa1024_pkcs1.pem -out fake_passphrase_pkcs1.pem 2>/dev/null
openssl ecparam -name prime256v1 -genkey -noout -out fake_ec.pem

encrypt() { # BITS TEXT OPTIONS
    local bits=$1 text=$2
    shift 2
    printf %s "$text" | openssl pkeyutl -encrypt -inkey "fake_rsa${bits}_pkcs1.pem" "$@" | b64
}
{
    echo '{'
    for bits in 1024 2048 4096; do
        echo "  \"$bits\": {"
        echo "    \"pkcs1\": \"$(encrypt $bits $phone -pkeyopt rsa_padding_mode:pkcs1)\","
        echo "    \"oaep_sha1\": \"$(encrypt $bits $phone -pkeyopt rsa_padding_mode:oaep -pkeyopt rsa_oaep_md:sha1)\","
        echo "    \"oaep_sha256\": \"$(encrypt $bits $phone -pkeyopt rsa_padding_mode:oaep -pkeyopt rsa_oaep_md:sha256)\","
        echo "    \"oaep_sha256_mgf1_sha1\": \"$(encrypt $bits $phone -pkeyopt rsa_padding_mode:oaep -pkeyopt rsa_oaep_md:sha256 -pkeyopt rsa_mgf1_md:sha1)\","
        echo "    \"noise\": \"$(encrypt $bits "$noise" -pkeyopt rsa_padding_mode:pkcs1)\","
        echo "    \"empty\": \"$(encrypt $bits '' -pkeyopt rsa_padding_mode:pkcs1)\","
        echo "    \"private\": \"$(printf %s $phone | openssl pkeyutl -sign -inkey "fake_rsa${bits}_pkcs1.pem" -pkeyopt rsa_padding_mode:pkcs1 | b64)\""
        echo "  },"
    done
    # Blocks that are none: RFC 8017 wants eight octets of padding at least, and a zero behind them.
    filled() { head -c "$1" /dev/zero | tr '\0' x; }
    raw() { openssl pkeyutl -encrypt -inkey fake_rsa1024_pkcs1.pem -pkeyopt rsa_padding_mode:none | b64; }
    echo "  \"bad_blocks\": ["
    echo "    \"$({ printf '\0\2'; filled 126; } | raw)\","
    echo "    \"$({ printf '\0\2'; filled 7; printf '\0'; filled 118; } | raw)\","
    echo "    \"$({ printf '\0\1'; filled 8; printf '\0'; filled 117; } | raw)\","
    echo "    \"$({ printf '\1\2'; filled 8; printf '\0'; filled 117; } | raw)\""
    echo "  ],"
    echo "  \"phone\": \"$phone\","
    echo "  \"noise\": \"$noise\""
    echo '}'
} >ciphertexts.json
