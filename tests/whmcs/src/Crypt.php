<?php

declare(strict_types=1);

namespace WhmcsStandIn;

/** Salted and authenticated encryption: the same text gives another ciphertext each time, as in WHMCS. */
final class Crypt
{
    private const CIPHER = 'aes-256-cbc';

    public function __construct(private readonly string $key)
    {
    }

    public function encrypt(string $plain): string
    {
        $salt = random_bytes(16);
        $cipher = (string) openssl_encrypt($plain, self::CIPHER, $this->key, OPENSSL_RAW_DATA, $salt);
        return base64_encode($salt . $this->mac($salt . $cipher) . $cipher);
    }

    /** What was not encrypted by this key gives an empty string. */
    public function decrypt(string $text): string
    {
        $raw = (string) base64_decode($text, true);
        if (strlen($raw) < 48) {
            return '';
        }
        [$salt, $mac, $cipher] = [substr($raw, 0, 16), substr($raw, 16, 16), substr($raw, 32)];
        if (!hash_equals($this->mac($salt . $cipher), $mac)) {
            return '';
        }
        return (string) openssl_decrypt($cipher, self::CIPHER, $this->key, OPENSSL_RAW_DATA, $salt);
    }

    private function mac(string $data): string
    {
        return substr(hash_hmac('sha256', $data, $this->key, true), 0, 16);
    }
}
