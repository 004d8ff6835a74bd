<?php

declare(strict_types=1);

namespace WhmcsStandIn;

use WHMCS\Database\Capsule;

/** The Server Sync tool: what a server's module lists, beside what this WHMCS has on that server. */
final class ServerSync
{
    private const META = ['ListAccountsProductField', 'ListAccountsUniqueIdentifierDisplayName', 'ListAccountsUniqueIdentifierField'];

    public function __construct(private readonly Installation $installation)
    {
    }

    /**
     * `matched` pairs an account with the service of the same identifier, `unknown` are accounts without one,
     * `missing` services without an account.
     *
     * @return array{error: ?string, matched: list<array<string, mixed>>, unknown: list<array<string, string>>, missing: list<int>}
     */
    public function compare(int $serverId): array
    {
        $server = Capsule::table('tblservers')->find($serverId) ?? throw new Failure("There is no server $serverId.");
        $module = $this->installation->modules->get($server->type);
        $meta = $module->metaData();
        foreach (self::META as $key) {
            if (!is_string($meta[$key] ?? null) || $meta[$key] === '') {
                throw new Failure("Server Sync needs the key $key in MetaData of the module {$module->name}.");
            }
        }
        if (!preg_match('/^configoption([1-9]|1\d|2[0-4])$/', $meta['ListAccountsProductField'])) {
            throw new Failure("The ListAccountsProductField '{$meta['ListAccountsProductField']}' names no module setting.");
        }
        $listed = $module->call('ListAccounts', [(new Params($this->installation))->forServer($serverId, 'ListAccounts')])->orThrow();
        if (!$listed['success']) {
            return ['error' => $listed['error'], 'matched' => [], 'unknown' => [], 'missing' => []];
        }
        return ['error' => null] + $this->match($serverId, $meta, $listed['accounts']);
    }

    /** @return array{matched: list<array<string, mixed>>, unknown: list<array<string, string>>, missing: list<int>} */
    private function match(int $serverId, array $meta, array $accounts): array
    {
        $field = $meta['ListAccountsUniqueIdentifierField'];
        if (!in_array($field, ['username', 'domain'], true)) {
            throw new Failure("This host matches by username or domain, not by $field.");
        }
        $rows = Capsule::table('tblhosting AS h')->join('tblproducts AS p', 'p.id', '=', 'h.packageid')->where('h.server', $serverId)
            ->whereIn('h.domainstatus', ['Active', 'Suspended'])->get(['h.id', "h.$field AS identifier", 'h.domainstatus', 'h.dedicatedip', "p.{$meta['ListAccountsProductField']} AS plan"])->keyBy('identifier');
        [$matched, $unknown] = [[], []];
        foreach ($accounts as $account) {
            $row = $rows->pull($account['uniqueIdentifier']);
            if ($row === null) {
                $unknown[] = $account;
                continue;
            }
            $matched[] = ['service' => (int) $row->id, 'account' => $account, 'same_status' => $account['status'] === $row->domainstatus, 'same_plan' => $row->plan === '' || $account['product'] === $row->plan];
        }
        return ['matched' => $matched, 'unknown' => $unknown, 'missing' => $rows->pluck('id')->map(static fn (mixed $id): int => (int) $id)->values()->all()];
    }
}
