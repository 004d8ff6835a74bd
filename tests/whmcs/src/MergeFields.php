<?php

declare(strict_types=1);

namespace WhmcsStandIn;

use WHMCS\Database\Capsule;

/** Stock merge fields of an e-mail, resolved from the related id by the template's type. */
final class MergeFields
{
    /** @return array<string, mixed>|null null when the related row does not exist */
    public static function of(string $type, int $relatedId): ?array
    {
        $service = $type === 'product' ? Capsule::table('tblhosting')->find($relatedId) : null;
        $clientId = match ($type) {
            'product' => (int) ($service->userid ?? 0),
            'general', 'affiliate' => $relatedId,
            'invoice' => (int) Capsule::table('tblinvoices')->where('id', $relatedId)->value('userid'),
            default => 0,
        };
        $client = Capsule::table('tblclients')->find($clientId);
        if ($client === null) {
            return null;
        }
        return self::client($client) + self::company() + ($service === null ? [] : self::service($service));
    }

    /** @return array<string, mixed> */
    private static function client(object $row): array
    {
        return [
            'client_id' => $row->id, 'client_name' => trim("$row->firstname $row->lastname"), 'client_first_name' => $row->firstname, 'client_last_name' => $row->lastname,
            'client_company_name' => $row->companyname, 'client_email' => $row->email, 'client_language' => $row->language, 'client_status' => $row->status,
        ];
    }

    /** @return array<string, mixed> */
    private static function company(): array
    {
        $setting = static fn (string $name): string => (string) \WHMCS\Config\Setting::getValue($name);
        return ['company_name' => $setting('CompanyName'), 'whmcs_url' => $setting('SystemURL'), 'signature' => nl2br($setting('Signature')), 'date' => Dates::today(), 'time' => date('H:i')];
    }

    /** @return array<string, mixed> */
    private static function service(object $row): array
    {
        $product = Capsule::table('tblproducts')->find($row->packageid);
        $server = Capsule::table('tblservers')->find($row->server);
        $fields = [
            'service_id' => $row->id, 'service_order_id' => $row->orderid, 'service_reg_date' => fromMySQLDate($row->regdate), 'service_product_name' => $product->name ?? '',
            'service_product_description' => $product->description ?? '', 'service_domain' => $row->domain, 'service_username' => $row->username, 'service_password' => decrypt($row->password),
            'service_dedicated_ip' => $row->dedicatedip, 'service_assigned_ips' => nl2br($row->assignedips), 'service_status' => $row->domainstatus, 'service_suspension_reason' => $row->suspendreason,
            'service_billing_cycle' => $row->billingcycle, 'service_recurring_amount' => $row->amount, 'service_next_due_date' => fromMySQLDate((string) $row->nextduedate),
            'service_payment_method' => $row->paymentmethod, 'service_server_name' => $server->name ?? '', 'service_server_hostname' => $server->hostname ?? '', 'service_server_ip' => $server->ipaddress ?? '',
            'service_ns1' => $row->ns1, 'service_ns2' => $row->ns2,
        ];
        $custom = (new ServiceValues())->customFields('product', $row->packageid, $row->id);
        foreach ($custom as $name => $value) {
            $fields['service_custom_field_' . strtolower((string) preg_replace('/\W/', '', $name))] = $value;
        }
        $fields['service_custom_fields_by_name'] = $custom;
        return $fields;
    }
}
