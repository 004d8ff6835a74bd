<?php

declare(strict_types=1);

namespace WhmcsStandIn;

use WHMCS\Database\Capsule;

/** The array clientsdetails, in the shape of the `client` part of GetClientsDetails. */
final class ClientDetails
{
    private const COUNTRIES = ['US' => 'United States', 'GB' => 'United Kingdom', 'DE' => 'Germany', 'UA' => 'Ukraine', 'PL' => 'Poland', 'BR' => 'Brazil', 'FR' => 'France'];

    /** @return array<string, mixed> */
    public static function of(int $clientId): array
    {
        $row = Capsule::table('tblclients')->find($clientId);
        if ($row === null) {
            return [];
        }
        $owner = (int) Capsule::table('tblusers_clients')->where('client_id', $clientId)->where('owner', 1)->value('auth_user_id');
        $currency = Money::currency($clientId);
        $phone = $row->phonenumber;
        $prefix = preg_match('/^\+(\d+)\./', $phone, $match) ? $match[1] : '';
        $details = [
            'userid' => $row->id, 'client_id' => $row->id, 'id' => $row->id, 'owner_user_id' => $owner, 'uuid' => $row->uuid,
            'firstname' => $row->firstname, 'lastname' => $row->lastname, 'fullname' => trim("$row->firstname $row->lastname"), 'companyname' => $row->companyname,
            'email' => $row->email, 'address1' => $row->address1, 'address2' => $row->address2, 'city' => $row->city, 'fullstate' => $row->state, 'state' => $row->state,
            'postcode' => $row->postcode, 'countrycode' => $row->country, 'country' => $row->country, 'phonenumber' => preg_replace('/\D/', '', $phone), 'tax_id' => $row->tax_id,
            'email_preferences' => (array) json_decode((string) $row->email_preferences, true), 'statecode' => $row->state, 'countryname' => self::COUNTRIES[$row->country] ?? $row->country,
            'phonecc' => $prefix, 'phonenumberformatted' => $phone, 'telephoneNumber' => $phone, 'billingcid' => $row->billingcid, 'notes' => $row->notes,
            'currency' => $row->currency, 'currency_code' => $currency['code'] ?? '', 'defaultgateway' => $row->defaultgateway, 'cctype' => '', 'cclastfour' => '', 'gatewayid' => '',
            'groupid' => $row->groupid, 'status' => $row->status, 'credit' => $row->credit, 'taxexempt' => (bool) $row->taxexempt, 'latefeeoveride' => (bool) $row->latefeeoveride,
            'overideduenotices' => (bool) $row->overideduenotices, 'separateinvoices' => (bool) $row->separateinvoices, 'disableautocc' => (bool) $row->disableautocc,
            'emailoptout' => (bool) $row->emailoptout, 'marketing_emails_opt_in' => (bool) $row->marketing_emails_opt_in, 'overrideautoclose' => (bool) $row->overrideautoclose,
            'allowSingleSignOn' => $row->allow_sso, 'email_verified' => (bool) $row->email_verified, 'language' => $row->language,
            'isOptedInToMarketingEmails' => (bool) $row->marketing_emails_opt_in, 'lastlogin' => $row->lastlogin ?? '',
        ];
        return $details + self::customFields($clientId);
    }

    /** @return array<string, mixed> customfields1.. and the list customfields */
    private static function customFields(int $clientId): array
    {
        $fields = Capsule::table('tblcustomfields')->where('type', 'client')->orderBy('sortorder')->orderBy('id')->get();
        $list = [];
        $numbered = [];
        foreach ($fields as $index => $field) {
            $value = (string) Capsule::table('tblcustomfieldsvalues')->where('fieldid', $field->id)->where('relid', $clientId)->value('value');
            $list[] = ['id' => $field->id, 'value' => $value];
            $numbered['customfields' . ($index + 1)] = $value;
        }
        return $numbered + ['customfields' => $list];
    }
}
