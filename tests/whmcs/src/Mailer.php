<?php

declare(strict_types=1);

namespace WhmcsStandIn;

use WHMCS\Database\Capsule;

/**
 * Sends nothing and records everything: resolves the recipient and stock merge fields by the
 * template's type, renders with Smarty, honours EmailPreSend and EmailPreLog.
 */
final class Mailer
{
    private const TYPES = ['general', 'product', 'domain', 'invoice', 'support', 'affiliate'];

    /** Stock mails that SendEmail refuses by documentation. */
    private const NOT_SENDABLE = ['Order Confirmation', 'Password Reset Validation', 'Password Reset Confirmation', 'Quote Delivery with PDF', 'Quote Accepted', 'Bounce Message', 'Affiliate Monthly Referrals Report'];

    private function __construct(public readonly bool $sent, public readonly string $error = '')
    {
    }

    /** @param array<string, mixed> $variables */
    public static function sendTemplate(string $name, int $relatedId, array $variables = []): self
    {
        $rows = Capsule::table('tblemailtemplates')->where('name', $name)->get();
        if ($rows->isEmpty() || in_array($name, self::NOT_SENDABLE, true)) {
            return new self(false, "Email Template not found: $name");
        }
        $template = $rows->firstWhere('language', '') ?? $rows->first();
        if ($template->disabled) {
            return new self(false, "Email Template is disabled: $name");
        }
        return self::send($template, $relatedId, $variables);
    }

    /** @param array<string, mixed> $variables */
    public static function sendCustom(string $type, string $subject, string $message, int $relatedId, array $variables): self
    {
        if (!in_array($type, self::TYPES, true)) {
            return new self(false, 'Invalid Custom Type');
        }
        return self::send((object) ['name' => '', 'type' => $type, 'subject' => $subject, 'message' => $message, 'attachments' => '', 'plaintext' => 0, 'copyto' => '', 'blind_copy_to' => ''], $relatedId, $variables);
    }

    private static function send(object $template, int $relatedId, array $variables): self
    {
        $stock = MergeFields::of($template->type, $relatedId);
        if ($stock === null) {
            return new self(false, "Sending Failed: no related $template->type has the id $relatedId.");
        }
        $clientId = (int) $stock['client_id'];
        $template = self::inLanguage($template, (string) Capsule::table('tblclients')->where('id', $clientId)->value('language'));
        $fields = $variables + $stock;
        $attachments = [];
        foreach (run_hook('EmailPreSend', ['messagename' => $template->name, 'relid' => $relatedId, 'mergefields' => $fields]) as $result) {
            if (!is_array($result)) {
                Installation::current()->report((new Outcome(null, true, []))->with('hook', 'Hook EmailPreSend', 'returned ' . ReturnRules::type($result) . ' where an array is expected'));
                continue;
            }
            if (!empty($result['abortsend'])) {
                return new self(false, 'Sending Failed: a hook aborted the e-mail.');
            }
            $attachments = [...$attachments, ...(array) ($result['attachments'] ?? [])];
            $fields = array_diff_key($result, ['attachments' => 0, 'abortsend' => 0]) + $fields;
        }
        try {
            $subject = trim(TemplateRenderer::mail($template->subject, $fields));
            $message = TemplateRenderer::mail($template->message, $fields);
        } catch (\SmartyException $error) {
            ActivityLog::add("Email template error in '$template->name': {$error->getMessage()}", $clientId);
            return new self(false, "Sending Failed: the message is empty after Smarty ({$error->getMessage()}).");
        }
        if (trim(strip_tags($message, '<img>')) === '') {
            return new self(false, 'Sending Failed: the message is empty after Smarty.');
        }
        self::store($template, $relatedId, $clientId, $stock['client_email'], $subject, $message, $fields, $attachments);
        return new self(true);
    }

    private static function inLanguage(object $template, string $language): object
    {
        if ($language === '' || $template->name === '') {
            return $template;
        }
        return Capsule::table('tblemailtemplates')->where('name', $template->name)->where('language', $language)->first() ?? $template;
    }

    private static function store(object $template, int $relatedId, int $clientId, string $to, string $subject, string $message, array $fields, array $attachments): void
    {
        $now = Installation::current()->now()->format('Y-m-d H:i:s');
        Capsule::table('standin_mails')->insert([
            'sent_at' => $now, 'template' => $template->name, 'type' => $template->type, 'relid' => $relatedId, 'userid' => $clientId, 'recipient' => $to, 'subject' => $subject,
            'message' => $message, 'mergefields' => (string) json_encode($fields, JSON_PARTIAL_OUTPUT_ON_ERROR | JSON_INVALID_UTF8_SUBSTITUTE),
            'attachments' => (string) json_encode($attachments, JSON_PARTIAL_OUTPUT_ON_ERROR | JSON_INVALID_UTF8_SUBSTITUTE),
        ]);
        $log = ['userid' => $clientId, 'date' => $now, 'to' => $to, 'cc' => '', 'bcc' => '', 'subject' => $subject, 'message' => $message, 'attachments' => ''];
        foreach (run_hook('EmailPreLog', ['attachments' => []] + $log) as $result) {
            if (is_array($result)) {
                if (!empty($result['abortLogging'])) {
                    return;
                }
                $log = array_intersect_key($result, $log) + $log;
            }
        }
        Capsule::table('tblemails')->insert(['failure_reason' => ''] + $log);
    }
}
