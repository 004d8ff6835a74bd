<?php

declare(strict_types=1);

namespace MikrotikVpn\Bench;

use MikrotikVpn\Tests\Router;
use WHMCS\Database\Capsule;

/** What modules without a collection do: one request and one UPDATE for every account. */
final class NaiveLoop
{
    private int $next = 1;

    public function __construct(private readonly Site $site)
    {
    }

    /** Takes the next `$count` accounts. */
    public function run(int $count): void
    {
        $pdo = Capsule::connection()->getPdo();
        $update = $pdo->prepare('UPDATE tblhosting SET bwusage = ?, lastupdate = NOW() WHERE id = ?');
        $base = "https://127.0.0.1:{$this->site->router->port()}/rest/queue/simple?name=account";
        for ($done = 0; $done < $count; $done++) {
            $id = $this->next;
            $this->next = $id % $this->site->accounts + 1;
            $curl = curl_init($base . $id);
            curl_setopt_array($curl, [
                CURLOPT_RETURNTRANSFER => true,
                CURLOPT_SSL_VERIFYPEER => false,
                CURLOPT_SSL_VERIFYHOST => 0,
                CURLOPT_USERPWD => Router::USERNAME . ':' . Router::PASSWORD,
            ]);
            $rows = json_decode((string) curl_exec($curl), true);
            curl_close($curl);
            [$upload, $download] = explode('/', $rows[0]['bytes'] ?? throw new \RuntimeException("There is no queue account$id."));
            $update->execute([intdiv((int) $upload + (int) $download, 1 << 20), $id]);
        }
    }
}
