<?php

declare(strict_types=1);

namespace WhmcsStandIn;

/** The rows a fresh installation has before anybody adds a server or a product. */
final class FreshRows
{
    public const VERSION = '8.13.1-release.1';
    public const ADMIN = ['username' => 'admin', 'password' => 'admin'];

    /** Stock merge fields shown in the templates are those modules' documentation names. */
    private const TEMPLATES = [
        ['product', 'Other Product/Service Welcome Email', 'Your new service', '<p>Dear {$client_name},</p><p>{$service_product_name} is ready. Username: {$service_username}, password: {$service_password}, address: {$service_dedicated_ip}, server: {$service_server_hostname}.</p>{$signature}', 0],
        ['product', 'Service Suspension Notification', 'Service suspended', '<p>Dear {$client_name},</p><p>{$service_product_name} was suspended. Reason: {$service_suspension_reason}</p>{$signature}', 0],
        ['product', 'Service Unsuspension Notification', 'Service unsuspended', '<p>Dear {$client_name},</p><p>{$service_product_name} works again.</p>{$signature}', 0],
        ['product', 'Upgrade Order Confirmation', 'Upgrade', '<p>Dear {$client_name},</p><p>{$service_product_name} was upgraded.</p>{$signature}', 0],
        ['general', 'Client Signup Email', 'Welcome', '<p>Dear {$client_name}, welcome to {$company_name}.</p>{$signature}', 0],
        ['admin', 'Automatic Setup Failed', 'Setup failed', '<p>{$service_id}: {$error_msg}</p>', 0],
    ];

    public function insert(\PDO $root): void
    {
        $this->rows($root, 'tblconfiguration', array_map(
            static fn (string $setting, string $value): array => ['setting' => $setting, 'value' => $value],
            array_keys(self::configuration()),
            self::configuration()
        ));
        $this->rows($root, 'tblcurrencies', [['code' => 'USD', 'prefix' => '$', 'suffix' => ' USD', 'format' => 1, 'rate' => 1, 'default' => 1]]);
        $this->rows($root, 'tbladmins', [[
            'uuid' => bin2hex(random_bytes(16)), 'username' => self::ADMIN['username'], 'password' => password_hash(self::ADMIN['password'], PASSWORD_BCRYPT, ['cost' => 4]),
            'firstname' => 'Stand-in', 'lastname' => 'Admin', 'email' => 'admin@example.test',
        ]]);
        $this->rows($root, 'tblproductgroups', [['name' => 'Products', 'disabledgateways' => '']]);
        $this->rows($root, 'tblpaymentgateways', [['gateway' => 'mailin', 'setting' => 'name', 'value' => 'Mail In Payment', 'order' => 1]]);
        foreach (self::TEMPLATES as [$type, $name, $subject, $message, $custom]) {
            $this->rows($root, 'tblemailtemplates', [['type' => $type, 'name' => $name, 'subject' => $subject, 'message' => $message, 'attachments' => '', 'custom' => $custom]]);
        }
    }

    /** @return array<string, string> */
    private static function configuration(): array
    {
        return [
            'Language' => 'english', 'SystemURL' => 'http://127.0.0.1/', 'CompanyName' => 'Example VPN', 'Email' => 'billing@example.test',
            'Version' => self::VERSION, 'Template' => 'twenty-one', 'Charset' => 'utf-8', 'DateFormat' => 'DD/MM/YYYY', 'ModuleHooks' => '',
            'ModuleDebugMode' => 'on', 'Signature' => '-- Example VPN', 'DailyCronExecutionHour' => '00', 'lastDailyCronInvocationTime' => '',
            'AllowLanguageChange' => 'on', 'UsageBillingInvoicing' => 'on', 'DisableSessionIPCheck' => 'on',
        ];
    }

    /** @param list<array<string, mixed>> $rows */
    private function rows(\PDO $root, string $table, array $rows): void
    {
        foreach ($rows as $row) {
            $columns = implode(', ', array_map(static fn (string $name): string => "`$name`", array_keys($row)));
            $marks = implode(', ', array_fill(0, count($row), '?'));
            $root->prepare("INSERT INTO $table ($columns) VALUES ($marks)")->execute(array_values($row));
        }
    }
}
