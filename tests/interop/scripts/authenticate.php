<?php
// Answers a Welcome as the exchange's own PHP clients did: by ./sign_secp224k1 in the working directory.
// Standard input: {"user_id": …, "cookie": …, "passphrase": …, "server_nonce": …}. Standard output: the message.

declare(strict_types=1);

function sign(string $private_key, string $digest): array
{
    $process = proc_open('./sign_secp224k1', [['pipe', 'r'], ['pipe', 'w'], STDERR], $pipes);
    if ($process === false) {
        exit(3);
    }
    fwrite($pipes[0], $private_key);
    fwrite($pipes[0], $digest);
    fclose($pipes[0]);
    $r = fread($pipes[1], 28);
    $s = fread($pipes[1], 28);
    fclose($pipes[1]);
    $status = proc_close($process);
    if ($status !== 0 || strlen($r) !== 28 || strlen($s) !== 28) {
        fwrite(STDERR, "sign_secp224k1: status $status\n");
        exit(4);
    }
    return [$r, $s];
}

$login = json_decode(stream_get_contents(STDIN), true, 4, JSON_THROW_ON_ERROR);
$user_id = pack('J', $login['user_id']);
$client_nonce = random_bytes(16);
$private_key = hash('sha224', $user_id . $login['passphrase'], true);
$signed = $user_id . base64_decode($login['server_nonce'], true) . $client_nonce;

echo json_encode([
    'method' => 'Authenticate',
    'user_id' => $login['user_id'],
    'cookie' => $login['cookie'],
    'nonce' => base64_encode($client_nonce),
    'signature' => array_map('base64_encode', sign($private_key, hash('sha224', $signed, true))),
], JSON_THROW_ON_ERROR | JSON_UNESCAPED_SLASHES), "\n";
