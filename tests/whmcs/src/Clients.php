<?php

declare(strict_types=1);

namespace WhmcsStandIn;

use WHMCS\Database\Capsule;

/** The API commands GetClients and UpdateClient. */
final class Clients
{
    private const FIELDS = [
        'firstname' => 'firstname', 'lastname' => 'lastname', 'companyname' => 'companyname', 'email' => 'email', 'address1' => 'address1', 'address2' => 'address2', 'city' => 'city', 'state' => 'state',
        'postcode' => 'postcode', 'country' => 'country', 'phonenumber' => 'phonenumber', 'tax_id' => 'tax_id', 'currency' => 'currency', 'groupid' => 'groupid', 'language' => 'language', 'notes' => 'notes',
        'status' => 'status', 'paymentmethod' => 'defaultgateway', 'marketingoptin' => 'marketing_emails_opt_in',
    ];

    public function __construct(private readonly Installation $installation)
    {
    }

    /** @return array<string, mixed> */
    public function find(array $values): array
    {
        $query = Capsule::table('tblclients');
        ($values['status'] ?? '') === '' || $query->where('status', $values['status']);
        if (($values['search'] ?? '') !== '') {
            $begins = addcslashes((string) $values['search'], '%_\\') . '%';
            $query->where(static function ($any) use ($begins): void {
                foreach (['email', 'firstname', 'lastname', 'companyname'] as $column) {
                    $any->orWhere($column, 'LIKE', $begins);
                }
                $any->orWhereRaw("CONCAT(firstname, ' ', lastname) LIKE ?", [$begins]);
            });
        }
        $total = $query->count();
        $start = (int) ($values['limitstart'] ?? 0);
        $direction = strtoupper((string) ($values['sorting'] ?? '')) === 'DESC' ? 'desc' : 'asc';
        $first = in_array($values['orderby'] ?? '', ['id', 'firstname', 'lastname', 'companyname', 'email', 'groupid', 'datecreated', 'status'], true) ? $values['orderby'] : 'lastname';
        $rows = $query->orderBy($first, $direction)->orderBy('firstname', $direction)->orderBy('id', $direction)->offset($start)->limit((int) ($values['limitnum'] ?? 25) ?: 25)
            ->get(['id', 'firstname', 'lastname', 'companyname', 'email', 'datecreated', 'groupid', 'status']);
        return ['totalresults' => $total, 'startnumber' => $start, 'numreturned' => $rows->count(), 'clients' => ['client' => $rows->map(static fn (object $row): array => (array) $row)->all()]];
    }

    /** @return array<string, mixed>|string the error text */
    public function update(array $values): array|string
    {
        $id = (int) ($values['clientid'] ?? Capsule::table('tblclients')->where('email', (string) ($values['clientemail'] ?? ''))->value('id'));
        if (Capsule::table('tblclients')->find($id) === null) {
            return 'Client ID Not Found';
        }
        if (isset($values['email']) && Capsule::table('tblclients')->where('email', $values['email'])->where('id', '!=', $id)->exists()) {
            return 'Duplicate Email Address';
        }
        $changes = [];
        foreach (self::FIELDS as $parameter => $column) {
            isset($values[$parameter]) && $changes[$column] = is_bool($values[$parameter]) ? (int) $values[$parameter] : $values[$parameter];
        }
        $changes === [] || Capsule::table('tblclients')->where('id', $id)->update($changes);
        foreach ($this->customFields($values['customfields'] ?? '') as $field => $value) {
            Capsule::table('tblcustomfieldsvalues')->updateOrInsert(['fieldid' => (int) $field, 'relid' => $id], ['value' => (string) $value]);
        }
        // Also runs the hook ClientEdit.
        (new Fixtures($this->installation))->setClient($id, isset($values['password2']) ? ['password' => $values['password2']] : []);
        return ['clientid' => $id];
    }

    private function customFields(mixed $text): array
    {
        $value = is_string($text) && $text !== '' ? @unserialize((string) base64_decode($text, true), ['allowed_classes' => false]) : [];
        if (!is_array($value)) {
            Guard::complain('api', 'passed customfields to UpdateClient that are not base64 of a serialized array');
            return [];
        }
        return $value;
    }
}
