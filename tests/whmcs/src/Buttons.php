<?php

declare(strict_types=1);

namespace WhmcsStandIn;

/** Button arrays and allow-lists of a module, per side. */
final class Buttons
{
    private const LISTS = ['admin' => ['AdminCustomButtonArray'], 'client' => ['ClientAreaCustomButtonArray', 'ClientAreaAllowedFunctions']];

    public function __construct(private readonly Module $module)
    {
    }

    /** @return list<string> function names this side may call */
    public function allowed(string $side, array $params): array
    {
        $names = [];
        foreach (self::LISTS[$side] ?? throw new Failure("There is no side '$side': admin or client.") as $list) {
            $names = [...$names, ...array_values($this->read($list, $params))];
        }
        return $names;
    }

    /** @return array<string, string> label => function, of the buttons shown */
    public function shown(string $side, array $params): array
    {
        return $this->read(self::LISTS[$side][0], $params);
    }

    /** @return array<string, string> */
    private function read(string $list, array $params): array
    {
        if (!$this->module->has($list)) {
            return [];
        }
        $outcome = $this->module->call($list, [['action' => $list] + $params]);
        return $outcome->clean() && is_array($outcome->value) ? $outcome->value : [];
    }
}
