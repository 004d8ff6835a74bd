<?php

declare(strict_types=1);

namespace WhmcsStandIn;

/** How a process wants its WHMCS: where modules are, which dialect of $params, what is tolerated. */
final class Options
{
    /** Dates of old WHMCS rows are 0000-00-00, so NO_ZERO_DATE is the one strict mode left out. */
    public const STRICT_SQL = 'STRICT_TRANS_TABLES,ERROR_FOR_DIVISION_BY_ZERO,NO_ENGINE_SUBSTITUTION';

    /** Variants of $params seen in the wild; see Params. */
    public const VARIANTS = [
        'serverport-empty' => 'serverport is an empty string, as when the port was not overridden',
        'serversecure-on' => "serversecure is 'on' or '' (default: true or false)",
        'no-clientarea-password' => 'ClientArea gets no server password',
        'no-suspendreason' => 'SuspendAccount gets no suspendreason',
        'no-action' => 'the key action is missing',
        'no-server' => 'the service has no server: server false, serverid 0, no other server key',
        'string-ids' => 'ids are numeric strings',
        'entities' => 'text is HTML-entity encoded, as WHMCS stores what people type',
        'extra-keys' => 'keys that no documentation knows are added',
    ];

    public readonly string $modules;

    /** @param list<string> $variants */
    public function __construct(
        string $modules = '',
        public readonly bool $copyModules = false,
        public array $variants = [],
        public readonly string $timezone = 'UTC',
        public readonly string $sqlMode = self::STRICT_SQL,
        public readonly string $now = '',
        public readonly string $sqlNow = '',
    ) {
        // Absolute, since scripts of modules change the current directory.
        $this->modules = $modules === '' ? '' : implode(':', array_map(Home::absolute(...), array_filter(explode(':', $modules))));
        foreach ($variants as $variant) {
            if (!isset(self::VARIANTS[$variant])) {
                throw new Failure("There is no variant '$variant': choose from " . implode(', ', array_keys(self::VARIANTS)) . '.');
            }
        }
    }

    public static function fromEnvironment(array $given = []): self
    {
        return new self(
            modules: $given['modules'] ?? (getenv('WHMCS_MODULES') ?: ''),
            copyModules: (bool) ($given['copyModules'] ?? getenv('WHMCS_COPY_MODULES')),
            variants: $given['variants'] ?? array_values(array_filter(explode(',', (string) getenv('WHMCS_VARIANTS')))),
            timezone: $given['timezone'] ?? (getenv('WHMCS_TIMEZONE') ?: 'UTC'),
            sqlMode: $given['sqlMode'] ?? (getenv('WHMCS_SQL_MODE') !== false ? (string) getenv('WHMCS_SQL_MODE') : self::STRICT_SQL),
            now: $given['now'] ?? (string) getenv('WHMCS_NOW'),
            sqlNow: $given['sqlNow'] ?? (string) getenv('WHMCS_SQL_NOW'),
        );
    }
}
