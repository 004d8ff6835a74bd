<?php

declare(strict_types=1);

namespace WhmcsStandIn\Web;

use WHMCS\Database\Capsule;
use WHMCS\Input\Sanitize;
use WhmcsStandIn\Failure;
use WhmcsStandIn\Installation;
use WhmcsStandIn\Outcome;
use WhmcsStandIn\ReturnRules;

/** The admin's e-mail templates: the list, and the editor with the merge fields modules add. */
final class EmailTemplates
{
    /** @return list<object> of the default language, each with the languages it has besides */
    public static function list(): array
    {
        $rows = Capsule::table('tblemailtemplates')->orderBy('type')->orderBy('name')->get();
        $languages = $rows->where('language', '!=', '')->groupBy('name');
        return $rows->where('language', '')->map(static fn (object $row): object => (object) ((array) $row + [
            'languages' => implode(', ', isset($languages[$row->name]) ? $languages[$row->name]->pluck('language')->all() : []),
        ]))->values()->all();
    }

    /** @return list<object> one template in its languages, the default one first */
    public static function find(int $id): array
    {
        $row = Capsule::table('tblemailtemplates')->find($id) ?? throw new Failure("There is no e-mail template $id.");
        return Capsule::table('tblemailtemplates')->where('name', $row->name)->where('type', $row->type)->orderBy('language')->get()->all();
    }

    /** @return array<string, string> merge field => label, as the editor of a type lists them */
    public static function mergeFields(string $type): array
    {
        $fields = [];
        foreach (run_hook('EmailTplMergeFields', ['type' => $type]) as $more) {
            if (!is_array($more) || array_filter($more, 'is_string') !== $more || array_filter(array_keys($more), 'is_string') !== array_keys($more)) {
                Installation::current()->report((new Outcome(null, true, []))->with('hook', 'Hook EmailTplMergeFields', 'returned ' . ReturnRules::type($more) . ' where field => label is expected'));
                continue;
            }
            $fields += $more;
        }
        return $fields;
    }

    /** @param array<mixed> $posted subject and message by id */
    public static function save(array $posted): void
    {
        foreach ((array) ($posted['subject'] ?? []) as $id => $subject) {
            $message = Sanitize::decode((string) ($posted['message'][$id] ?? ''));
            Capsule::table('tblemailtemplates')->where('id', (int) $id)->update(['subject' => Sanitize::decode((string) $subject), 'message' => $message, 'updated_at' => date('Y-m-d H:i:s')]);
        }
    }
}
